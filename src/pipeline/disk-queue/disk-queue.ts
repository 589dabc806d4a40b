import { constants } from 'node:fs'
import { access, mkdir, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Batch } from '../../batch/batch.ts'
import type { Progress } from '../../batch/origin.ts'
import { syncFolder } from '../../lib/atomic-file.ts'
import { Bug, codeOf, messageOf } from '../../lib/error.ts'
import type { Log } from '../../telemetry/log.ts'
import { DiskQueueError } from './disk-queue-error.ts'
import { type Lost, type OpenedSegments, openSegments } from './open-segments.ts'
import { type Position, PositionFile } from './position-file.ts'
import { encodeRecord } from './record.ts'
import { numberOf, type Segment, segmentHeaderBytes } from './segment.ts'
import { SegmentReader } from './segment-reader.ts'
import { type Portion, SegmentWriter } from './segment-writer.ts'

export interface DiskQueueOptions {
  /** Made if it is not there; belongs to this queue alone. */
  readonly folder: string
  /** Of all segments together, partly consumed ones included. */
  readonly maxBytes: number
  readonly log: Log
  readonly onLost: (lost: Lost) => void
}

export interface DiskQueueItem {
  readonly batch: Batch
  readonly progress: readonly Progress[]
}

const maxSegmentBytes = 16 * 1024 * 1024
/** A full queue has room again when a part of this size is consumed. */
const leastSegments = 8

/**
 * Batches on disk, first in, first out. Three places move through the records: what is appended, what is read or passed, and what is consumed,
 * which is deleted. Durable after a SIGKILL: everything that `append` has confirmed, and every `consume` whose write has ended. After a power
 * failure the same of appended records; consumed ones come again as far back as the last sync.
 */
export class DiskQueue implements AsyncDisposable {
  /** See DiskQueueOptions; may be changed. */
  maxBytes: number
  readonly #options: DiskQueueOptions
  readonly #segments: Segment[]
  readonly #writer: SegmentWriter
  readonly #reader = new SegmentReader()
  readonly #positionFile: PositionFile
  /** What is in the file, and what of that is synced. */
  #written: Position | undefined
  #synced: Position | undefined
  #position: Position | undefined
  /** Consumed, to be deleted. */
  readonly #behind: Segment[] = []
  #keeping: Promise<void> | undefined
  #isAppending = false
  #hasToldDamage = false
  #hasFailed = false
  #bytes = 0
  #lines = 0
  #records = 0
  /** The last place of each stream in what was not consumed at `open`: the lines up to there are in the queue. */
  readonly recovered: readonly Progress[]

  private constructor(
    options: DiskQueueOptions,
    opened: OpenedSegments & { files: PositionFile; position: Position | undefined },
  ) {
    this.#options = options
    this.maxBytes = options.maxBytes
    const { segments, recovered, lastNumber, files, position } = opened
    const segmentBytes = Math.min(maxSegmentBytes, Math.floor(options.maxBytes / leastSegments))
    this.#segments = segments
    this.#writer = new SegmentWriter({ folder: options.folder, segmentBytes, lastNumber })
    this.#positionFile = files
    this.#position = this.#written = this.#synced = position
    this.recovered = recovered
    for (const segment of segments) this.#count(segment.rest(), 1)
  }

  /** Whether there is something left in the folder from earlier. */
  static async isAt(folder: string): Promise<boolean> {
    try {
      return (await readdir(folder)).some((name) => numberOf(name) !== undefined)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false
      throw new DiskQueueError(`cannot use the queue in ${folder}`, error)
    }
  }

  /** Cuts off what a crash has torn, and finds what is not consumed. @throws DiskQueueError when the folder cannot be used */
  static async open(options: DiskQueueOptions): Promise<DiskQueue> {
    const { folder, log } = options
    const tell = (lost: Lost) => {
      log.warn({ folder, ...lost }, 'records of the queue on disk are lost')
      options.onLost(lost)
    }
    try {
      await mkdir(folder, { recursive: true })
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
      const files = new PositionFile(join(folder, 'position'))
      const position = await files.read()
      const opened = await openSegments(folder, position, tell)
      const queue = new DiskQueue(options, { ...opened, files, position })
      queue.#settle()
      return queue
    } catch (error) {
      throw new DiskQueueError(`cannot use the queue in ${folder}`, error)
    }
  }

  /** Of the records that are not consumed. */
  get bytes(): number {
    return this.#bytes
  }

  get lines(): number {
    return this.#lines
  }

  get records(): number {
    return this.#records
  }

  /** Whether records of this many bytes (`sizeOf`) fit below the cap, which counts a segment fully until all of it is consumed. */
  hasRoomFor(bytes: number): boolean {
    const onDisk = this.#segments.reduce((sum, { size }) => sum + size, 0)
    return onDisk + bytes + segmentHeaderBytes <= this.maxBytes
  }

  /** Resolves when all of them are durable, in order. When it rejects, none of them is in the queue. One call at a time. */
  async append(items: readonly DiskQueueItem[]): Promise<void> {
    if (this.#isAppending) throw new Bug('a disk queue takes one append at a time')
    if (items.length === 0) return
    this.#isAppending = true
    try {
      await this.#positionFile.reserve()
      const records = items.map(({ batch, progress }) => encodeRecord(batch, progress))
      const appended = this.#writer.append(records, this.#segments.at(-1))
      const [portions] = await Promise.all([appended, this.#syncPosition()])
      for (const portion of portions) this.#commit(portion)
    } catch (error) {
      throw new DiskQueueError(`cannot append to the queue in ${this.#options.folder}`, error)
    } finally {
      this.#isAppending = false
      this.#settle()
    }
  }

  /**
   * The next record after those that were read or passed; undefined: there is none. Damaged records are counted and passed over. One call at a
   * time, and no `pass` meanwhile. @throws when it cannot be read now; it is the next again
   */
  async read(): Promise<Batch | undefined> {
    for (let segment = this.#take(); segment; segment = this.#take()) {
      const record = segment.taken - 1
      let batch: Batch | undefined
      try {
        batch = await this.#reader.read(segment, record)
      } catch (error) {
        segment.taken -= 1
        throw new DiskQueueError(`cannot read from the queue in ${this.#options.folder}`, error)
      }
      if (segment.taken === segment.count) await this.#reader.close()
      if (batch) return batch
      this.#lose(segment, record)
    }
    return undefined
  }

  /** Passes over the next record: the caller has its batch. */
  pass(): void {
    if (!this.#take()) throw new Bug('the disk queue has no record to pass over')
  }

  /** The oldest record that was read or passed is done with. Its position is written at once, and synced with the next append or flush. */
  consume(): void {
    const segment = this.#segments[0]
    if (!segment || segment.consumed === segment.taken)
      throw new Bug('nothing of the disk queue was read that could be consumed')
    this.#count({ records: 1, lines: segment.linesOf(segment.consumed), bytes: segment.bytesOf(segment.consumed) }, -1)
    this.#moveOver(segment)
    this.#settle()
  }

  /** Drops the oldest segment of which nothing was read or passed; false: there is none. @throws when it cannot be deleted now */
  async dropOldest(): Promise<boolean> {
    const at = this.#segments.findIndex(({ taken }) => taken === 0)
    if (at < 0 || (this.#isAppending && at === this.#segments.length - 1)) return false
    const segment = this.#segments.splice(at, 1)[0]!
    const rest = segment.rest()
    this.#count(rest, -1)
    this.#options.onLost({ reason: 'dropped_oldest', ...rest })
    this.#behind.push(segment)
    await this.#untilKept()
    return true
  }

  /** Resolves when the position is durable and nothing is left that was consumed. @throws DiskQueueError when it cannot be written */
  async flush(): Promise<void> {
    try {
      await this.#untilKept()
      const written = this.#written
      if (written === this.#synced) return
      await this.#positionFile.sync()
      this.#synced = written
    } catch (error) {
      throw new DiskQueueError(`cannot write the position of the queue in ${this.#options.folder}`, error)
    }
  }

  /** @throws DiskQueueError when the position cannot be written; nothing is open afterwards all the same */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.#reader.close()
      await this.#writer.takeBack()
    }
  }

  #count({ records, lines, bytes }: { records: number; lines: number; bytes: number }, sign: 1 | -1): void {
    this.#records += sign * records
    this.#lines += sign * lines
    this.#bytes += sign * bytes
  }

  #commit({ segment, isNew, records }: Portion): void {
    if (isNew) this.#segments.push(segment)
    for (const { bytes, lines } of records) {
      segment.add(segment.size + bytes, lines)
      this.#count({ records: 1, lines, bytes }, 1)
    }
  }

  /** The segment whose record `taken - 1` is the next from now on; undefined: there is none. */
  #take(): Segment | undefined {
    for (const segment of this.#segments) {
      while (segment.taken < segment.count) {
        segment.taken += 1
        if (!segment.lost.has(segment.taken - 1)) return segment
      }
    }
    return undefined
  }

  #lose(segment: Segment, record: number): void {
    const lost = { records: 1, lines: segment.linesOf(record), bytes: segment.bytesOf(record) }
    this.#count(lost, -1)
    segment.lost.add(record)
    if (!this.#hasToldDamage)
      this.#options.log.error(
        { path: segment.path, offset: segment.startOf(record), ...lost },
        'a record of the queue on disk is damaged and is passed over; further ones are only counted',
      )
    this.#hasToldDamage = true
    this.#options.onLost({ reason: 'damaged', ...lost })
    this.#settle()
  }

  #moveOver(segment: Segment): void {
    segment.consumed += 1
    segment.taken = Math.max(segment.taken, segment.consumed)
    this.#position = { segment: segment.number, offset: segment.endOf(segment.consumed - 1) }
  }

  /** Moves over lost records at the front, and puts what is consumed behind. */
  #settle(): void {
    for (let first = this.#segments[0]; first; first = this.#segments[0]) {
      if (first.consumed < first.count) {
        if (!first.lost.has(first.consumed)) break
        this.#moveOver(first)
      } else {
        if (this.#isAppending && this.#segments.length === 1) break
        this.#behind.push(first)
        this.#segments.shift()
      }
    }
    void this.#keepSoon()
  }

  get #isKept(): boolean {
    return this.#position === this.#written && this.#behind.length === 0
  }

  /** A failure is told once, and tried again with the next thing that happens to the queue. */
  async #keepSoon(): Promise<void> {
    try {
      await this.#untilKept()
      this.#hasFailed = false
    } catch (error) {
      this.#tellFailure(error)
    }
  }

  #untilKept(): Promise<void> {
    if (this.#keeping || this.#isKept) return this.#keeping ?? Promise.resolve()
    return (this.#keeping = this.#keep())
  }

  /** Writes the newest position, and deletes what is behind, until there is nothing more to do. */
  async #keep(): Promise<void> {
    try {
      while (!this.#isKept) {
        const position = this.#position
        if (position && position !== this.#written) {
          await this.#positionFile.reserve()
          await this.#positionFile.write(position)
          this.#written = position
        }
        await this.#deleteBehind()
      }
    } finally {
      this.#keeping = undefined
    }
  }

  async #deleteBehind(): Promise<void> {
    if (this.#behind.length === 0) return
    for (let segment = this.#behind[0]; segment; segment = this.#behind[0]) {
      try {
        await unlink(segment.path)
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error
      }
      this.#behind.splice(this.#behind.indexOf(segment), 1)
    }
    await syncFolder(this.#options.folder)
  }

  async #syncPosition(): Promise<void> {
    try {
      await this.flush()
    } catch (error) {
      this.#tellFailure(error)
    }
  }

  #tellFailure(error: unknown): void {
    if (!this.#hasFailed)
      this.#options.log.error(
        { folder: this.#options.folder, error: messageOf(error) },
        'the position of the queue on disk cannot be written; it is tried again, and a restart before it works repeats lines',
      )
    this.#hasFailed = true
  }
}
