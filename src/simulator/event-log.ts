import type { Time } from './log-reader.ts'

export interface EngineEvent {
  readonly type: 'container'
  readonly action: string
  readonly id: string
  readonly attributes: Readonly<Record<string, string>>
  readonly time: Time
}

/** Of all types together, in memory, gone with the daemon. */
const historyLength = 256

/** What has happened of late, and who is told what happens next. */
export class EventLog {
  readonly #history: EngineEvent[] = []
  readonly #listeners = new Set<(event: EngineEvent) => void>()

  emit(event: EngineEvent): void {
    this.#history.push(event)
    if (this.#history.length > historyLength) this.#history.shift()
    for (const listener of this.#listeners) listener(event)
  }

  /** The events that are still remembered, oldest first. */
  history(): readonly EngineEvent[] {
    return this.#history
  }

  /** Calls `listener` for each new event until the result is disposed of. */
  listen(listener: (event: EngineEvent) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** The daemon is gone, and its memory with it. */
  forget(): void {
    this.#history.length = 0
  }
}
