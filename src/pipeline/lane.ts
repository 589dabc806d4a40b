import type { Batch } from '../batch/batch.ts'
import type { Cursor } from '../batch/cursor.ts'
import type { Progress } from '../batch/origin.ts'
import type { SendOutcome, Sink } from '../component/sink.ts'
import { BackOff } from '../lib/back-off.ts'
import { messageOf } from '../lib/error.ts'
import { type Deferred, deferred } from '../lib/wait.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { dropTaken } from './drop-taken.ts'

/** Memory that the batches of one lane may hold before its sources are held back. */
const maxQueuedBytes = 64 * 1024 * 1024

/** One batch on its way to the sink. */
interface Entry {
  readonly batch: Batch
  /** Undefined where a later entry carries on the same batch of the source: only the last one moves the cursor. */
  progress: readonly Progress[] | undefined
  state: 'waiting' | 'sending' | 'settled'
}

export interface LaneOptions {
  readonly id: string
  readonly sink: Sink
  /** The sink has everything up to here. */
  readonly onAcknowledged: (progress: readonly Progress[]) => void
  readonly log: Log
  readonly metrics: Metrics
}

/** What people are told of a lane. */
export interface LaneStatus {
  readonly queuedBytes: number
  readonly queuedBatches: number
  /** Age of the oldest batch that has not been acknowledged. */
  readonly lagSeconds: number
  /** Why the last send has to be repeated; undefined: it has not. */
  readonly trouble: string | undefined
}

/**
 * The way into one sink: a queue, the one retry loop, and acknowledgements in order. A batch is acknowledged when it and all before it
 * are settled, however the sends overtake each other.
 */
export class Lane {
  readonly #options: LaneOptions
  readonly #entries: Entry[] = []
  readonly #backOff = new BackOff({ firstMs: 250, maxMs: 30_000 })
  /** Streams of which the sink has more than the source begins with, and how far. */
  readonly #ahead = new Map<string, Cursor>()
  #queuedBytes = 0
  #sending = 0
  #emission = 0
  #trouble: string | undefined
  #retryAtMs = 0
  #changed: Deferred<void> = deferred()
  #room: Deferred<void> = deferred()
  #empty: Deferred<void> = deferred()

  constructor(options: LaneOptions) {
    this.#options = options
    const { metrics, id: sink } = options
    for (const counter of [metrics.logsSent, metrics.logBytesSent, metrics.logsRejected, metrics.sendRetries])
      counter.inc({ sink }, 0)
  }

  get id(): string {
    return this.#options.id
  }

  get hasRoom(): boolean {
    return this.#queuedBytes < maxQueuedBytes
  }

  /** Resolves at the next time that room is made. */
  get nextRoom(): Promise<void> {
    return this.#room.promise
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Resolves at the next time that everything is acknowledged. */
  get nextEmpty(): Promise<void> {
    return this.#empty.promise
  }

  status(): LaneStatus {
    const oldest = this.#entries[0]
    return {
      queuedBytes: this.#queuedBytes,
      queuedBatches: this.#entries.length,
      lagSeconds: oldest ? (performance.now() - oldest.batch.openedAtMs) / 1000 : 0,
      trouble: this.#trouble,
    }
  }

  /** Lines that have not been acknowledged. */
  undelivered(): { readonly batches: number; readonly lines: number } {
    const waiting = this.#entries.filter(({ state }) => state !== 'settled')
    return { batches: waiting.length, lines: waiting.reduce((sum, { batch }) => sum + batch.measure().lines, 0) }
  }

  /** The sink has `key` up to `cursor` already: lines before are passed over when they come again. */
  passOver(key: string, cursor: Cursor): void {
    this.#ahead.set(key, cursor)
  }

  /** Takes over one reference to `batch`. `emission` numbers the source's batches: copies of one batch over several paths share it. */
  take(batch: Batch, emission: number): void {
    const mine = this.#ahead.size > 0 ? dropTaken(batch, this.#ahead) : batch
    const previous = this.#entries.at(-1)
    if (previous && this.#emission === emission) previous.progress = undefined
    this.#emission = emission
    this.#entries.push({ batch: mine, progress: mine.progress, state: 'waiting' })
    this.#queuedBytes += mine.heldBytes
    this.#changed.resolve()
  }

  /** Sends until `signal` aborts; what was on its way then is waited for no longer than the sink needs to give up. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#changed.resolve()
    signal.addEventListener('abort', onAbort, { once: true })
    while (!signal.aborted) {
      this.#changed = deferred()
      const waitMs = this.#startSends(signal)
      const timer = waitMs === undefined ? undefined : setTimeout(() => this.#changed.resolve(), waitMs)
      await this.#changed.promise
      clearTimeout(timer)
    }
    signal.removeEventListener('abort', onAbort)
    while (this.#sending > 0) {
      this.#changed = deferred()
      await this.#changed.promise
    }
  }

  /** Gives back the batches that were not delivered. For the end, after `run`. */
  release(): void {
    for (const { batch } of this.#entries.splice(0)) batch.release()
    this.#queuedBytes = 0
  }

  /** @returns milliseconds after which to look again; undefined when only a change can make a difference. */
  #startSends(signal: AbortSignal): number | undefined {
    // After a failure everything on its way comes back first, so that the order is kept when it is sent again.
    if (this.#trouble !== undefined) {
      if (this.#sending > 0) return undefined
      const waitMs = this.#retryAtMs - performance.now()
      if (waitMs > 0) return waitMs
    }
    const limit = this.#trouble === undefined ? (this.#options.sink.maxInFlight ?? 1) : 1
    for (const entry of this.#entries) {
      if (this.#sending >= limit) break
      if (entry.state === 'waiting') void this.#send(entry, signal)
    }
    return undefined
  }

  async #send(entry: Entry, signal: AbortSignal): Promise<void> {
    entry.state = 'sending'
    this.#sending += 1
    const { lines, bytes } = entry.batch.measure()
    const outcome = lines === 0 ? nothingToSend : await attempt(this.#options.sink, entry.batch, signal)
    this.#sending -= 1
    this.#settle(entry, outcome, { lines, bytes })
    this.#changed.resolve()
  }

  #settle(entry: Entry, outcome: SendOutcome, size: { lines: number; bytes: number }): void {
    const { metrics, log, id: sink } = this.#options
    if (outcome.status === 'retry') {
      entry.state = 'waiting'
      metrics.sendRetries.inc({ sink })
      if (this.#trouble === undefined)
        log.warn({ sink, reason: outcome.reason }, 'a batch could not be delivered; it is sent again until it is')
      this.#trouble = outcome.reason
      this.#retryAtMs = performance.now() + Math.max(outcome.afterMs ?? 0, this.#backOff.next())
      return
    }
    const rejected = outcome.status === 'delivered' ? 0 : outcome.lines === 'all' ? size.lines : outcome.lines.length
    if (outcome.status === 'rejected')
      log.error({ sink, lines: rejected, reason: outcome.reason }, 'the destination refuses lines for good')
    metrics.logsRejected.inc({ sink }, rejected)
    metrics.logsSent.inc({ sink }, size.lines - rejected)
    metrics.logBytesSent.inc({ sink }, rejected === size.lines ? 0 : size.bytes)
    if (this.#trouble !== undefined) log.info({ sink }, 'batches are delivered again')
    this.#trouble = undefined
    this.#backOff.reset()
    entry.state = 'settled'
    this.#acknowledge()
  }

  /** Moves the cursors over what is settled without a hole. */
  #acknowledge(): void {
    const queuedBefore = this.#queuedBytes
    let settled = 0
    for (const entry of this.#entries) {
      if (entry.state !== 'settled') break
      if (entry.progress) this.#options.onAcknowledged(entry.progress)
      this.#queuedBytes -= entry.batch.heldBytes
      entry.batch.release()
      settled += 1
    }
    this.#entries.splice(0, settled)
    if (queuedBefore >= maxQueuedBytes && this.hasRoom) {
      this.#room.resolve()
      this.#room = deferred()
    }
    if (settled > 0 && this.isEmpty) {
      this.#empty.resolve()
      this.#empty = deferred()
    }
  }
}

const nothingToSend: SendOutcome = { status: 'delivered' }

async function attempt(sink: Sink, batch: Batch, signal: AbortSignal): Promise<SendOutcome> {
  try {
    return await sink.send(batch, signal)
  } catch (error) {
    return { status: 'retry', reason: messageOf(error) }
  }
}
