import { sleep } from './wait.ts'

export interface BackOffOptions {
  readonly firstMs: number
  readonly maxMs: number
  /** Uniform in [0, 1); passed in by tests. */
  readonly random?: () => number
}

/**
 * Jittered exponential back-off without end: each wait is uniform between half and the whole of a delay that
 * doubles up to `maxMs`. Half is kept so that a wait is never zero; the other half keeps many waiters apart.
 */
export class BackOff {
  readonly #options: BackOffOptions
  #failures = 0

  constructor(options: BackOffOptions) {
    this.#options = options
  }

  get failures(): number {
    return this.#failures
  }

  /** The next delay in milliseconds; counts one more failure. */
  next(): number {
    const { firstMs, maxMs, random = Math.random } = this.#options
    const whole = Math.min(maxMs, firstMs * 2 ** Math.min(this.#failures, 30))
    this.#failures += 1
    return whole / 2 + (random() * whole) / 2
  }

  async wait(signal: AbortSignal): Promise<void> {
    await sleep(this.next(), signal)
  }

  /** Call after a success. */
  reset(): void {
    this.#failures = 0
  }
}
