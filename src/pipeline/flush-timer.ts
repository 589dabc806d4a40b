/** Lines that had to wait for us have so long to arrive. */
const graceMs = 1_000
/** A timer that is so late says that this process was held up, and with it the lines. */
const lateMs = 250

export interface FlushTimerParts {
  /** By `performance.now()`; undefined: nothing is held. */
  readonly dueAtMs: () => number | undefined
  /** False while the queues behind are full, and nothing is read: what belongs to lines that are held may be there already. */
  readonly mayFlush: () => boolean
  readonly flush: (nowMs: number) => void
}

/** Calls for what is held when it is due. There is no timer while nothing is held, and one at a time otherwise. */
export class FlushTimer implements Disposable {
  readonly #parts: FlushTimerParts
  #timer: NodeJS.Timeout | undefined
  #firesAtMs = 0
  /** Nothing is called for before, however long it is due. */
  #notBeforeMs = 0
  #wasLate = false

  constructor(parts: FlushTimerParts) {
    this.#parts = parts
  }

  /** To be called when something may be held. */
  look(): void {
    const dueAtMs = this.#parts.dueAtMs()
    if (dueAtMs === undefined) return
    // More is held than may be.
    if (dueAtMs === Number.NEGATIVE_INFINITY) this.#parts.flush(performance.now())
    if (this.#timer === undefined) this.#arm(dueAtMs)
  }

  /** Lines were not read for a while: they are read from now on. */
  readsAgain(): void {
    this.#notBeforeMs = performance.now() + graceMs
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(atMs: number): void {
    const nowMs = performance.now()
    this.#firesAtMs = Math.max(nowMs, atMs)
    this.#timer = setTimeout(() => this.#fire(), Math.ceil(this.#firesAtMs - nowMs))
  }

  #fire(): void {
    this.#timer = undefined
    const nowMs = performance.now()
    const isLate = nowMs - this.#firesAtMs > lateMs
    // Late again and again: then it is the rule, and no reason to wait.
    if (!this.#parts.mayFlush() || (isLate && !this.#wasLate)) this.#notBeforeMs = nowMs + graceMs
    this.#wasLate = isLate
    if (nowMs < this.#notBeforeMs) {
      this.#arm(this.#notBeforeMs)
      return
    }
    this.#parts.flush(nowMs)
    const dueAtMs = this.#parts.dueAtMs()
    if (dueAtMs !== undefined) this.#arm(dueAtMs)
  }
}
