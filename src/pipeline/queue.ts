import type { Batch } from '../batch/batch.ts'
import type { Cursor } from '../batch/cursor.ts'
import type { Progress } from '../batch/origin.ts'
import { BackOff } from '../lib/back-off.ts'
import { messageOf } from '../lib/error.ts'
import type { Log } from '../telemetry/log.ts'
import type { DiskQueue } from './disk-queue/disk-queue.ts'
import { sizeOf } from './disk-queue/record.ts'
import { PassOver } from './pass-over.ts'
import { type SinkKind, SpillDelay } from './spill-delay.ts'

/** Batches that are written to disk in one go, and synced together. */
const groupBytes = 4 * 1024 * 1024

/** One batch on its way to the sink. */
export interface Entry {
  readonly batch: Batch
  /** Lines that are not dropped, and the bytes of their text. */
  readonly size: Size
  /** Undefined where nothing is to be acknowledged any more, or where a later entry carries on the same batch of the source. */
  progress: readonly Progress[] | undefined
  /** Of the source's batch; 0 for what was read from disk, which is acknowledged already. */
  readonly emission: number
  isAcknowledged: boolean
  state: 'waiting' | 'sending' | 'settled'
  storage: 'memory' | 'writing' | 'disk'
  /** Requests with lines of this entry that are not settled. */
  openRequests: number
}

export interface Size {
  readonly lines: number
  readonly bytes: number
}

export interface QueueLimits {
  readonly memoryBytes: number
  readonly whenFull: 'block' | 'drop_oldest'
  /** Undefined: there is only memory. The queue owns it. */
  readonly disk: DiskQueue | undefined
}

/** Called once for each entry. `progress`: empty where it has moved on to a later one. `by`: who has the batch now. */
export type OnAcknowledged = (progress: readonly Progress[], emission: number, by: 'sink' | 'disk') => void

export interface QueueParts extends QueueLimits {
  /** Streams of which the sink has more than the disk queue knows: those lines are passed over when they are read back. */
  readonly sinkHas: readonly Progress[]
  readonly sinkKind: () => SinkKind
  /** The sink, or the disk, has everything up to here, the batch of this emission as a whole. */
  readonly onAcknowledged: OnAcknowledged
  /** There is something more to send, or something less to wait for. */
  readonly onChanged: () => void
  /** The disk does not take batches. */
  readonly onError: () => void
  readonly log: Log
}

/**
 * Batches in the order in which they came: first those that are loaded and can be sent (`head`), then those that are on disk only, then those that
 * wait to be written there (`tail`). While half of the memory is enough nothing touches the disk; where it is not, sources wait a moment for the sink
 * (`SpillDelay`). Then everything that is not acknowledged is written, the head included, so that what is on disk is always a whole: the cursors move when it is synced.
 */
export class Queue implements AsyncDisposable {
  readonly head: Entry[] = []
  readonly #tail: Entry[] = []
  #parts: QueueParts
  readonly #sinkHas = new PassOver()
  readonly #backOff = new BackOff({ firstMs: 500, maxMs: 10_000 })
  readonly #spillDelay = new SpillDelay({
    sinkKind: () => this.#parts.sinkKind(),
    onOver: () => this.#parts.onChanged(),
  })
  #headBytes = 0
  #tailBytes = 0
  /** Entries of the head that are on disk, too. */
  #storedInHead = 0
  #loads = 0
  #mustStore = false
  #writing: Promise<void> | undefined
  #loading: Promise<void> | undefined
  #retryTimer: NodeJS.Timeout | undefined
  #isClosed = false
  /** Why the disk does not take anything; undefined: it does, or there is none. */
  failure: string | undefined

  constructor(parts: QueueParts) {
    this.#parts = parts
    if (this.#unread > 0) for (const { key, cursor } of parts.sinkHas) this.#sinkHas.add(key, cursor)
    this.#fillHead()
  }

  /** Whether sources may go on. */
  get hasRoom(): boolean {
    if (this.memoryBytes >= this.#parts.memoryBytes) return false
    return this.#parts.disk === undefined || this.hasBacklog || this.#headHasRoom || this.#spillDelay.isOver
  }

  /** What comes next would go to disk, at once or after a moment. */
  get isHalfFull(): boolean {
    return !this.#headHasRoom
  }

  /** Memory that the batches hold. */
  get memoryBytes(): number {
    return this.#headBytes + this.#tailBytes
  }

  get disk(): DiskQueue | undefined {
    return this.#parts.disk
  }

  /** Nothing is on its way any more, neither in memory nor on disk. */
  get isEmpty(): boolean {
    return this.memoryBatches === 0 && this.#unread === 0
  }

  /** Nothing would be lost if the process ended now. */
  get isSafe(): boolean {
    return this.#tail.length === 0 && this.head.every(({ storage }) => storage === 'disk')
  }

  /** More is waiting than is loaded. */
  get hasBacklog(): boolean {
    return this.#unread > 0 || this.#tail.length > 0
  }

  get memoryBatches(): number {
    return this.head.length + this.#tail.length
  }

  /** `performance.now()` when the oldest line on its way was read; undefined: none is. */
  get oldestAtMs(): number | undefined {
    return (this.head[0] ?? this.#tail[0])?.batch.openedAtMs
  }

  /** The same of the oldest line that is in memory only. */
  get oldestUnsafeAtMs(): number | undefined {
    return (this.head.find(({ storage }) => storage === 'memory') ?? this.#tail[0])?.batch.openedAtMs
  }

  /** How far the stream has come in what has not been acknowledged; undefined: nothing of it is on its way. */
  upTo(key: string): Cursor | undefined {
    for (const entries of [this.#tail, this.head]) {
      for (let i = entries.length - 1; i >= 0; i--) {
        const progress = entries[i]!.progress?.find((one) => one.key === key)
        if (progress) return progress.cursor
      }
    }
    return undefined
  }

  /** The keys of streams that are on their way and not acknowledged. */
  keys(): ReadonlySet<string> {
    return new Set([...this.head, ...this.#tail].flatMap(({ progress }) => progress?.map(({ key }) => key) ?? []))
  }

  /** Acknowledges streams under other keys from now on: none, one or several for each. */
  rename(keysOf: (key: string) => readonly string[]): void {
    for (const entry of [...this.head, ...this.#tail])
      entry.progress = entry.progress?.flatMap(({ key, cursor }) => keysOf(key).map((name) => ({ key: name, cursor })))
  }

  /** Takes over one reference to `batch`. */
  take(batch: Batch, progress: readonly Progress[], emission: number): Entry {
    const entry: Entry = {
      batch,
      progress,
      emission,
      isAcknowledged: false,
      size: batch.measure(),
      state: 'waiting',
      storage: 'memory',
      openRequests: 0,
    }
    if (!this.hasBacklog && this.#mayJoinHead) this.#pushHead(entry)
    else {
      this.#tail.push(entry)
      this.#tailBytes += batch.heldBytes
      this.#startWriting()
    }
    return entry
  }

  /** Entries have been settled: acknowledges what is settled without a hole, and lets go of it. */
  settle(): void {
    const before = this.head.length
    for (let first = this.head[0]; first?.state === 'settled' && first.storage !== 'writing'; first = this.head[0]) {
      this.head.shift()
      this.#acknowledge(first)
      if (first.storage === 'disk') {
        this.#storedInHead -= 1
        this.#parts.disk!.consume()
      }
      this.#headBytes -= first.batch.heldBytes
      first.batch.release()
    }
    if (this.head.length < before) this.#spillDelay.taken()
    this.#fillHead()
    if (this.hasBacklog || this.#headBytes < this.#parts.memoryBytes / 4) this.#spillDelay.end()
    if (this.#tail.length > 0) this.#startWriting()
  }

  /** Other limits; a disk queue that there is stays. */
  resize(limits: QueueLimits): void {
    this.#parts = { ...this.#parts, ...limits }
    this.settle()
    this.#parts.onChanged()
  }

  /** Sources cannot wait for the sink: see SpillDelay. */
  hurry(): void {
    this.#spillDelay.hurry()
  }

  /** Writes everything to disk that is in memory only. */
  store(): void {
    if (this.#parts.disk === undefined || this.isSafe) return
    this.#mustStore = true
    this.#startWriting()
  }

  /** Writes what is not on disk yet; for the end. What the disk does not take stays in memory. */
  async close(): Promise<void> {
    await this.#writing
    this.#mustStore = true
    clearTimeout(this.#retryTimer)
    this.failure = undefined
    this.#startWriting()
    await this.#writing
    this.#isClosed = true
    this.#spillDelay[Symbol.dispose]()
    clearTimeout(this.#retryTimer)
    await this.#loading
    await this.#parts.disk?.flush().catch((error: unknown) => this.#failed(error))
  }

  /** Gives back what is in memory. */
  release(): void {
    for (const { batch } of [...this.head.splice(0), ...this.#tail.splice(0)]) batch.release()
    this.#headBytes = 0
    this.#tailBytes = 0
    this.#storedInHead = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#spillDelay[Symbol.dispose]()
    clearTimeout(this.#retryTimer)
    await this.#writing
    await this.#loading
    await this.#parts.disk?.[Symbol.asyncDispose]()
  }

  /** Entries that are in memory only, in order. */
  unsafe(): Entry[] {
    return [...this.head, ...this.#tail].filter(({ storage, state }) => storage !== 'disk' && state !== 'settled')
  }

  /** What a source had begun when there was no room any more waits with the others for the sink. */
  get #mayJoinHead(): boolean {
    if (this.#parts.disk === undefined || this.#headHasRoom) return true
    return this.memoryBytes < this.#parts.memoryBytes * 0.75 && !this.#spillDelay.isOver
  }

  get #headHasRoom(): boolean {
    return this.#headBytes < this.#parts.memoryBytes / 2
  }

  /** What is read back waits for nothing but the sink: a quarter of the memory is enough to keep it busy. */
  get #mayLoad(): boolean {
    return this.head.length === 0 || this.#headBytes < this.#parts.memoryBytes / 4
  }

  /** Records on disk that are not loaded. */
  get #unread(): number {
    return this.#parts.disk === undefined ? 0 : this.#parts.disk.records - this.#storedInHead
  }

  #pushHead(entry: Entry): void {
    this.head.push(entry)
    this.#headBytes += entry.batch.heldBytes
    if (this.#parts.disk !== undefined && !this.#headHasRoom && !this.hasBacklog) this.#spillDelay.begin()
    this.#parts.onChanged()
  }

  #acknowledge(entry: Entry): void {
    const { progress, emission, isAcknowledged } = entry
    if (isAcknowledged) return
    entry.isAcknowledged = true
    entry.progress = undefined
    this.#parts.onAcknowledged(progress ?? [], emission, entry.state === 'settled' ? 'sink' : 'disk')
  }

  /** Brings what comes next into the head, as far as there is room. */
  #fillHead(): void {
    if (this.#unread > 0) {
      if (this.#mayLoad) this.#startLoading()
      return
    }
    while (this.#headHasRoom && this.#tail[0]?.storage === 'memory') {
      const entry = this.#tail.shift()!
      this.#tailBytes -= entry.batch.heldBytes
      this.#pushHead(entry)
    }
  }

  #startLoading(): void {
    if (this.#isClosed || this.failure !== undefined) return
    this.#loading ??= this.#load()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#loading = undefined
        this.#parts.onChanged()
      })
  }

  async #load(): Promise<void> {
    const disk = this.#parts.disk!
    while (this.#unread > 0 && this.#mayLoad && !this.#isClosed) {
      const read = await disk.read()
      // What is left could not be read: it is counted as lost, and the disk queue has forgotten it.
      if (read === undefined) break
      this.#loads += 1
      const batch = this.#sinkHas.isEmpty ? read : this.#sinkHas.pass(read, this.#loads).batch
      this.#storedInHead += 1
      const size = batch.measure()
      const entry: Entry = {
        ...{ batch, size, progress: undefined, emission: 0, isAcknowledged: true },
        ...{ state: 'waiting', storage: 'disk', openRequests: 0 },
      }
      this.#pushHead(entry)
    }
    if (this.#unread === 0) this.#fillHead()
  }

  #startWriting(): void {
    if (this.#parts.disk === undefined || this.#isClosed || this.failure !== undefined) return
    this.#writing ??= this.#write()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#writing = undefined
        this.#parts.onChanged()
      })
  }

  async #write(): Promise<void> {
    const disk = this.#parts.disk!
    // A batch that comes twice over two paths has its entries made in the same turn: they are complete in the next.
    await Promise.resolve()
    for (let group = this.#nextGroup(); group.length > 0; group = this.#nextGroup()) {
      if (!(await this.#hasRoomFor(group))) return
      for (const entry of group) entry.storage = 'writing'
      try {
        await disk.append(group.map(({ batch, progress }) => ({ batch, progress: progress ?? [] })))
      } catch (error) {
        for (const entry of group) entry.storage = 'memory'
        this.settle()
        throw error
      }
      this.#wrote(group)
    }
  }

  /** What has to be written next: the head's first, so that nothing on disk is later than something that is not. */
  #nextGroup(): Entry[] {
    if (this.#tail.length === 0 && !this.#mustStore) return []
    const group: Entry[] = []
    let bytes = 0
    for (const entries of [this.head, this.#tail]) {
      for (const entry of entries) {
        if (entry.storage !== 'memory' || entry.state === 'settled') continue
        if (bytes > 0 && bytes + entry.batch.heldBytes > groupBytes) return group
        group.push(entry)
        bytes += entry.batch.heldBytes
      }
    }
    this.#mustStore = false
    return group
  }

  async #hasRoomFor(group: readonly Entry[]): Promise<boolean> {
    const { whenFull } = this.#parts
    const disk = this.#parts.disk!
    const bytes = group.reduce((sum, { batch }) => sum + sizeOf(batch), 0)
    while (!disk.hasRoomFor(bytes)) {
      if (whenFull === 'block' || !(await disk.dropOldest())) return false
    }
    return true
  }

  /** The group is synced: the cursors may move over it. What fits stays loaded, the rest is read again when its turn comes. */
  #wrote(group: readonly Entry[]): void {
    const { disk, log } = this.#parts
    if (this.failure !== undefined) log.info({}, 'the disk queue can be written again')
    this.failure = undefined
    this.#backOff.reset()
    for (const entry of group) entry.storage = 'disk'
    this.#acknowledgeHead()
    for (const [i, entry] of group.entries()) {
      const isFromTail = this.#tail[0] === entry
      if (isFromTail) {
        this.#tail.shift()
        this.#tailBytes -= entry.batch.heldBytes
        this.#acknowledge(entry)
      }
      const isNext = this.#unread === group.length - i
      if (!isFromTail || (isNext && this.#headHasRoom)) {
        this.#storedInHead += 1
        disk!.pass()
        if (isFromTail) this.#pushHead(entry)
      } else entry.batch.release()
    }
    this.settle()
  }

  /** Acknowledges the entries at the head that are on disk or settled, up to the first that is neither. */
  #acknowledgeHead(): void {
    for (const entry of this.head) {
      if (entry.storage !== 'disk' && entry.state !== 'settled') return
      this.#acknowledge(entry)
    }
  }

  #failed(error: unknown): void {
    const { log, onError } = this.#parts
    onError()
    const message = messageOf(error)
    if (this.failure === undefined)
      log.error(
        { error: message },
        'the disk queue does not work; it is tried again, and lines wait in memory meanwhile',
      )
    this.failure = message
    if (this.#isClosed) return
    clearTimeout(this.#retryTimer)
    this.#retryTimer = setTimeout(() => {
      this.failure = undefined
      if (this.#tail.length > 0 || this.#mustStore) this.#startWriting()
      this.#fillHead()
    }, this.#backOff.next())
  }
}
