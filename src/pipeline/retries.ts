import { BackOff } from '../lib/back-off.ts'

/** A destination that asks for more patience than this gets this much: timers do not reach beyond 24 days, nor does anybody's. */
const maxAfterMs = 3_600_000

/** What a lane's sends have come to: whether some must be repeated, and when. Without end: a passing trouble passes. */
export class Retries {
  readonly #backOff = new BackOff({ firstMs: 250, maxMs: 30_000 })
  /** Batches whose last send failed. */
  #batches = 0
  #atMs = 0
  #isCounted = false
  /** Why the last send that failed did; undefined: nothing has to be repeated. */
  trouble: string | undefined

  /** While there are any, one batch is sent at a time, the earliest, so that those after it do not overtake it. */
  get areDue(): boolean {
    return this.#batches > 0
  }

  /** Milliseconds until the next send. */
  get waitMs(): number {
    return this.#batches === 0 ? 0 : Math.max(0, this.#atMs - performance.now())
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

  /** The destination is another now, perhaps: what has to be sent again is sent at once. */
  hurry(): void {
    this.#atMs = 0
    this.#backOff.reset()
  }

  /** A batch has to be sent again that had not before. */
  add(): void {
    this.#batches += 1
  }

  /** A batch that had to be sent again has been settled. */
  remove(): void {
    this.#batches -= 1
    if (this.#batches > 0) return
    this.trouble = undefined
    this.#backOff.reset()
  }
}
