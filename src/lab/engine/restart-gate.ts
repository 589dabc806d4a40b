import { deferred } from '../../lib/wait.ts'

/** Requests go on side by side; a restart of the engine waits for them, and they for it: what is on its way when the daemon goes is lost. */
export class RestartGate {
  readonly #going = new Set<Promise<unknown>>()
  #open: Promise<void> | undefined

  /** Does it as soon as the engine is there. */
  async pass<T>(act: () => Promise<T>): Promise<T> {
    while (this.#open !== undefined) await this.#open
    const going = act()
    this.#going.add(going)
    try {
      return await going
    } finally {
      this.#going.delete(going)
    }
  }

  /** Restarts when nothing is on its way; meanwhile nothing begins. */
  async restart(act: () => Promise<void>): Promise<void> {
    const open = deferred()
    this.#open = open.promise
    try {
      await Promise.allSettled(this.#going)
      await act()
    } finally {
      this.#open = undefined
      open.resolve()
    }
  }

  /** Resolves when no restart is under way. */
  async opened(): Promise<void> {
    await this.#open
  }
}
