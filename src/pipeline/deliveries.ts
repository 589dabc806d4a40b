import { type Deferred, deferred } from '../lib/wait.ts'

/** A batch of which somebody waits to hear that every sink has it, with what joiners passed on behind it. */
export interface Delivery {
  /** How many entries of the sinks' queues are acknowledged, by sink. */
  readonly acknowledged: Map<string, number>
  /** How many there are; not known while the batch is passed on. */
  expected: ReadonlyMap<string, number> | undefined
  readonly done: Deferred<void>
}

/** Batches of which somebody waits to hear that every sink has them, by the number of their emission. */
export class Deliveries {
  readonly #open = new Map<number, Delivery>()

  /** To be called before: what is dropped on its way may be acknowledged while the batch is passed on. */
  begin(emissions: readonly number[]): Delivery {
    const delivery: Delivery = { acknowledged: new Map(), expected: undefined, done: deferred() }
    for (const emission of emissions) this.#open.set(emission, delivery)
    return delivery
  }

  acknowledge(emission: number, sink: string): void {
    const delivery = this.#open.get(emission)
    if (delivery === undefined) return
    delivery.acknowledged.set(sink, (delivery.acknowledged.get(sink) ?? 0) + 1)
    if (missingOf(delivery).length === 0) delivery.done.resolve()
  }

  /** Waits until each sink has so many entries acknowledged. @returns those that have not when `signal` aborts; none: all have */
  async wait(
    delivery: Delivery,
    expected: ReadonlyMap<string, number>,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    delivery.expected = expected
    const onAbort = () => delivery.done.resolve()
    signal.addEventListener('abort', onAbort, { once: true })
    if (!signal.aborted && missingOf(delivery).length > 0) await delivery.done.promise
    signal.removeEventListener('abort', onAbort)
    for (const [emission, one] of this.#open) if (one === delivery) this.#open.delete(emission)
    return missingOf(delivery)
  }
}

function missingOf({ acknowledged, expected }: Delivery): readonly string[] {
  // Nobody knows yet how many there are.
  if (expected === undefined) return ['']
  return [...expected].filter(([sink, count]) => (acknowledged.get(sink) ?? 0) < count).map(([sink]) => sink)
}
