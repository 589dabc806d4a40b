import { BackOff } from '../lib/back-off.ts'

/** A destination that asks for more patience than this gets this much: timers do not reach beyond 24 days, nor does anybody's. */
export const maxAfterMs = 3_600_000
/** Failures in a row after which the breaker is open. */
const openAfterFailures = 3

/**
 * `closed`: sends go out as they come. `open`: the destination has failed several times in a row, and nothing is sent until the back-off is over.
 * `half_open`: one request is on its way to see whether it works again.
 */
export type Breaker = 'closed' | 'half_open' | 'open'

/** What a lane's sends have come to: whether some must be repeated, and when. Without end: a passing trouble passes. */
export class Retries {
  readonly #backOff = new BackOff({ firstMs: 250, maxMs: 15_000 })
  /** Requests whose last send failed. */
  #requests = 0
  #atMs = 0
  #isCounted = false
  /** Why the last send that failed did; undefined: nothing has to be repeated. */
  trouble: string | undefined

  /** While there are any, one request is sent at a time, the earliest, so that those after it do not overtake it. */
  get areDue(): boolean {
    return this.#requests > 0
  }

  /** Milliseconds until the next send. */
  get waitMs(): number {
    return this.#requests === 0 ? 0 : Math.max(0, this.#atMs - performance.now())
  }

  breaker(sending: number): Breaker {
    if (this.#backOff.failures < openAfterFailures) return 'closed'
    return sending > 0 ? 'half_open' : 'open'
  }

  /** A send begins. */
  begin(): void {
    this.#isCounted = false
  }

  /** A send has failed. Sends that were on their way together and fail together are one failure of the destination. */
  fail(reason: string, afterMs: number): void {
    const delayMs = this.#isCounted ? 0 : this.#backOff.next()
    this.#isCounted = true
    this.#atMs = Math.max(this.#atMs, performance.now() + Math.max(delayMs, Math.min(afterMs, maxAfterMs)))
    this.trouble = reason
  }

  /** A request has to be sent again that had not before. */
  add(): void {
    this.#requests += 1
  }

  /** A request that had to be sent again has been settled. */
  remove(): void {
    this.#requests -= 1
    if (this.#requests > 0) return
    this.trouble = undefined
    this.#backOff.reset()
  }

  /** The destination is another one: what the last one asked for does not count. */
  reset(): void {
    this.#atMs = 0
  }
}
