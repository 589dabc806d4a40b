/** At most `permits` holders at a time, served in the order they asked. */
export class Semaphore {
  #free: number
  readonly #waiting: { grant: () => void }[] = []

  constructor(permits: number) {
    this.#free = permits
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Resolves to a permit; dispose of it (any number of times) to give it back. Rejects when `signal` aborts first. */
  async acquire(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted()
    if (this.#free > 0) this.#free -= 1
    else await this.#queue(signal)
    return this.#permit()
  }

  /** A permit if one is free now. */
  tryAcquire(): Disposable | undefined {
    if (this.#free === 0) return undefined
    this.#free -= 1
    return this.#permit()
  }

  #permit(): Disposable {
    let isHeld = true
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return
        isHeld = false
        this.#release()
      },
    }
  }

  #queue(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = {
        grant: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(waiter)
    })
  }

  #release(): void {
    const next = this.#waiting.shift()
    if (next) next.grant()
    else this.#free += 1
  }
}
