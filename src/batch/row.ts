import type { Batch } from './batch.ts'
import type { Origin } from './origin.ts'

/** One line as an object: for tests and for people, never on the hot path. */
export interface Row {
  readonly seconds: number
  readonly nanos: number
  readonly ordinal: number
  readonly text: string
  readonly flags: number
  readonly origin: Origin
}

export function rowsOf(batch: Batch): Row[] {
  const { start, end, seconds, nanos, ordinal, origin, flags } = batch.columns
  return Array.from({ length: batch.count }, (_, i) => ({
    seconds: seconds[i]!,
    nanos: nanos[i]!,
    ordinal: ordinal[i]!,
    text: batch.bytes.toString('utf8', start[i], end[i]),
    flags: flags[i]!,
    origin: batch.origins[origin[i]!]!,
  }))
}
