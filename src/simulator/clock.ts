export interface EngineClockOptions {
  /** The wall-clock at `elapsedMs() === 0`. */
  readonly start?: { readonly seconds: number; readonly nanos: number }
  /** Milliseconds, with a fraction, since the start; never goes back. */
  readonly elapsedMs?: () => number
}

/**
 * The engine's wall-clock. A reading lies in `seconds` and `nanos`, so that stamping a line allocates nothing. No two
 * readings are equal, as with a real engine (0 equal stamps in 200,000 lines), unless the clock is made coarse.
 */
export class EngineClock {
  seconds = 0
  nanos = 0
  #offsetSeconds: number
  readonly #offsetNanos: number
  readonly #elapsedMs: () => number
  #granularityNanos = 1

  constructor(options: EngineClockOptions = {}) {
    const { start, elapsedMs } = options
    if (elapsedMs) this.#elapsedMs = elapsedMs
    else {
      const openedAtMs = performance.now()
      this.#elapsedMs = () => performance.now() - openedAtMs
    }
    const nowMs = Date.now()
    this.#offsetSeconds = start?.seconds ?? Math.floor(nowMs / 1000)
    this.#offsetNanos = start?.nanos ?? (nowMs % 1000) * 1_000_000
    this.read()
  }

  /** Puts the current time into `seconds` and `nanos`. */
  read(): void {
    const elapsed = this.#elapsedMs()
    const elapsedSeconds = Math.floor(elapsed / 1000)
    let seconds = this.#offsetSeconds + elapsedSeconds
    let nanos = this.#offsetNanos + Math.floor((elapsed - elapsedSeconds * 1000) * 1e6)
    if (nanos >= 1e9) {
      seconds += 1
      nanos -= 1e9
    }
    const granularity = this.#granularityNanos
    if (granularity > 1) {
      nanos -= nanos % granularity
    } else if (seconds < this.seconds || (seconds === this.seconds && nanos <= this.nanos)) {
      seconds = this.seconds
      nanos = this.nanos + 1
      if (nanos === 1e9) {
        seconds += 1
        nanos = 0
      }
    }
    this.seconds = seconds
    this.nanos = nanos
  }

  now(): { readonly seconds: number; readonly nanos: number } {
    this.read()
    return { seconds: this.seconds, nanos: this.nanos }
  }

  /** Somebody sets the clock: forwards, or backwards with a negative number. */
  step(seconds: number): void {
    this.#offsetSeconds += seconds
    this.seconds = 0
    this.nanos = 0
  }

  /** From now on readings are multiples of `nanos` (at most a second): lines get equal stamps. 1 makes it fine again. */
  coarsen(nanos: number): void {
    this.#granularityNanos = nanos
    this.seconds = 0
    this.nanos = 0
  }
}
