import { hasAborted, sleep } from '../../lib/wait.ts'
import { type Client, StatusError, type Tally } from './client.ts'
import { Follow, type FollowEnd } from './follow.ts'
import { LogLines } from './log-lines.ts'
import type { Technique } from './technique.ts'
import { watchContainers } from './watch-containers.ts'

export interface CollectorOptions {
  readonly technique: Technique
  /** For the list of containers and the events. */
  readonly control: Client
  readonly tally: Tally
  readonly rotationMs: number
  /** How often every running container is looked at; undefined: never. */
  readonly healthMs: number | undefined
  readonly onLine: (text: string) => void
}

/** Where reading a container has got to. */
interface Reading {
  readonly id: string
  /** The time of the last whole line, by stream. */
  readonly last: Map<number, string>
  follow: Follow | undefined
  isReading: boolean
  /** It was started while the follow of an earlier run was still open. */
  isStartedAgain: boolean
}

/** A cut follow is opened anew after this time. */
const reopenMs = 250

/** The part that is alike in the reference collectors: it finds containers, follows their logs and replaces the follows again and again. */
export class ReferenceCollector {
  readonly #options: CollectorOptions
  readonly #readings = new Map<string, Reading>()
  readonly #signal: AbortSignal

  constructor(options: CollectorOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  /** Resolves with the abort of the signal. @throws ReferenceFailure when the engine cannot be reached, or no longer */
  async run(onReady: () => void): Promise<void> {
    const { control, rotationMs, healthMs } = this.#options
    const stop = new AbortController()
    const loops = [
      every(rotationMs, stop.signal, () => this.#rotate()),
      ...(healthMs === undefined ? [] : [every(healthMs, stop.signal, () => this.#inspectAll())]),
    ]
    try {
      const onGone = (id: string) => this.#readings.delete(id)
      await watchContainers({ client: control, onReady, onRunning: (id) => this.#begin(id), onGone }, this.#signal)
    } finally {
      stop.abort()
      await Promise.all(loops)
    }
  }

  /** Follows that are read. */
  get streams(): number {
    return this.#open().length
  }

  /** What would be a goroutine elsewhere: readers, loops, and two for each connection. */
  get activities(): number {
    const { technique, healthMs } = this.#options
    const { active, idle } = this.connections
    const loops = 2 + (healthMs === undefined ? 0 : 1)
    return this.streams + technique.abandoned() + loops + 2 * (active + idle)
  }

  get connections(): { readonly active: number; readonly idle: number } {
    const { technique, control } = this.#options
    let active = 0
    let idle = 0
    for (const { connections } of [...technique.clients(), control]) {
      active += connections.active
      idle += connections.idle
    }
    return { active, idle }
  }

  #open(): readonly Follow[] {
    return [...this.#readings.values()].flatMap(({ follow }) => (follow ? [follow] : []))
  }

  #begin(id: string): void {
    let reading = this.#readings.get(id)
    if (!reading) {
      reading = { id, last: new Map(), follow: undefined, isReading: false, isStartedAgain: false }
      this.#readings.set(id, reading)
    }
    if (reading.isReading) reading.isStartedAgain = true
    else void this.#read(reading)
  }

  async #read(reading: Reading): Promise<void> {
    reading.isReading = true
    let end: FollowEnd | 'gone' = 'replaced'
    do {
      reading.isStartedAgain = false
      end = await this.#follow(reading)
      if (end === 'cut') await sleep(reopenMs, this.#signal).catch(() => undefined)
    } while (!hasAborted(this.#signal) && end !== 'gone' && (end !== 'ended' || hasStartedAgain(reading)))
    reading.isReading = false
  }

  async #follow(reading: Reading): Promise<FollowEnd | 'gone'> {
    const { technique } = this.#options
    const client = technique.take()
    try {
      const response = await client.open(logPath(reading), this.#signal)
      reading.follow = new Follow(response, this.#linesOf(reading))
      return await reading.follow.ended
    } catch (error) {
      return error instanceof StatusError && error.status < 500 ? 'gone' : 'cut'
    } finally {
      reading.follow = undefined
      technique.giveBack(client)
    }
  }

  #linesOf({ last }: Reading): LogLines {
    // The engine begins with what was read last, and goes by one time for both streams.
    const known = new Map(last)
    return new LogLines(({ stream, time, text }) => {
      if (time <= (known.get(stream) ?? '')) return
      last.set(stream, time)
      this.#options.tally.lines += 1
      this.#options.onLine(text)
    })
  }

  #rotate(): Promise<void> {
    for (const follow of this.#open()) this.#options.technique.retire(follow)
    return Promise.resolve()
  }

  async #inspectAll(): Promise<void> {
    const { technique } = this.#options
    for (const { id } of [...this.#readings.values()].filter(({ isReading }) => isReading)) {
      const client = technique.take()
      try {
        await client.get(`/containers/${id}/json`, this.#signal)
      } catch {
        // Counted as an error of the engine; it may have ended meanwhile.
      } finally {
        technique.giveBack(client)
      }
    }
  }
}

/** Asked anew: the compiler takes an earlier answer for lasting. */
function hasStartedAgain({ isStartedAgain }: Reading): boolean {
  return isStartedAgain
}

function logPath({ id, last }: Reading): string {
  const since = [...last.values()].sort()[0]
  const query = 'follow=1&stdout=1&stderr=1&timestamps=1'
  return `/containers/${id}/logs?${query}${since === undefined ? '' : `&since=${secondsOf(since)}`}`
}

/** `2026-11-23T12:48:58.320504526Z` in seconds since 1970, with its nine digits. */
function secondsOf(time: string): string {
  return `${Date.parse(`${time.slice(0, 19)}Z`) / 1000}.${time.slice(20, 29)}`
}

async function every(ms: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  try {
    while (true) {
      await sleep(ms, signal)
      await act()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
