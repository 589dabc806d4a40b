import type { Batch } from '../../batch/batch.ts'
import type { Rejection, SendOutcome } from '../../component/sink.ts'
import { BackOff } from '../../lib/back-off.ts'
import { messageOf } from '../../lib/error.ts'
import { sleep } from '../../lib/wait.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { maxAfterMs } from '../retries.ts'
import type { DeadLetters } from './dead-letters.ts'
import { DeadLetterError, type Letter } from './letter.ts'
import { selectLines } from './select-lines.ts'

export interface ReplayerOptions {
  readonly letters: Pick<DeadLetters, 'list' | 'read' | 'remove' | 'replace'>
  /** Sends lines to a sink; undefined: there is no such sink. */
  readonly send: (sink: string, batch: Batch, signal: AbortSignal) => Promise<SendOutcome | undefined>
  /** Why a sink sends nothing now, not even what is replayed: `send` is waiting for it; undefined: it does send. */
  readonly troubleOf?: (sink: string) => string | undefined
  readonly log: Log
  readonly metrics: Metrics
  /** For how long a letter is tried again where the sink cannot deliver now. The last wait that a destination asks for may end later. */
  readonly patienceMs?: number
}

/** Longer than a destination takes to restart, or asks to be left alone for with most rate limits. */
const defaultPatienceMs = 60_000

export interface ReplayOrder {
  /** These, all of a sink, or all: those that are there when the replay begins. */
  readonly letters: { readonly ids: readonly string[] } | { readonly sink: string } | { readonly all: true }
  /** The next letter is not sent before the lines of those before would have gone by at this rate. */
  readonly linesPerSecond: number
}

/** How the running replay, or the last one, does. */
export interface Replay {
  readonly isRunning: boolean
  /** Milliseconds since 1970. */
  readonly startedAtMs: number
  /** Letters that have been sent again and answered. */
  readonly letters: number
  readonly linesDelivered: number
  readonly linesRejected: number
  /** Letters that stay because there is no sink of that name, by name. */
  readonly withoutSink: ReadonlyMap<string, number>
  /** Letters that were asked for and are not there. */
  readonly missing: readonly string[]
  /** Letters that cannot be read: they stay. */
  readonly damaged: readonly string[]
  /** Why the sink cannot deliver now: the letter is tried again. */
  readonly trouble: string | undefined
  /** Why it ended early; undefined: it has not. */
  readonly failure: string | undefined
}

type Mutable = { -readonly [K in keyof Replay]: Replay[K] } & {
  readonly withoutSink: Map<string, number>
  readonly missing: string[]
  readonly damaged: string[]
}

/**
 * Sends dead letters to their sinks again, when somebody asks for it and never by itself: one letter at a time, each once. What is delivered is
 * removed; what is refused once more stays, as one letter. A trouble that would pass is waited for, up to `patienceMs`; then it ends the replay.
 */
export class Replayer implements AsyncDisposable {
  readonly #options: ReplayerOptions
  readonly #closing = new AbortController()
  #replay: Mutable | undefined
  /** The sink of the letter that is being sent. */
  #sendingTo: string | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: ReplayerOptions) {
    this.#options = options
  }

  /** Undefined: there was none yet. */
  get state(): Replay | undefined {
    if (!this.#replay) return undefined
    const waitsFor = this.#sendingTo === undefined ? undefined : this.#options.troubleOf?.(this.#sendingTo)
    return { ...this.#replay, trouble: this.#replay.trouble ?? waitsFor }
  }

  /** Begins a replay. @returns whether it has begun: not while another runs. */
  start(order: ReplayOrder): boolean {
    if (this.#replay?.isRunning) return false
    const replay: Mutable = {
      isRunning: true,
      startedAtMs: Date.now(),
      letters: 0,
      linesDelivered: 0,
      linesRejected: 0,
      withoutSink: new Map(),
      missing: [],
      damaged: [],
      trouble: undefined,
      failure: undefined,
    }
    this.#replay = replay
    // Taken at once: what is added from now on is not sent.
    const ids = 'ids' in order.letters ? idsOf(order.letters.ids) : this.#idsIn(order.letters)
    this.#running = this.#run(replay, ids, order.linesPerSecond)
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the collector stops'))
    await this.#running
  }

  async *#idsIn(which: { readonly sink: string } | { readonly all: true }): AsyncGenerator<string> {
    const listed = this.#options.letters.list('sink' in which ? { sink: which.sink } : {})
    for await (const { id } of listed) yield id
  }

  async #run(replay: Mutable, ids: AsyncIterable<string>, linesPerSecond: number): Promise<void> {
    const { log } = this.#options
    const { signal } = this.#closing
    try {
      let nextAtMs = performance.now()
      for await (const id of ids) {
        await sleep(Math.max(0, nextAtMs - performance.now()), signal)
        const beganAtMs = performance.now()
        const lines = await this.#resend(replay, id)
        nextAtMs = beganAtMs + (lines / linesPerSecond) * 1000
        if (replay.failure !== undefined) break
      }
    } catch (error) {
      replay.failure = messageOf(error)
    }
    replay.isRunning = false
    replay.trouble = undefined
    this.#sendingTo = undefined
    const { letters, linesDelivered, linesRejected, failure } = replay
    const said = { letters, linesDelivered, linesRejected }
    if (failure === undefined) log.info(said, 'dead letters were replayed')
    else log.warn({ ...said, reason: failure }, 'the replay of dead letters has ended early')
  }

  /** @returns how many lines were sent. */
  async #resend(replay: Mutable, id: string): Promise<number> {
    const found = await this.#read(replay, id)
    if (!found) return 0
    const { letter, batch } = found
    const outcome = await this.#send(replay, letter, batch)
    if (outcome === undefined) {
      replay.withoutSink.set(letter.sink, (replay.withoutSink.get(letter.sink) ?? 0) + 1)
      return 0
    }
    if (outcome.status === 'retry') {
      replay.failure = `letter ${id}: the sink "${letter.sink}" cannot deliver now: ${outcome.reason}`
      return letter.lines
    }
    const refused = outcome.status === 'rejected' ? refusedOf(batch, outcome.rejections) : undefined
    const rejected = refused?.batch.measure().lines ?? 0
    this.#count(letter, { rejected, delivered: letter.lines - rejected })
    replay.letters += 1
    replay.linesDelivered += letter.lines - rejected
    replay.linesRejected += rejected
    await this.#settle(letter, refused)
    return letter.lines
  }

  /** Again while the sink cannot deliver now and patience lasts. */
  async #send(replay: Mutable, letter: Letter, batch: Batch): Promise<SendOutcome | undefined> {
    const { send, patienceMs = defaultPatienceMs } = this.#options
    const { signal } = this.#closing
    const backOff = new BackOff({ firstMs: 250, maxMs: 10_000 })
    const untilMs = performance.now() + patienceMs
    this.#sendingTo = letter.sink
    for (;;) {
      const outcome = await send(letter.sink, batch, signal)
      replay.trouble = outcome?.status === 'retry' ? outcome.reason : undefined
      if (outcome?.status !== 'retry') return outcome
      this.#count(letter, { retry: letter.lines })
      if (performance.now() > untilMs) return outcome
      await sleep(Math.max(Math.min(outcome.afterMs ?? 0, maxAfterMs), backOff.next()), signal)
    }
  }

  async #read(replay: Mutable, id: string) {
    try {
      const found = await this.#options.letters.read(id)
      if (!found) replay.missing.push(id)
      return found
    } catch (error) {
      if (!(error instanceof DeadLetterError)) throw error
      replay.damaged.push(id)
      this.#options.log.error({ letter: id, error: error.message }, 'a dead letter cannot be read; it stays')
      return undefined
    }
  }

  async #settle(letter: Letter, refused: Refused | undefined): Promise<void> {
    try {
      if (refused) await this.#options.letters.replace(letter, refused)
      else await this.#options.letters.remove([letter.id])
    } catch (cause) {
      const what = `letter ${letter.id} was sent, and what was delivered of it could not be removed`
      throw new DeadLetterError(`${what}: ${messageOf(cause)}`, { cause })
    }
  }

  #count({ sink }: Letter, results: Readonly<Record<string, number>>): void {
    const { deadLetterLinesReplayed } = this.#options.metrics
    for (const [result, lines] of Object.entries(results)) deadLetterLinesReplayed.inc({ sink, result }, lines)
  }
}

async function* idsOf(ids: readonly string[]): AsyncGenerator<string> {
  yield* new Set(ids)
}

interface Refused {
  readonly batch: Batch
  readonly reason: string
}

/** All refused lines together: a letter never becomes two, however a destination takes it apart. */
function refusedOf(batch: Batch, rejections: readonly Rejection[]): Refused {
  const lines = rejections.some((one) => one.lines === 'all')
    ? 'all'
    : rejections.flatMap((one) => one.lines as readonly number[]).sort((a, b) => a - b)
  const reason = [...new Set(rejections.map((one) => one.reason))].join('; ')
  return { batch: selectLines(batch, lines), reason }
}
