/** In nanoseconds. */
export const millisecond = 1_000_000n

/** From a time on and before another, in nanoseconds since 1970. */
export interface Span {
  readonly from: bigint
  readonly to: bigint
}
