/** A sink that takes lines is given so long to take what came at once: a catch-up of some million lines. */
const takingMs = 5_000
/** One that takes nothing is waited for so long. */
const idleMs = 1_000

/**
 * How long sources wait for a sink before lines go to disk. The disk is for a sink that cannot keep up: what it can take a moment later is cheaper where it is, in the log
 * that it is read from (the way over the disk adds half of the cost of a line). Neither time is long enough for a log to be rotated away under a reader.
 */
export class SpillDelay implements Disposable {
  readonly #onOver: () => void
  #fullAtMs: number | undefined
  #takenAtMs = 0
  #timer: NodeJS.Timeout | undefined

  /** @param onOver called when the delay ends, not where it is called off */
  constructor(onOver: () => void) {
    this.#onOver = onOver
  }

  /** Whether lines may go to disk. */
  get isOver(): boolean {
    return this.#fullAtMs !== undefined && performance.now() >= this.#endsAtMs(this.#fullAtMs)
  }

  /** Memory is full. */
  begin(): void {
    if (this.#fullAtMs !== undefined) return
    this.#fullAtMs = performance.now()
    this.#wait()
  }

  /** The sink has taken something. */
  taken(): void {
    this.#takenAtMs = performance.now()
  }

  /** There is room again, or lines go to disk already. */
  end(): void {
    this.#fullAtMs = undefined
    clearTimeout(this.#timer)
  }

  [Symbol.dispose](): void {
    this.end()
  }

  #endsAtMs(fullAtMs: number): number {
    return Math.min(fullAtMs + takingMs, Math.max(fullAtMs, this.#takenAtMs) + idleMs)
  }

  #wait(): void {
    clearTimeout(this.#timer)
    if (this.#fullAtMs === undefined) return
    const waitMs = this.#endsAtMs(this.#fullAtMs) - performance.now()
    if (waitMs <= 0) this.#onOver()
    // A timer may be some part of a millisecond early.
    else this.#timer = setTimeout(() => this.#wait(), Math.ceil(waitMs))
  }
}
