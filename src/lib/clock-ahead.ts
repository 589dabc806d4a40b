interface AnswerTimes {
  /** The other side's `Date`, which has whole seconds; NaN: it sent none. */
  readonly dateMs: number
  /** By our own clock. */
  readonly sentAtMs: number
  readonly receivedAtMs: number
}

/**
 * By how many seconds another clock is ahead of ours: 0 unless the answer shows that it cannot be, else the most that it can be. An answer may be seconds on its
 * way, from an engine that starts or to a collector that is busy: a clock that is thought to be behind would make new lines of old ones.
 */
export function clockAhead({ dateMs, sentAtMs, receivedAtMs }: AnswerTimes): number {
  const least = dateMs - receivedAtMs
  const most = dateMs + 1_000 - sentAtMs
  return least > 0 || most < 0 ? most / 1_000 : 0
}
