import type { Batch } from '../../batch/batch.ts'
import { shownNanos, shownSeconds } from '../../batch/line-time.ts'

const nanosPerSecond = 1_000_000_000

/**
 * The time that line `i` has in Loki: its own, plus its ordinal in nanoseconds. So every line of a stream has a time of its own, the same at every
 * repeat: Loki drops repeats by itself, and keeps two equal lines of one second (Podman's times are whole seconds).
 */
export function entrySeconds(batch: Batch, i: number): number {
  const nanos = shownNanos(batch, i) + batch.columns.ordinal[i]!
  // What is before 1970 is refused as too old in any case.
  return Math.max(0, shownSeconds(batch, i) + Math.floor(nanos / nanosPerSecond))
}

export function entryNanos(batch: Batch, i: number): number {
  return (shownNanos(batch, i) + batch.columns.ordinal[i]!) % nanosPerSecond
}
