import type { Columns } from '../../batch/batch.ts'

const nanosPerSecond = 1_000_000_000

/**
 * The time that line `i` has in Loki: its own, plus its ordinal in nanoseconds. So every line of a stream has a time of its own, the same at every
 * repeat: Loki drops repeats by itself, and keeps two equal lines of one second (Podman's times are whole seconds).
 */
export function entrySeconds({ seconds, nanos, ordinal }: Columns, i: number): number {
  // What is before 1970 is refused as too old in any case.
  return Math.max(0, seconds[i]! + Math.floor((nanos[i]! + ordinal[i]!) / nanosPerSecond))
}

export function entryNanos({ nanos, ordinal }: Columns, i: number): number {
  return (nanos[i]! + ordinal[i]!) % nanosPerSecond
}
