import type { PlantedLeak } from '../probe/messages.ts'
import type { CriteriaFile } from '../../soak/read-criteria.ts'

export interface LabOptions {
  /** `log-capturer soak ...`, for the record. */
  readonly command: string
  readonly version: string
  readonly seed: number
  /** Cycles of work, or the time for them, whichever is over first; one of them is given. */
  readonly cycles: number | undefined
  readonly seconds: number | undefined
  /** Container runs in a cycle. */
  readonly operations: number
  /** Containers at a time. */
  readonly containers: number
  readonly linesPerRun: number
  /** Undefined: what the lab asks of a collector. */
  readonly criteria: CriteriaFile | undefined
  readonly leaks: readonly PlantedLeak[]
}

/** What is told while it runs. */
export interface Progress {
  readonly cycle: number
  readonly cycles: number | undefined
  readonly secondsLeft: number | undefined
  readonly operations: number
  readonly linesWritten: number
  readonly linesDelivered: number | undefined
  readonly phase: 'work' | 'drain'
}
