/**
 * A place in a stream: a time, and how many lines of exactly that time lie before the place. Lines are counted
 * because times repeat: a coarse clock, a clock that was set, Podman's whole seconds.
 */
export interface Cursor {
  readonly seconds: number
  readonly nanos: number
  /** Lines already taken at this time, at least 0. */
  readonly count: number
  /** The same place in the container's log file, where it is read from there. */
  readonly place?: FilePlace
}

/** A place in a file, which keeps its inode when it is renamed. */
export interface FilePlace {
  readonly inode: number
  /** Bytes before the place. */
  readonly offset: number
}

/** Negative, zero or positive as the first place lies before, at or after the second. */
export function compareCursors(a: Cursor, b: Cursor): number {
  return a.seconds - b.seconds || a.nanos - b.nanos || a.count - b.count
}
