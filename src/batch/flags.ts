/** Bits of the `flags` column. */
export const lineFlags = {
  /** Longer than the cap: the rest of the line was cut off. */
  truncated: 1,
  /** A transform took the line out: sinks pass over it, acknowledgements count it. */
  dropped: 2,
  /** Lines before this one on its stream may be missing: the engine no longer had them. */
  gapBefore: 4,
  /** The line has no line feed in the engine's log: the container's last words. */
  unterminated: 8,
} as const

/** The flags that a record shows, and the names it shows them by. */
export const visibleFlags: readonly (readonly [bit: number, name: string])[] = [
  [lineFlags.truncated, 'truncated'],
  [lineFlags.gapBefore, 'gap_before'],
]
