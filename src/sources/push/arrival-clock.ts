/** Times of lines that come without one: no two are the same, so that no destination takes equal lines for one that was sent twice. */
export class ArrivalClock {
  seconds = 0
  nanos = 0
  readonly #nowMs: () => number

  constructor(nowMs: () => number = () => Date.now()) {
    this.#nowMs = nowMs
  }

  /** Moves on to now, or by a nanosecond where that is not later. */
  tick(): void {
    const nowMs = this.#nowMs()
    const seconds = Math.floor(nowMs / 1_000)
    const nanos = Math.floor((nowMs % 1_000) * 1e6)
    if (seconds > this.seconds || (seconds === this.seconds && nanos > this.nanos)) {
      this.seconds = seconds
      this.nanos = nanos
      return
    }
    this.nanos += 1
    if (this.nanos < 1e9) return
    this.nanos = 0
    this.seconds += 1
  }
}
