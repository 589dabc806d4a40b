import type { TallyCounts } from '../delivery/tally.ts'
import type { EngineReading } from '../engine/load-engine.ts'
import type { ProbeReading } from '../probe/messages.ts'
import type { ProcessReading } from '../proc/read-process.ts'
import type { Rest } from '../sample/rest.ts'
import type { Exposition } from '../prometheus/parse.ts'

/** What is read at the end of a cycle, with the load stopped. */
export interface CycleObservation {
  /** Since the beginning of the run. */
  readonly atSeconds: number
  /** Container runs up to here. */
  readonly operations: number
  readonly rest: Rest<ProcessReading>
  readonly probe: ProbeReading | undefined
  /** Memory with what is shared counted by its share; undefined: the kernel does not tell. */
  readonly proportionalBytes: number | undefined
  /** Of its threads, since they began. */
  readonly contextSwitches: number | undefined
  readonly engine: EngineReading
  /** Lines written and delivered up to here; undefined: nobody tells what is delivered. */
  readonly tally: TallyCounts | undefined
  /** Undefined: the program tells none. A failure: it should have. */
  readonly metrics: Exposition | { readonly failure: string } | undefined
}

/** A look at the program under load. */
export interface RawObservation {
  readonly atSeconds: number
  readonly descriptors: number
  readonly threads: number
  readonly residentBytes: number
}
