import { type Deferred, deferred } from '../lib/wait.ts'

interface Delivery {
  /** Sinks that have not acknowledged. */
  readonly missing: Set<string>
  readonly done: Deferred<void>
}

/** Batches of which somebody waits to hear that every sink has them, by the number of their emission. */
export class Deliveries {
  readonly #open = new Map<number, Delivery>()

  /** Waits for these sinks. @returns those that have not acknowledged when `signal` aborts; none: all have */
  async expect(emission: number, sinks: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const delivery: Delivery = { missing: new Set(sinks), done: deferred() }
    if (sinks.length === 0) return []
    const onAbort = () => delivery.done.resolve()
    this.#open.set(emission, delivery)
    signal.addEventListener('abort', onAbort, { once: true })
    if (!signal.aborted) await delivery.done.promise
    signal.removeEventListener('abort', onAbort)
    this.#open.delete(emission)
    return [...delivery.missing]
  }

  acknowledge(emission: number, sink: string): void {
    const delivery = this.#open.get(emission)
    if (delivery === undefined) return
    delivery.missing.delete(sink)
    if (delivery.missing.size === 0) delivery.done.resolve()
  }
}
