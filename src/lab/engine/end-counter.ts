import { isAbortOf, sleep } from '../../lib/wait.ts'
import type { EngineApi } from './engine-api.ts'

/** Of containers that live as long as the lab: where a restart of the engine ends them, that is no run of the plan. */
export const standingLabel = 'log-capturer.soak.standing'

const reconnectMs = 50

/** Counts the runs of labelled containers that the engine says have ended. After an interruption the engine's own history fills the gap, as far as it reaches. */
export class EndCounter implements AsyncDisposable {
  /** Container and time: an event that is told twice counts once. */
  readonly #seen = new Set<string>()
  readonly #stop = new AbortController()
  readonly #listening: Promise<void>
  #lastSecond: number

  constructor(api: EngineApi, label: string) {
    this.#lastSecond = Math.floor(Date.now() / 1_000)
    this.#listening = this.#listen(api, label)
  }

  get count(): number {
    return this.#seen.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the count is over'))
    await this.#listening
  }

  async #listen(api: EngineApi, label: string): Promise<void> {
    const { signal } = this.#stop
    const filters = encodeURIComponent(JSON.stringify({ type: ['container'], event: ['die'], label: [label] }))
    while (!signal.aborted) {
      try {
        const path = `/events?since=${this.#lastSecond}&filters=${filters}`
        await this.#read(await api.stream(path, signal))
        await sleep(reconnectMs, signal)
      } catch (error) {
        if (isAbortOf(signal, error)) return
        // The engine is away for a moment; what it does then it tells of afterwards, or the gate on operations says that it did not.
        await sleep(reconnectMs, signal).catch(() => undefined)
      }
    }
  }

  async #read(body: AsyncIterable<Buffer>): Promise<void> {
    let rest = ''
    for await (const chunk of body) {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop()!
      for (const line of lines) this.#take(line)
    }
  }

  #take(line: string): void {
    if (line.trim() === '') return
    const { Actor, time, timeNano } = JSON.parse(line) as EndEvent
    if (Actor.Attributes[standingLabel] === undefined) this.#seen.add(`${Actor.ID} ${timeNano}`)
    this.#lastSecond = Math.max(this.#lastSecond, time)
  }
}

interface EndEvent {
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
  readonly time: number
  readonly timeNano: number
}
