import type { LineShape } from './lines.ts'
import type { Scene } from './scene.ts'

/** One kind of fault. */
export interface Row {
  /** For `--row`, and in the table. */
  readonly name: string
  /** What happens, in a few words. */
  readonly what: string
  readonly engine: 'real' | 'simulated'
  /** How long the lines are, where not 30 to 90 bytes of padding. */
  readonly padding?: Pick<LineShape, 'minPaddingBytes' | 'spreadBytes'>
  /** `live`: containers run on while the daemon is away. */
  readonly restore?: 'live'
  /**
   * The fault itself makes doubles: what was stored was never confirmed. Then none may be left once lines of the same stream, time and text
   * are one, as Loki has it.
   */
  readonly makesDoubles?: true
  /** Lines arrive after others that were written later, as they must. */
  readonly reorders?: true
  /** 1 GB of lines waits for the destination: the limit for the memory holds. */
  readonly hasBacklog?: true
  /** Of the collector at the end, where it is not 0. */
  readonly exitStatus?: 1
  /** Makes the fault; afterwards everything is as it should be again, and the scene waits for what is missing. */
  run(scene: Scene): Promise<void>
}

/** What one run of a row came to. */
export interface Result {
  readonly row: string
  readonly seed: number
  /** Different lines that were to arrive. */
  readonly lines: number
  readonly lost: number
  /** Arrivals of lines that had arrived. */
  readonly doubled: number
  /** Of those, what is left when lines of the same stream, time and text are one. */
  readonly doubledByOtherId: number
  readonly outOfOrder: number
  readonly altered: number
  /** The greatest resident size of the collector, in MB. */
  readonly peakMegabytes: number
  readonly exitStatus: number | null
  /** What else was measured. */
  readonly notes: string[]
}

export const maxMegabytes = 150

/** What is wrong with a result; empty: the row has met its goal. */
export function faultsOf(row: Row, result: Result): string[] {
  const { lost, altered, outOfOrder, doubled, doubledByOtherId, peakMegabytes, exitStatus } = result
  const faults: string[] = []
  if (lost > 0) faults.push(`${lost} lost`)
  if (altered > 0) faults.push(`${altered} altered`)
  if (outOfOrder > 0 && !row.reorders) faults.push(`${outOfOrder} out of order`)
  const counted = row.makesDoubles ? doubledByOtherId : doubled
  if (counted > 0) faults.push(`${counted} doubled`)
  if (row.hasBacklog && peakMegabytes >= maxMegabytes) faults.push(`${peakMegabytes} MB`)
  if (exitStatus !== (row.exitStatus ?? 0)) faults.push(`the collector ended with ${exitStatus ?? 'a signal'}`)
  return faults
}
