import type { Batch } from '../batch/batch.ts'
import type { Cursor } from '../batch/cursor.ts'
import { lineFlags } from '../batch/flags.ts'
import type { Progress } from '../batch/origin.ts'
import type { Rejection, SendOutcome, Sink } from '../component/sink.ts'
import { messageOf } from '../lib/error.ts'
import { type Deferred, deferred } from '../lib/wait.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { PassOver } from './pass-over.ts'
import { Rejections } from './rejections.ts'
import { Retries } from './retries.ts'

/** Memory that the batches of one lane may hold before its sources are held back. */
export const maxQueuedBytes = 64 * 1024 * 1024
/** At the end a sink has so long to give up a send whose signal has aborted. */
const giveUpMs = 2_000

/** One batch on its way to the sink. */
interface Entry {
  readonly batch: Batch
  /** Undefined where a later entry carries on the same batch of the source: only the last one moves the cursor. */
  progress: readonly Progress[] | undefined
  state: 'waiting' | 'sending' | 'settled'
  /** The last send came back with `retry`. */
  hasFailed: boolean
}

interface Size {
  readonly lines: number
  readonly bytes: number
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
  /** Why the last send has to be repeated, or why nothing is sent any more; undefined: all is well. */
  readonly trouble: string | undefined
}

/**
 * The way into one sink: a queue, the one retry loop, and acknowledgements in order. A batch is acknowledged when it and all before it
 * are settled, however the sends overtake each other.
 */
export class Lane {
  readonly #options: LaneOptions
  #sink: Sink
  #isPaused = false
  readonly #entries: Entry[] = []
  readonly #retries = new Retries()
  readonly #passOver = new PassOver()
  readonly #rejections: Rejections
  #queuedBytes = 0
  #sending = 0
  #emission = 0
  /** Why the lane takes nothing any more. */
  #failure: string | undefined
  readonly #refused = { batches: 0, lines: 0 }
  #isReleased = false
  #idle: Deferred<void> | undefined
  #changed: Deferred<void> = deferred()
  #room: Deferred<void> = deferred()
  #empty: Deferred<void> = deferred()

  static async open(options: LaneOptions): Promise<Lane> {
    return new Lane(options)
  }

  private constructor(options: LaneOptions) {
    this.#options = options
    this.#sink = options.sink
    const { metrics, log, id: sink } = options
    this.#rejections = new Rejections(log.child({ sink }))
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
      trouble: this.#failure ?? this.#retries.trouble,
    }
  }

  /** What has not been delivered. */
  undelivered(): { readonly batches: number; readonly lines: number } {
    let { batches, lines } = this.#refused
    for (const { state, batch } of this.#entries) {
      if (state === 'settled') continue
      batches += 1
      lines += batch.measure().lines
    }
    return { batches, lines }
  }

  /** How far the stream has come in what is on its way; undefined: nothing of it is. */
  queuedUpTo(key: string): Cursor | undefined {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const progress = this.#entries[i]!.progress?.find((one) => one.key === key)
      if (progress) return progress.cursor
    }
    return undefined
  }

  /** The sink has `key` up to `cursor` already: lines before are passed over when they come again. */
  passOver(key: string, cursor: Cursor): void {
    this.#passOver.add(key, cursor)
  }

  /** Takes over one reference to `batch`. `emission` numbers the source's batches: copies of one batch over several paths share it. */
  take(batch: Batch, emission: number): void {
    if (this.#failure !== undefined) {
      this.#refuse(batch)
      return
    }
    const { batch: mine, progress } = this.#passOver.isEmpty
      ? { batch, progress: batch.progress }
      : this.#passOver.pass(batch, emission)
    const previous = this.#entries.at(-1)
    if (previous && this.#emission === emission) previous.progress = undefined
    this.#emission = emission
    this.#entries.push({ batch: mine, progress, state: 'waiting', hasFailed: false })
    this.#queuedBytes += mine.heldBytes
    this.#changed.resolve()
  }

  /**
   * Something before the lane has broken at `emission`: what was taken earlier is still delivered; what comes from now on is refused, and
   * no cursor moves over it, so that nothing is lost when the fault is mended.
   */
  fail(emission: number, reason: string): void {
    const previous = this.#entries.at(-1)
    if (previous && this.#emission === emission) previous.progress = undefined
    this.#failure ??= reason
  }

  /** Sends until `signal` aborts; then gives what is on its way a moment to end. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#changed.resolve()
    signal.addEventListener('abort', onAbort, { once: true })
    while (!signal.aborted) {
      this.#changed = deferred()
      const waitMs = this.#startSends(signal)
      await this.#untilChanged(waitMs)
    }
    signal.removeEventListener('abort', onAbort)
    const giveUpAtMs = performance.now() + giveUpMs
    while (this.#sending > 0) {
      const waitMs = giveUpAtMs - performance.now()
      if (waitMs <= 0) {
        this.#options.log.error({ sink: this.id }, 'the sink does not give up its sends; it is waited for no longer')
        return
      }
      this.#changed = deferred()
      await this.#untilChanged(waitMs)
    }
  }

  /** Begins no send any more; resolves when none is on its way. What comes meanwhile waits in the queue. */
  async pause(): Promise<void> {
    this.#isPaused = true
    while (this.#isPaused && this.#sending > 0) {
      this.#idle ??= deferred()
      await this.#idle.promise
    }
  }

  /** Goes on with `sink`, with what was not delivered first. */
  resume(sink: Sink): void {
    this.#sink = sink
    this.#isPaused = false
    this.#retries.hurry()
    this.#changed.resolve()
  }

  /** For a lane that goes away, after `run`. */
  async close(): Promise<void> {
    this.release()
  }

  /** Gives back the batches that were not delivered, but for those that the sink still holds. For the end, after `run`. */
  release(): void {
    this.#isReleased = true
    for (const { batch, state } of this.#entries.splice(0)) if (state !== 'sending') batch.release()
    this.#queuedBytes = 0
  }

  #refuse(batch: Batch): void {
    this.#refused.batches += 1
    this.#refused.lines += batch.measure().lines
    batch.release()
  }

  async #untilChanged(waitMs: number | undefined): Promise<void> {
    const timer = waitMs === undefined ? undefined : setTimeout(() => this.#changed.resolve(), waitMs)
    await this.#changed.promise
    clearTimeout(timer)
  }

  /** @returns milliseconds after which to look again; undefined when only a change can make a difference. */
  #startSends(signal: AbortSignal): number | undefined {
    if (this.#isPaused) return undefined
    // After a failure everything on its way comes back first, so that the order is kept when it is sent again.
    const { areDue, waitMs } = this.#retries
    if (areDue && this.#sending > 0) return undefined
    if (waitMs > 0) return waitMs
    const limit = areDue ? 1 : (this.#sink.maxInFlight ?? 1)
    while (this.#sending < limit) {
      // Searched anew each time: a batch with nothing to send is settled, and gone, when #send returns.
      const entry = this.#entries.find(({ state }) => state === 'waiting')
      if (!entry) break
      void this.#send(entry, signal)
    }
    return undefined
  }

  async #send(entry: Entry, signal: AbortSignal): Promise<void> {
    const size = entry.batch.measure()
    if (size.lines === 0) {
      this.#settled(entry)
      return
    }
    entry.state = 'sending'
    this.#sending += 1
    this.#retries.begin()
    const outcome = await attempt(this.#sink, entry.batch, signal)
    this.#sending -= 1
    if (this.#sending === 0) {
      this.#idle?.resolve()
      this.#idle = undefined
    }
    if (this.#isReleased) entry.batch.release()
    else if (outcome.status !== 'retry') this.#delivered(entry, outcome, size)
    else if (signal.aborted) entry.state = 'waiting'
    else this.#retryLater(entry, outcome)
    this.#changed.resolve()
  }

  #retryLater(entry: Entry, { reason, afterMs = 0 }: SendOutcome & { status: 'retry' }): void {
    const { metrics, log, id: sink } = this.#options
    metrics.sendRetries.inc({ sink })
    if (this.#retries.trouble === undefined)
      log.warn({ sink, reason }, 'a batch could not be delivered; it is sent again until it is')
    this.#retries.fail(reason, afterMs)
    if (!entry.hasFailed) this.#retries.add()
    entry.hasFailed = true
    entry.state = 'waiting'
  }

  #delivered(entry: Entry, outcome: SendOutcome & { status: 'delivered' | 'rejected' }, size: Size): void {
    const { metrics, log, id: sink } = this.#options
    const rejected = outcome.status === 'delivered' ? nothing : sizeOfRejected(entry.batch, outcome.rejections, size)
    if (outcome.status === 'rejected') this.#rejections.add(rejected.lines, outcome.rejections[0].reason)
    metrics.logsRejected.inc({ sink }, rejected.lines)
    metrics.logsSent.inc({ sink }, size.lines - rejected.lines)
    metrics.logBytesSent.inc({ sink }, size.bytes - rejected.bytes)
    if (entry.hasFailed) {
      this.#retries.remove()
      if (!this.#retries.areDue) log.info({ sink }, 'batches are delivered again')
    }
    this.#settled(entry)
  }

  /** Moves the cursors over what is settled without a hole. */
  #settled(entry: Entry): void {
    entry.state = 'settled'
    const bytesBefore = this.#queuedBytes
    let settled = 0
    for (const { state, progress, batch } of this.#entries) {
      if (state !== 'settled') break
      if (progress) this.#options.onAcknowledged(progress)
      this.#queuedBytes -= batch.heldBytes
      batch.release()
      settled += 1
    }
    this.#entries.splice(0, settled)
    if (bytesBefore >= maxQueuedBytes && this.hasRoom) {
      this.#room.resolve()
      this.#room = deferred()
    }
    if (settled > 0 && this.isEmpty) {
      this.#empty.resolve()
      this.#empty = deferred()
    }
  }
}

const nothing: Size = { lines: 0, bytes: 0 }

function sizeOfRejected(batch: Batch, rejections: readonly Rejection[], whole: Size): Size {
  if (rejections.some(({ lines }) => lines === 'all')) return whole
  const { start, end, flags } = batch.columns
  const lines = rejections.flatMap((rejection) => (rejection.lines === 'all' ? [] : rejection.lines))
  const rejected = lines.filter((line) => (flags[line]! & lineFlags.dropped) === 0)
  return { lines: rejected.length, bytes: rejected.reduce((sum, line) => sum + end[line]! - start[line]!, 0) }
}

async function attempt(sink: Sink, batch: Batch, signal: AbortSignal): Promise<SendOutcome> {
  try {
    return await sink.send(batch, signal)
  } catch (error) {
    return { status: 'retry', reason: messageOf(error) }
  }
}
