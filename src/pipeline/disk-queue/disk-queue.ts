import type { Batch } from '../../batch/batch.ts'
import type { Progress } from '../../batch/origin.ts'
import { BufferPool } from '../../lib/buffer-pool.ts'
import { Bug, codeOf } from '../../lib/error.ts'
import type { Log } from '../../telemetry/log.ts'
import { DiskQueueError } from './disk-queue-error.ts'
import { Keeper } from './keeper.ts'
import { encodeRecord } from './record.ts'
import { recover, type Recovered, segmentNumbers } from './recover.ts'
import { type Segment, segmentHeaderBytes, type Size } from './segment.ts'
import { SegmentReader } from './segment-reader.ts'
import { type Portion, SegmentWriter } from './segment-writer.ts'

/** Records that nobody will get. */
export interface Lost extends Size {
  /**
   * `torn`: a crash interrupted their writing, and nobody was told that they are there. `damaged`: they are not what was written; their
   * lines are counted as far as they are known. `dropped_oldest`: room was made.
   */
  readonly reason: 'torn' | 'damaged' | 'dropped_oldest'
}

export interface DiskQueueOptions {
  /** Made if it is not there; belongs to this queue alone. */
  readonly folder: string
  /** Of all segments together; one that is partly consumed counts whole. */
  readonly maxBytes: number
  readonly log: Log
  readonly onLost: (lost: Lost) => void
  /** Memory for what is read; without: a pool of its own. */
  readonly pool?: BufferPool
}

export interface DiskQueueItem {
  readonly batch: Batch
  readonly progress: readonly Progress[]
}

const maxSegmentBytes = 16 * 1024 * 1024
/** A full queue has room again when this part of it is consumed. */
const segmentsOfFull = 8

/**
 * Batches on disk, first in, first out. Three places move through the records: up to one they are appended, up to one they are read or passed,
 * up to one they are consumed, and deleted behind it. After a SIGKILL everything is there that `append` has confirmed, and nothing comes again
 * whose `consume` has reached the file. After a power failure the former holds too; consumed records come again as far back as the last sync.
 */
export class DiskQueue implements AsyncDisposable {
  /** See DiskQueueOptions; may be changed. */
  maxBytes: number
  readonly #options: DiskQueueOptions
  readonly #segments: Segment[]
  readonly #writer: SegmentWriter
  readonly #reader: SegmentReader
  readonly #keeper: Keeper
  readonly #reserve: () => Promise<void>
  #isAppending = false
  #hasToldDamage = false
  #total: Size = { records: 0, lines: 0, bytes: 0 }
  /** The last place of each stream in what was not consumed at `open`: its lines up to there are in the queue. */
  readonly recovered: readonly Progress[]

  private constructor(options: DiskQueueOptions, { segments, positionFile, nextNumber, progress }: Recovered) {
    const { folder, maxBytes, log, pool = new BufferPool() } = options
    const segmentBytes = Math.min(maxSegmentBytes, Math.floor(maxBytes / segmentsOfFull))
    this.#options = options
    this.maxBytes = maxBytes
    this.#segments = [...segments]
    this.#writer = new SegmentWriter({ folder, segmentBytes, nextNumber })
    this.#keeper = new Keeper({ folder, file: positionFile, log })
    this.#reserve = () => positionFile.reserve()
    this.#reader = new SegmentReader(pool)
    this.recovered = progress
    for (const segment of segments) this.#count(segment.rest(), 1)
  }

  /** Whether something is left in the folder from earlier. */
  static async isAt(folder: string): Promise<boolean> {
    try {
      return (await segmentNumbers(folder)).length > 0
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false
      throw new DiskQueueError(`cannot use the queue in ${folder}`, error)
    }
  }

  /** Cuts off what a crash has torn, and finds what is not consumed. @throws DiskQueueError when the folder cannot be used */
  static async open(options: DiskQueueOptions): Promise<DiskQueue> {
    const { folder, log, onLost } = options
    let found: Recovered
    try {
      found = await recover(folder)
    } catch (error) {
      throw new DiskQueueError(`cannot use the queue in ${folder}`, error)
    }
    for (const [reason, size] of [
      ['torn', found.torn],
      ['damaged', found.damaged],
    ] as const) {
      if (size.records === 0) continue
      log.warn({ folder, reason, ...size }, 'records of the queue on disk are lost')
      onLost({ reason, ...size })
    }
    return new DiskQueue(options, found)
  }

  /** Bytes on disk of the records that are neither consumed nor lost. */
  get bytes(): number {
    return this.#total.bytes
  }

  /** Lines of these that no transform has dropped. */
  get lines(): number {
    return this.#total.lines
  }

  get records(): number {
    return this.#total.records
  }

  /** Whether records of this many bytes (see `sizeOf`) fit below the cap. */
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
      await this.#reserve()
      const records = items.map(({ batch, progress }) => encodeRecord(batch, progress))
      const [appending] = await Promise.allSettled([
        this.#writer.append(records, this.#segments.at(-1)),
        this.#keeper.syncQuietly(),
      ])
      if (appending.status === 'rejected') throw appending.reason
      for (const portion of appending.value) this.#add(portion)
    } catch (error) {
      throw new DiskQueueError(`cannot append to the queue in ${this.#options.folder}`, error)
    } finally {
      this.#isAppending = false
      this.#leaveBehind()
    }
  }

  /**
   * The next record after those that were read or passed; undefined: there is none. Damaged ones are counted and passed over. One call at a
   * time, and no `pass` meanwhile. @throws DiskQueueError when it cannot be read now; it is the next again, then
   */
  async read(): Promise<Batch | undefined> {
    for (let next = this.#take(); next; next = this.#take()) {
      const { segment, record } = next
      let batch: Batch | undefined
      try {
        batch = await this.#reader.read(segment, record)
      } catch (error) {
        segment.giveBack(record)
        throw new DiskQueueError(`cannot read the queue in ${this.#options.folder}`, error)
      }
      if (segment.isTaken) await this.#reader.close()
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
    const size = segment?.consume()
    if (!segment || !size) throw new Bug('the disk queue has no record that was read and could be consumed')
    this.#count(size, -1)
    this.#keeper.move({ segment: segment.number, offset: segment.consumedTo })
    this.#leaveBehind()
  }

  /** Drops the oldest segment of which nothing was read or passed; false: there is none. @throws DiskQueueError when it cannot be deleted now */
  async dropOldest(): Promise<boolean> {
    const at = this.#segments.findIndex(({ isTouched }) => !isTouched)
    if (at < 0 || this.#isWritten(at)) return false
    const segment = this.#segments.splice(at, 1)[0]!
    const rest = segment.rest()
    this.#count(rest, -1)
    this.#options.onLost({ reason: 'dropped_oldest', ...rest })
    this.#keeper.remove(segment.path)
    try {
      await this.#keeper.settled()
    } catch (error) {
      throw new DiskQueueError(`cannot make room in the queue in ${this.#options.folder}`, error)
    }
    return true
  }

  /** Resolves when all that is consumed is so durably. @throws DiskQueueError when it cannot be written */
  async flush(): Promise<void> {
    try {
      await this.#keeper.sync()
      await this.#writer.takeBack()
    } catch (error) {
      throw new DiskQueueError(`cannot write to the queue in ${this.#options.folder}`, error)
    }
  }

  /** @throws DiskQueueError when the position cannot be written; no file is open afterwards all the same */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.#reader.close()
    }
  }

  #count({ records, lines, bytes }: Size, sign: 1 | -1): void {
    this.#total = {
      records: this.#total.records + sign * records,
      lines: this.#total.lines + sign * lines,
      bytes: this.#total.bytes + sign * bytes,
    }
  }

  #add({ segment, isNew, records }: Portion): void {
    if (isNew) this.#segments.push(segment)
    for (const { bytes, lines } of records) {
      segment.add(segment.size + bytes, lines)
      this.#count({ records: 1, lines, bytes }, 1)
    }
  }

  #take(): { segment: Segment; record: number } | undefined {
    for (const segment of this.#segments) {
      const record = segment.take()
      if (record !== undefined) return { segment, record }
    }
    return undefined
  }

  #lose(segment: Segment, record: number): void {
    const size = segment.sizeOf(record)
    this.#count(size, -1)
    segment.lose(record)
    if (!this.#hasToldDamage) {
      this.#options.log.error(
        { path: segment.path, offset: segment.startOf(record), ...size },
        'a record of the queue on disk is damaged and is passed over; further ones are only counted',
      )
    }
    this.#hasToldDamage = true
    this.#options.onLost({ reason: 'damaged', ...size })
    this.#leaveBehind()
  }

  /** Gives up the segments at the front that are consumed. */
  #leaveBehind(): void {
    while (this.#segments[0]?.isConsumed && !this.#isWritten(0)) this.#keeper.remove(this.#segments.shift()!.path)
  }

  /** Whether an append is writing to the segment at this index, or may be. */
  #isWritten(index: number): boolean {
    return this.#isAppending && index === this.#segments.length - 1
  }
}
