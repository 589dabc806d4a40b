import type { Batch } from './batch.ts'

/** The time of a line in milliseconds since 1970, with fractions. */
export function lineTimeMs({ columns }: Batch, row: number): number {
  return columns.seconds[row]! * 1000 + columns.nanos[row]! / 1e6
}
