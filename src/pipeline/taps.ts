import type { Batch } from '../batch/batch.ts'

/** Sees batches as they leave a component, at once and only during the call: whoever wants more copies it. Must not throw, nor change anything. */
export type Tap = (component: string, batch: Batch) => void

/**
 * Who looks at what leaves sources and transforms. Where nobody does, a batch costs one comparison for each component that it passes.
 */
export class Taps {
  /** Whether anybody looks at anything. */
  isIdle = true
  readonly #bySource = new Set<Tap>()
  readonly #byComponent = new Map<string, Set<Tap>>()

  /** Looks at one component, or, where none is named, at every source, those that come later included. The result ends it. */
  open(component: string | undefined, tap: Tap): Disposable {
    const taps = component === undefined ? this.#bySource : this.#of(component)
    taps.add(tap)
    this.isIdle = false
    return {
      [Symbol.dispose]: () => {
        taps.delete(tap)
        if (component !== undefined && taps.size === 0) this.#byComponent.delete(component)
        this.isIdle = this.#bySource.size === 0 && this.#byComponent.size === 0
      },
    }
  }

  offer(component: string, kind: 'source' | 'transform', batch: Batch): void {
    if (kind === 'source') for (const tap of this.#bySource) tap(component, batch)
    for (const tap of this.#byComponent.get(component) ?? []) tap(component, batch)
  }

  #of(component: string): Set<Tap> {
    const known = this.#byComponent.get(component)
    if (known) return known
    const taps = new Set<Tap>()
    this.#byComponent.set(component, taps)
    return taps
  }
}
