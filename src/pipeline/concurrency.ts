/** Latency up to this multiple of the best, and so much more, counts as unchanged. */
const holdFactor = 2
const holdMs = 20
/** Beyond this multiple of the best, and so much more, the destination is being overrun. */
const overrunFactor = 4
const overrunMs = 100
/** The best latency is forgotten by so much with each request, so that it follows a destination that has become slower for good. */
const forgetting = 1.01

/**
 * How many requests may be on their way: one more a round while latency holds, one less while it climbs, half after a failure. A request
 * that began before the last halving says nothing new.
 */
export class Concurrency {
  readonly #max: number
  #limit = 1
  #bestMs = Infinity
  #halvedAtMs = -Infinity

  constructor(max: number) {
    this.#max = max
  }

  get limit(): number {
    return Math.floor(this.#limit)
  }

  /** A request was answered after `latencyMs`; `isBinding`: more would have been sent at a time, had the limit let them. */
  answered({ latencyMs, isBinding }: { readonly latencyMs: number; readonly isBinding: boolean }): void {
    this.#bestMs = Math.min(this.#bestMs * forgetting, latencyMs)
    if (latencyMs > this.#bestMs * overrunFactor + overrunMs) this.#limit = Math.max(1, this.#limit - 1 / this.#limit)
    else if (isBinding && latencyMs <= this.#bestMs * holdFactor + holdMs)
      this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit)
  }

  /** A request that began at `startedAtMs` has failed. */
  failed(startedAtMs: number): void {
    if (startedAtMs < this.#halvedAtMs) return
    this.#halvedAtMs = performance.now()
    this.#limit = Math.max(1, this.#limit / 2)
  }
}
