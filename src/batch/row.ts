import type { Batch } from './batch.ts'
import { type FieldValue, valuesOf } from './fields/values.ts'
import { hasOwnTime, shownNanos, shownSeconds } from './line-time.ts'
import type { Origin } from './origin.ts'

/** A line as an object: for tests and for people, never on the hot path. */
export interface Row {
  readonly seconds: number
  readonly nanos: number
  readonly ordinal: number
  readonly text: string
  readonly flags: number
  readonly origin: Origin
  /** The time that the line says itself; undefined: it goes by the engine's. */
  readonly ownTime?: { readonly seconds: number; readonly nanos: number }
  /** What transforms have found in it; undefined: nothing. */
  readonly fields?: Readonly<Record<string, FieldValue>>
}

export function rowsOf(batch: Batch): Row[] {
  const { start, end, seconds, nanos, ordinal, origin, flags } = batch.columns
  return Array.from({ length: batch.count }, (_, i) => {
    const fields = valuesOf(batch.fields, i)
    return {
      seconds: seconds[i]!,
      nanos: nanos[i]!,
      ordinal: ordinal[i]!,
      text: batch.bytes.toString('utf8', start[i], end[i]),
      flags: flags[i]!,
      origin: batch.origins[origin[i]!]!,
      ...(hasOwnTime(batch, i) ? { ownTime: { seconds: shownSeconds(batch, i), nanos: shownNanos(batch, i) } } : {}),
      ...(fields === undefined ? {} : { fields }),
    }
  })
}
