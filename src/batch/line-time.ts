import type { Batch } from './batch.ts'

/** The engine's time of a line in milliseconds since 1970, with fractions: what windows and rates are reckoned in. */
export function lineTimeMs({ columns }: Batch, row: number): number {
  return columns.seconds[row]! * 1000 + columns.nanos[row]! / 1e6
}

/** Whether the line says a time of its own, which a `timestamp` transform has read. */
export function hasOwnTime({ fields }: Batch, row: number): boolean {
  return fields?.times !== undefined && !Number.isNaN(fields.times.seconds[row])
}

/** The time that a line goes by at its destination: its own, or the engine's. Seconds since 1970. */
export function shownSeconds(batch: Batch, row: number): number {
  return hasOwnTime(batch, row) ? batch.fields!.times!.seconds[row]! : batch.columns.seconds[row]!
}

/** Nanoseconds within the second of `shownSeconds`. */
export function shownNanos(batch: Batch, row: number): number {
  return hasOwnTime(batch, row) ? batch.fields!.times!.nanos[row]! : batch.columns.nanos[row]!
}
