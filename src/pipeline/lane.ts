import type { Batch } from '../batch/batch.ts'
import type { Cursor } from '../batch/cursor.ts'
import type { Progress } from '../batch/origin.ts'
import type { QueueOptions } from '../component/queue-options.ts'
import type { SendOutcome, Sink } from '../component/sink.ts'
import { wayOf } from '../batch/way.ts'
import { BufferPool } from '../lib/buffer-pool.ts'
import { messageOf } from '../lib/error.ts'
import { type Deferred, deferred, hasAborted } from '../lib/wait.ts'
import type { Log } from '../telemetry/log.ts'
import { beginCounters, type Metrics } from '../telemetry/metrics.ts'
import type { BatchTraces } from './batch-traces.ts'
import { Concurrency } from './concurrency.ts'
import type { DeadLetters } from './dead-letters/dead-letters.ts'
import { DiskQueue } from './disk-queue/disk-queue.ts'
import { OpenRequests } from './open-requests.ts'
import { PassOver } from './pass-over.ts'
import { type OnAcknowledged, Queue } from './queue.ts'
import { RejectedKeeper } from './rejected-keeper.ts'
import { Rejections, sizeOfRejected } from './rejections.ts'
import type { Request } from './requests.ts'
import { type Breaker, Retries } from './retries.ts'

/** At the end a sink has so long to give up a send whose signal has aborted. */
const giveUpMs = 2_000
/** While the sink is in trouble, lines older than this go to disk: neither a crash nor the engine's rotation shall take them. */
const storeAfterMs = 5_000

/** What becomes of lines that are replayed when the lane has ended. */
const ended: SendOutcome = { status: 'retry', reason: 'the sink is taken out, or the collector stops' }

export interface LaneOptions {
  readonly id: string
  readonly sink: Sink
  readonly queue: QueueOptions
  /** For the disk queue; made when it is needed. */
  readonly folder: string
  readonly deadLetters: Pick<DeadLetters, 'add'>
  /** The sink, or its disk queue, has everything up to here, the batch of this emission as a whole. */
  readonly onAcknowledged: OnAcknowledged
  /** Not given: nothing is traced. */
  readonly traces?: BatchTraces | undefined
  readonly log: Log
  readonly metrics: Metrics
}

/** What people are told of a lane. */
export interface LaneStatus {
  /** Memory that waiting batches hold. */
  readonly queuedBytes: number
  readonly queuedBatches: number
  /** What waits on disk. */
  readonly diskBytes: number
  readonly diskLines: number
  /** Age of the oldest batch that has not been delivered. */
  readonly lagSeconds: number
  readonly breaker: Breaker
  /** Sends that may be on their way at a time, as of now. */
  readonly concurrency: number
  /** Why the last send has to be repeated, or why nothing is sent any more; undefined: all is well. */
  readonly trouble: string | undefined
}

/** What has not been delivered: in memory only, and kept on disk for the next start. */
export interface Undelivered {
  readonly batches: number
  readonly lines: number
  readonly linesOnDisk: number
}

/**
 * The way into one sink: a queue, requests, the one retry loop, and acknowledgements in order. A batch is acknowledged when it and all
 * before it are settled or on disk, however the sends overtake each other.
 */
export class Lane implements AsyncDisposable {
  readonly #options: LaneOptions
  readonly #queue: Queue
  readonly #retries = new Retries()
  readonly #passOver = new PassOver()
  /** Memory of merged batches, and of those that come back from disk. */
  readonly #pool: BufferPool
  readonly #rejections: Rejections
  #sink: Sink
  #concurrency: Concurrency
  readonly #requests: OpenRequests
  readonly #keeper: RejectedKeeper
  readonly #replays: Request[] = []
  #sending = 0
  #emission = 0
  #taken = 0
  /** What was taken with this emission, by its way: its progress can still move on to the next copy that comes by the same one. */
  readonly #copies = new Map<string, { progress: readonly Progress[] | undefined }>()
  /** Why the lane takes nothing any more. */
  #failure: string | undefined
  readonly #refused = { batches: 0, lines: 0 }
  #isPaused = false
  #isDraining = false
  /** It has ended, or is about to: nothing is sent any more. */
  #hasEnded = false
  #hadRoom = true
  #changed: Deferred<void> = deferred()
  #room: Deferred<void> = deferred()
  #drained: Deferred<void> = deferred()
  #quiet: Deferred<void> = deferred()

  private constructor(options: LaneOptions, disk: DiskQueue | undefined, pool: BufferPool) {
    this.#options = options
    this.#pool = pool
    const { metrics, log, id: sink, queue } = options
    this.#sink = options.sink
    this.#concurrency = new Concurrency(options.sink.requests?.maxConcurrent ?? 1)
    this.#rejections = new Rejections(log.child({ sink }))
    this.#queue = new Queue({
      memoryBytes: queue.memory,
      whenFull: queue.when_full,
      disk,
      sinkHas: options.sink.recovered ?? [],
      sinkKind: () => (this.#retries.trouble !== undefined ? 'failing' : this.#sink.isLocal ? 'local' : 'remote'),
      onAcknowledged: options.onAcknowledged,
      onChanged: () => this.#wake(),
      onError: () => metrics.queueErrors.inc({ sink }),
      log: log.child({ sink }),
    })
    this.#requests = new OpenRequests(this.#queue, pool)
    this.#keeper = new RejectedKeeper({ sink, deadLetters: options.deadLetters, log, metrics })
    beginCounters(metrics, { label: 'sink', id: sink })
    this.#showLimits(queue)
  }

  /** Opens the disk queue, where there is one, or one is left from earlier. @throws when its folder cannot be used. */
  static async open(options: LaneOptions): Promise<Lane> {
    const pool = new BufferPool()
    return new Lane(options, await openDisk(options, pool), pool)
  }

  get id(): string {
    return this.#options.id
  }

  /** How far the streams have come in what its disk queue has kept from earlier. Read once, after `open`. */
  get recovered(): readonly Progress[] {
    return this.#queue.disk?.recovered ?? []
  }

  get hasRoom(): boolean {
    return this.#queue.hasRoom
  }

  /** What sources have not read may be gone soon: what waits for the sink goes to disk. */
  hurry(): void {
    this.#queue.hurry()
  }

  /** Resolves at the next time that room is made. */
  get nextRoom(): Promise<void> {
    return this.#room.promise
  }

  /** Nothing of it would be lost if the process ended now. */
  get isDrained(): boolean {
    return this.#queue.isSafe
  }

  /** Resolves at the next time that it is drained. */
  get nextDrained(): Promise<void> {
    return this.#drained.promise
  }

  status(): LaneStatus {
    const { oldestAtMs, disk } = this.#queue
    return {
      queuedBytes: this.#queue.memoryBytes,
      queuedBatches: this.#queue.memoryBatches,
      diskBytes: disk?.bytes ?? 0,
      diskLines: disk?.lines ?? 0,
      lagSeconds: oldestAtMs === undefined ? 0 : (performance.now() - oldestAtMs) / 1000,
      breaker: this.#retries.breaker(this.#sending),
      concurrency: this.#sink.requests ? this.#concurrency.limit : (this.#sink.maxInFlight ?? 1),
      trouble: this.#failure ?? this.#keeper.failure ?? this.#retries.trouble ?? this.#queue.failure,
    }
  }

  undelivered(): Undelivered {
    let { batches, lines } = this.#refused
    for (const { size } of this.#queue.unsafe()) {
      batches += 1
      lines += size.lines
    }
    return { batches, lines, linesOnDisk: this.#queue.disk?.lines ?? 0 }
  }

  /** How far the stream has come in what is on its way and not acknowledged; undefined: nothing of it is. */
  queuedUpTo(key: string): Cursor | undefined {
    return this.#queue.upTo(key)
  }

  /** The keys of streams that are on their way and not acknowledged. */
  queuedKeys(): ReadonlySet<string> {
    return this.#queue.keys()
  }

  /** Streams have other keys from now on, also in what is on its way: none, one or several for each. */
  rename(keysOf: (key: string) => readonly string[]): void {
    this.#queue.rename(keysOf)
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
    if (this.#emission !== emission) this.#copies.clear()
    this.#emission = emission
    this.#taken += 1
    const way = wayOf(batch.origins[0]?.key ?? '')
    const before = this.#copies.get(way)
    if (before) before.progress = undefined
    this.#copies.set(way, this.#queue.take(mine, progress, emission))
    this.#wake()
  }

  /**
   * Something before the lane has broken at `emission`: what was taken earlier is still delivered; what comes from now on is refused, and
   * no cursor moves over it, so that nothing is lost when the fault is mended.
   */
  fail(emission: number, reason: string): void {
    if (this.#emission === emission) for (const copy of this.#copies.values()) copy.progress = undefined
    this.#failure ??= reason
  }

  /** How many batches were taken since the beginning. */
  get taken(): number {
    return this.#taken
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** What had broken is mended: lines are taken again. What was refused meanwhile is read again by its source. */
  mend(): void {
    this.#failure = undefined
    Object.assign(this.#refused, { batches: 0, lines: 0 })
  }

  /** Other limits, from now on. @throws when a disk queue is needed and cannot be opened; then the limits stay. */
  async resize(queue: QueueOptions): Promise<void> {
    const disk = this.#queue.disk ?? (await openDisk({ ...this.#options, queue }, this.#pool))
    if (disk) disk.maxBytes = queue.disk
    this.#queue.resize({ memoryBytes: queue.memory, whenFull: queue.when_full, disk })
    this.#showLimits(queue)
  }

  #showLimits({ memory, disk }: QueueOptions): void {
    const { metrics, id: sink } = this.#options
    metrics.sinkQueueLimitBytes.set({ sink }, memory)
    metrics.sinkDiskQueueLimitBytes.set({ sink }, disk)
  }

  /** Sends lines that it was given once before; their outcome is the caller's business, a retry included. */
  async replay(batch: Batch): Promise<SendOutcome> {
    if (this.#hasEnded) return ended
    const replay = deferred<SendOutcome>()
    batch.retain()
    this.#replays.push({ batch, entries: [], size: batch.measure(), state: 'waiting', hasFailed: false, replay })
    this.#wake()
    return await replay.promise
  }

  /** From now on lines wait for nothing: what cannot be delivered soon is kept on disk. */
  drain(): void {
    this.#isDraining = true
    this.#wake()
  }

  /** Begins no send any more; resolves when none is on its way. Lines are still taken. */
  async pause(): Promise<void> {
    this.#isPaused = true
    while (this.#sending > 0) await this.#quiet.promise
  }

  /** Goes on with this sink, with what has not been delivered first, but for what it has already by its own records. */
  resume(sink: Sink): void {
    if (sink !== this.#sink) {
      this.#sink = sink
      this.#concurrency = new Concurrency(sink.requests?.maxConcurrent ?? 1)
      this.#retries.reset()
      // What the sink before had and did not confirm was sent: it is in requests.
      this.#requests.passOver(sink.recovered ?? [])
    }
    this.#isPaused = false
    this.#wake()
  }

  /** Sends until `signal` aborts; then gives what is on its way a moment to end, and keeps the rest on disk. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#wake()
    signal.addEventListener('abort', onAbort, { once: true })
    while (!hasAborted(signal)) {
      this.#changed = deferred()
      const waitMs = this.#look(signal)
      await this.#untilChanged(waitMs)
    }
    signal.removeEventListener('abort', onAbort)
    await this.#giveUp()
    await this.#queue.close()
  }

  async #giveUp(): Promise<void> {
    this.#hasEnded = true
    for (const { batch, replay } of this.#replays.splice(0)) {
      batch.release()
      replay!.resolve(ended)
    }
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

  /** Gives back the batches that were not delivered, but for those that the sink still holds. For the end, after `run`. */
  release(): void {
    this.#requests.release()
    this.#queue.release()
  }

  /** Closes the disk queue. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue[Symbol.asyncDispose]()
  }

  #refuse(batch: Batch): void {
    this.#refused.batches += 1
    this.#refused.lines += batch.measure().lines
    batch.release()
  }

  /** Something may have become possible: the loop looks again, and whoever waits for room or for the end is told. */
  #wake(): void {
    this.#changed.resolve()
    if (this.hasRoom && !this.#hadRoom) {
      this.#room.resolve()
      this.#room = deferred()
    }
    this.#hadRoom = this.hasRoom
    if (this.isDrained) {
      this.#drained.resolve()
      this.#drained = deferred()
    }
    if (this.#sending > 0) return
    this.#quiet.resolve()
    this.#quiet = deferred()
  }

  async #untilChanged(waitMs: number | undefined): Promise<void> {
    const timer = waitMs === undefined ? undefined : setTimeout(() => this.#changed.resolve(), waitMs)
    await this.#changed.promise
    clearTimeout(timer)
  }

  /** @returns milliseconds after which to look again; undefined when only a change can make a difference. */
  #look(signal: AbortSignal): number | undefined {
    const storeMs = this.#storeInTrouble()
    const sendMs = this.#isPaused ? undefined : this.#startSends(signal)
    return storeMs === undefined || sendMs === undefined ? (storeMs ?? sendMs) : Math.min(storeMs, sendMs)
  }

  /** Puts what waits for a sink in trouble on disk. @returns milliseconds until the next lines are old enough. */
  #storeInTrouble(): number | undefined {
    if (this.#isDraining && (this.#queue.hasBacklog || this.#retries.trouble !== undefined)) this.#queue.store()
    const { oldestUnsafeAtMs, disk } = this.#queue
    if (this.#retries.trouble === undefined || disk === undefined || oldestUnsafeAtMs === undefined) return undefined
    const waitMs = oldestUnsafeAtMs + storeAfterMs - performance.now()
    if (waitMs > 0 && !this.#queue.isHalfFull) return waitMs
    this.#queue.store()
    return undefined
  }

  #startSends(signal: AbortSignal): number | undefined {
    // After a failure everything on its way comes back first, so that the order is kept when it is sent again.
    const { areDue, waitMs } = this.#retries
    if (areDue && this.#sending > 0) return undefined
    if (waitMs > 0) return waitMs
    const { requests, maxInFlight = 1 } = this.#sink
    const limit = areDue ? 1 : requests ? requests.maxConcurrent : maxInFlight
    while (this.#sending < limit) {
      const form = { sink: this.#sink, concurrency: this.#concurrency.limit, isDraining: this.#isDraining }
      const next = this.#requests.waiting ?? this.#replays.shift() ?? this.#requests.form(form)
      if (next === undefined) break
      if (typeof next === 'number') return next
      void this.#send(next, signal)
    }
    return undefined
  }

  async #send(request: Request, signal: AbortSignal): Promise<void> {
    request.state = 'sending'
    this.#sending += 1
    this.#retries.begin()
    const startedAtMs = performance.now()
    const outcome = await attempt(this.#sink, request.batch, signal)
    this.#observe(outcome, startedAtMs)
    if (this.#options.traces?.isOn === true) this.#trace(request, outcome, startedAtMs)
    if (outcome.status === 'retry') this.#failed(request, outcome, signal)
    else if (request.replay) this.#count(request, outcome)
    else await this.#delivered(request, outcome, signal)
    if (request.replay) {
      request.batch.release()
      request.replay.resolve(outcome)
    }
    this.#sending -= 1
    this.#wake()
  }

  #trace({ entries, size }: Request, outcome: SendOutcome, startedAtMs: number): void {
    const emissions = entries.map(({ emission }) => emission)
    this.#options.traces!.sent({ sink: this.id, emissions, startedAtMs, ...size, outcome })
  }

  #observe({ status }: SendOutcome, startedAtMs: number): void {
    const { metrics, id: sink } = this.#options
    const latencyMs = performance.now() - startedAtMs
    metrics.sinkRequests.inc({ sink, result: status })
    metrics.sinkRequestSeconds.observe({ sink }, latencyMs / 1000)
    if (!this.#sink.requests) return
    if (status === 'retry') this.#concurrency.failed(startedAtMs)
    else {
      const isBinding = this.#queue.hasBacklog || this.#queue.head.some(({ state }) => state === 'waiting')
      this.#concurrency.answered({ latencyMs, isBinding })
    }
  }

  #failed(request: Request, { reason, afterMs = 0 }: SendOutcome & { status: 'retry' }, signal: AbortSignal): void {
    const { metrics, log, id: sink } = this.#options
    request.state = 'waiting'
    if (hasAborted(signal) || request.replay) return
    metrics.sendRetries.inc({ sink })
    if (this.#retries.trouble === undefined)
      log.warn({ sink, reason }, 'a batch could not be delivered; it is sent again until it is')
    this.#retries.fail(reason, afterMs)
    if (!request.hasFailed) this.#retries.add()
    request.hasFailed = true
  }

  async #delivered(
    request: Request,
    outcome: SendOutcome & { status: 'delivered' | 'rejected' },
    signal: AbortSignal,
  ): Promise<void> {
    if (outcome.status === 'rejected' && !(await this.#keeper.keep(request.batch, outcome.rejections, signal))) {
      request.state = 'waiting'
      return
    }
    this.#count(request, outcome)
    if (request.hasFailed) {
      this.#retries.remove()
      if (!this.#retries.areDue) this.#options.log.info({ sink: this.id }, 'batches are delivered again')
    }
    this.#requests.settle(request)
  }

  #count({ batch, size }: Request, outcome: SendOutcome & { status: 'delivered' | 'rejected' }): void {
    const { metrics, id: sink } = this.#options
    const rejected = outcome.status === 'delivered' ? nothing : sizeOfRejected(batch, outcome.rejections, size)
    if (outcome.status === 'rejected') this.#rejections.add(rejected.lines, outcome.rejections[0].reason)
    metrics.logsRejected.inc({ sink }, rejected.lines)
    metrics.logsSent.inc({ sink }, size.lines - rejected.lines)
    metrics.logBytesSent.inc({ sink }, size.bytes - rejected.bytes)
  }
}

/** The disk queue, where there is to be one, or one is left from earlier. */
async function openDisk(
  { id: sink, queue, folder, metrics, log }: LaneOptions,
  pool: BufferPool,
): Promise<DiskQueue | undefined> {
  if (queue.disk === 0 && !(await DiskQueue.isAt(folder))) return undefined
  const onLost = ({ reason, lines }: { reason: string; lines: number }) =>
    metrics.queueLinesLost.inc({ sink, reason }, lines)
  return await DiskQueue.open({ folder, maxBytes: queue.disk, log: log.child({ sink }), onLost, pool })
}

const nothing = { lines: 0, bytes: 0 }

async function attempt(sink: Sink, batch: Batch, signal: AbortSignal): Promise<SendOutcome> {
  try {
    return await sink.send(batch, signal)
  } catch (error) {
    return { status: 'retry', reason: messageOf(error) }
  }
}
