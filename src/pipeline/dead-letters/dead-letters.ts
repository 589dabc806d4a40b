import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { Batch } from '../../batch/batch.ts'
import { decodeBatch, encodeBatch } from '../../batch/codec.ts'
import type { Rejection } from '../../component/sink.ts'
import { syncFolder } from '../../lib/atomic-file.ts'
import { codeOf, messageOf } from '../../lib/error.ts'
import { Semaphore } from '../../lib/semaphore.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { DeadLetterError, idOf, type Letter, placeOf } from './letter.ts'
import {
  encodeLetter,
  type LetterMeta,
  markOf,
  newSegmentHead,
  putMark,
  type RecordHead,
  segmentHeadBytes,
  stateAt,
  states,
} from './record.ts'
import { readAll, readHead, scanRecords } from './scan.ts'
import { count, type Count, loadSegments, type Segment, segmentPath } from './segments.ts'
import { selectLines } from './select-lines.ts'

export interface DeadLettersOptions {
  /** Made if it is not there. */
  readonly folder: string
  /** Of all sinks together, on disk. When it is reached the oldest are dropped, a sixteenth of it at a time. 0: none are kept. */
  readonly maxBytes: number
  readonly log: Log
  readonly metrics: Metrics
  /** Milliseconds since 1970; passed in by tests. */
  readonly now?: () => number
}

/** Which letters: all, or those of one sink. */
export interface LetterFilter {
  readonly sink?: string | undefined
}

/** A letter on its way to the disk. */
interface Draft {
  readonly meta: LetterMeta
  readonly record: Buffer
}

/** A segment is as large at the most, but for a single letter that is larger. */
const maxSegmentBytes = 16 * 1024 * 1024
const segmentsAtCap = 16
/** What a destination answers may be a page of HTML. */
const maxReasonLength = 1_000
/** That letters are dropped is said so often at the most. */
const logEveryMs = 60_000
const never = new AbortController().signal

/**
 * The lines that destinations refused for good, on disk: appended to segments, so that a letter costs a write and a sync of its few bytes, and
 * marked in place when they are removed. A segment without letters is deleted. Memory holds a few numbers for each segment.
 */
export class DeadLetters implements AsyncDisposable {
  readonly #options: DeadLettersOptions
  readonly #segments: Segment[]
  /** One change at a time; reading goes on meanwhile. */
  readonly #turn = new Semaphore(1)
  /** The last segment, open for appending. */
  #file: FileHandle | undefined
  /** Bytes after the good ones are in the last segment, and could not be cut off. */
  #isTorn = false
  #isClosed = false
  readonly #unlogged: Count = { letters: 0, lines: 0 }
  #nextLogMs = 0

  private constructor(options: DeadLettersOptions, segments: Segment[]) {
    this.#options = options
    this.#segments = segments
    this.#showTotals()
  }

  /** @throws DeadLetterError when the folder cannot be read. */
  static async open(options: DeadLettersOptions): Promise<DeadLetters> {
    try {
      await mkdir(options.folder, { recursive: true })
      const { segments, last } = await loadSegments(options.folder, options.log)
      const letters = new DeadLetters(options, segments)
      options.metrics.deadLetterLimitBytes.set(options.maxBytes)
      // A crash may have come between writing a letter and removing the one whose place it takes.
      if (last?.replaces !== undefined) await letters.remove([last.replaces])
      return letters
    } catch (cause) {
      throw new DeadLetterError(`cannot open the dead letters in ${options.folder}: ${messageOf(cause)}`, {
        cause,
        hint: 'make the folder readable and writable for this user, or set data_dir to another',
      })
    }
  }

  /**
   * Keeps the rejected lines, one letter for each rejection; resolves when they are durable. Rejects, with nothing kept, when the disk does not
   * take them: the caller tries again, and no cursor moves meanwhile. The batch is not needed any longer when the promise settles.
   */
  async add({
    sink,
    batch,
    rejections,
  }: {
    sink: string
    batch: Batch
    rejections: readonly Rejection[]
  }): Promise<void> {
    const drafts = rejections.flatMap(({ reason, lines }) =>
      this.#draft(selectLines(batch, lines), { sink, reason, attempts: 1 }),
    )
    if (drafts.length === 0) return
    using _turn = await this.#turn.acquire(never)
    await this.#append(drafts)
  }

  /** The letters that are there now, the oldest first; `after` one of them. What is added meanwhile does not appear. */
  list({ sink, after }: LetterFilter & { readonly after?: string | undefined } = {}): AsyncGenerator<Letter> {
    const start = after === undefined ? { segment: 0, at: 0 } : placeOf(after)
    if (!start) throw unknownId(after!)
    const parts = this.#segments
      .filter(({ number, sinks }) => number >= start.segment && (sink === undefined ? sinks.size > 0 : sinks.has(sink)))
      .map(({ number, path, bytes }) => ({ number, path, from: number === start.segment ? start.at : 0, to: bytes }))
    return listParts(parts, (letter) => letter.id !== after && (sink === undefined || letter.sink === sink))
  }

  /** How many there are, by sink. */
  totals(): ReadonlyMap<string, Readonly<Count>> {
    const totals = new Map<string, Count>()
    for (const { sinks } of this.#segments) {
      for (const [sink, { letters, lines }] of sinks) {
        const total = totals.get(sink) ?? { letters: 0, lines: 0 }
        totals.set(sink, { letters: total.letters + letters, lines: total.lines + lines })
      }
    }
    return totals
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /**
   * A letter with its lines; undefined where there is none of this id.
   * @throws DeadLetterError when it is damaged.
   */
  async read(id: string): Promise<{ readonly letter: Letter; readonly batch: Batch } | undefined> {
    const found = this.#find(id)
    if (!found) return undefined
    await using file = await openIfThere(found.segment.path)
    const head = file && (await readHead(file, { at: found.at, to: found.segment.bytes }))
    if (!head?.isKept) return undefined
    // The columns are read where they lie: aligned memory of its own.
    const body = Buffer.allocUnsafeSlow(head.bodyBytes)
    await readAll(file!, body, head.bodyAt)
    if (crc32(body) !== head.bodyCrc)
      throw new DeadLetterError(`the lines of dead letter ${id} are damaged on disk`, {
        hint: `they cannot be had back; log-capturer dlq drop ${id} removes what is left`,
      })
    return { letter: letterOf(found.segment.number, head), batch: decodeBatch(body) }
  }

  /** Removes letters for good. @returns how many of them there were. */
  async remove(ids: readonly string[]): Promise<number> {
    using _turn = await this.#turn.acquire(never)
    let removed = 0
    for (const id of ids) {
      const found = this.#find(id)
      if (!found) continue
      const wanted = (head: RecordHead) => head.at === found.at
      removed += await this.#removeFrom(found.segment, wanted, { from: found.at, isOne: true })
    }
    return removed
  }

  /** Removes all letters, or all of a sink. @returns how many there were. */
  async removeAll({ sink }: LetterFilter): Promise<number> {
    using _turn = await this.#turn.acquire(never)
    let removed = 0
    for (const segment of [...this.#segments]) {
      if (sink === undefined) {
        for (const { letters } of segment.sinks.values()) removed += letters
        segment.sinks.clear()
        await this.#retire(segment)
      } else if (segment.sinks.has(sink)) {
        removed += await this.#removeFrom(segment, ({ meta }) => meta.sink === sink, { from: 0, isOne: false })
      }
    }
    this.#showTotals()
    return removed
  }

  /** Keeps `batch`, the lines of a letter that were refused once more, in place of the letter. @returns the new letter's id. */
  async replace(letter: Letter, { batch, reason }: { batch: Batch; reason: string }): Promise<string | undefined> {
    const { id, sink, attempts } = letter
    const drafts = this.#draft(batch, { sink, reason, attempts: attempts + 1, replaces: id })
    using _turn = await this.#turn.acquire(never)
    const added = await this.#append(drafts)
    const found = this.#find(id)
    if (found) await this.#removeFrom(found.segment, ({ at }) => at === found.at, { from: found.at, isOne: true })
    return added
  }

  async [Symbol.asyncDispose](): Promise<void> {
    using _turn = await this.#turn.acquire(never)
    this.#isClosed = true
    await this.#closeFile()
  }

  #draft(batch: Batch, about: Pick<LetterMeta, 'sink' | 'reason' | 'attempts' | 'replaces'>): Draft[] {
    const { lines, bytes } = batch.measure()
    if (lines === 0) return []
    const rejectedAtMs = this.#options.now?.() ?? Date.now()
    const meta = { ...about, reason: about.reason.slice(0, maxReasonLength), rejectedAtMs, lines, bytes }
    // Without progress: what is sent again moves no cursor.
    return [{ meta, record: encodeLetter(meta, encodeBatch(batch, [])) }]
  }

  /** All of them in one segment, with one sync: a failure leaves none. @returns the id of the last. */
  async #append(all: readonly Draft[]): Promise<string | undefined> {
    if (this.#isClosed) throw new DeadLetterError('the dead letters are closed')
    const drafts = this.#fitting(all)
    if (drafts.length === 0) return undefined
    const bytes = drafts.reduce((sum, { record }) => sum + record.length, 0)
    await this.#makeRoom(bytes)
    const segment = await this.#segmentFor(bytes)
    for (const { record } of drafts) putMark(record, segment.mark!)
    try {
      await writeAll(this.#file!, Buffer.concat(drafts.map(({ record }) => record)), segment.bytes)
      await this.#file!.datasync()
    } catch (error) {
      this.#isTorn = true
      throw error
    }
    let at = segment.bytes
    let id: string | undefined
    for (const { meta, record } of drafts) {
      id = idOf({ segment: segment.number, at })
      at += record.length
      count(segment, meta.sink, { letters: 1, lines: meta.lines })
      this.#options.metrics.deadLettersAdded.inc({ sink: meta.sink })
      this.#options.metrics.deadLetterLinesAdded.inc({ sink: meta.sink }, meta.lines)
    }
    segment.bytes = at
    this.#showTotals()
    return id
  }

  /** Without those, from the first on, that would not fit even if there were no others. */
  #fitting(drafts: readonly Draft[]): readonly Draft[] {
    const room = this.#options.maxBytes - segmentHeadBytes
    let bytes = drafts.reduce((sum, { record }) => sum + record.length, 0)
    let first = 0
    for (; bytes > room; first++) {
      const { meta, record } = drafts[first]!
      bytes -= record.length
      this.#dropped(meta.sink, { letters: 1, lines: meta.lines })
    }
    return drafts.slice(first)
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { maxBytes } = this.#options
    while (this.#segments.length > 0 && this.bytes + bytes + segmentHeadBytes > maxBytes) {
      const oldest = this.#segments[0]!
      if (this.#segments.length === 1 && oldest.bytes <= segmentHeadBytes) return
      for (const [sink, lost] of oldest.sinks) this.#dropped(sink, lost)
      oldest.sinks.clear()
      await this.#retire(oldest)
    }
  }

  #dropped(sink: string, { letters, lines }: Count): void {
    const { metrics, log, maxBytes } = this.#options
    metrics.deadLettersDropped.inc({ sink }, letters)
    metrics.deadLetterLinesDropped.inc({ sink }, lines)
    this.#unlogged.letters += letters
    this.#unlogged.lines += lines
    if (performance.now() < this.#nextLogMs) return
    log.error({ ...this.#unlogged, maxBytes }, 'dead letters are dropped: dead_letters.max_bytes is reached')
    Object.assign(this.#unlogged, { letters: 0, lines: 0 })
    this.#nextLogMs = performance.now() + logEveryMs
  }

  /** The last segment, open and clean; another one where it is full. */
  async #segmentFor(bytes: number): Promise<Segment> {
    const limit = Math.min(maxSegmentBytes, this.#options.maxBytes / segmentsAtCap)
    const last = this.#segments.at(-1)
    const isFull = last && last.bytes > segmentHeadBytes && last.bytes + bytes > limit
    if (!last || isFull || (last.mark === undefined && last.bytes > 0)) return this.#newSegment()
    this.#file ??= await open(last.path, 'r+')
    if (this.#isTorn) await this.#file.truncate(last.bytes)
    if (last.mark === undefined) {
      this.#isTorn = true
      last.mark = await writeHead(this.#file)
      last.bytes = segmentHeadBytes
    }
    this.#isTorn = false
    return last
  }

  async #newSegment(): Promise<Segment> {
    const { folder } = this.#options
    const last = this.#segments.at(-1)
    if (this.#isTorn && last) await this.#file?.truncate(last.bytes)
    this.#isTorn = false
    const number = (last?.number ?? 0) + 1
    const path = segmentPath(folder, number)
    const file = await open(path, 'w+', 0o640)
    try {
      const mark = await writeHead(file)
      await syncFolder(folder)
      await this.#closeFile()
      const segment: Segment = { number, path, bytes: segmentHeadBytes, mark, sinks: new Map() }
      this.#segments.push(segment)
      this.#file = file
      return segment
    } catch (error) {
      await file.close()
      await rm(path, { force: true })
      throw error
    }
  }

  /** Marks letters as removed, durably. @returns how many. */
  async #removeFrom(
    segment: Segment,
    isWanted: (head: RecordHead) => boolean,
    { from, isOne }: { from: number; isOne: boolean },
  ): Promise<number> {
    const file = await openIfThere(segment.path, 'r+')
    if (!file) return 0
    let removed = 0
    try {
      for await (const head of headsOf(file, { from, to: segment.bytes, isOne })) {
        if (!head.isKept || !isWanted(head)) continue
        await file.write(Uint8Array.of(states.removed), 0, 1, head.at + stateAt)
        count(segment, head.meta.sink, { letters: -1, lines: -head.meta.lines })
        removed += 1
      }
      if (removed > 0) await file.datasync()
    } finally {
      await file.close()
    }
    if (segment.sinks.size === 0) await this.#retire(segment)
    this.#showTotals()
    return removed
  }

  /** Gives back the room of a segment without letters. The last one is emptied and gets the next number, so that no id is given twice. */
  async #retire(segment: Segment): Promise<void> {
    if (segment !== this.#segments.at(-1)) {
      await rm(segment.path, { force: true })
      this.#segments.splice(this.#segments.indexOf(segment), 1)
      return
    }
    await this.#closeFile()
    await using file = await open(segment.path, 'r+')
    await file.truncate(0)
    const number = segment.number + 1
    const path = segmentPath(this.#options.folder, number)
    await rename(segment.path, path)
    this.#isTorn = false
    this.#segments[this.#segments.length - 1] = { number, path, bytes: 0, mark: undefined, sinks: new Map() }
    await syncFolder(this.#options.folder)
  }

  #find(id: string): { readonly segment: Segment; readonly at: number } | undefined {
    const place = placeOf(id)
    const segment = place && this.#segments.find(({ number }) => number === place.segment)
    return segment && { segment, at: place.at }
  }

  #showTotals(): void {
    const { metrics } = this.#options
    metrics.deadLetters.reset()
    for (const [sink, { letters }] of this.totals()) metrics.deadLetters.set({ sink }, letters)
    metrics.deadLetterBytes.set(this.bytes)
  }

  async #closeFile(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }
}

export function unknownId(id: string): DeadLetterError {
  return new DeadLetterError(`there is no dead letter ${id}`, { hint: 'log-capturer dlq list shows those there are' })
}

interface Part {
  readonly number: number
  readonly path: string
  readonly from: number
  readonly to: number
}

async function* listParts(parts: readonly Part[], isWanted: (letter: Letter) => boolean): AsyncGenerator<Letter> {
  for (const { number, path, from, to } of parts) {
    await using file = await openIfThere(path)
    if (!file) continue
    for await (const head of headsOf(file, { from, to, isOne: false })) {
      const letter = letterOf(number, head)
      if (head.isKept && isWanted(letter)) yield letter
    }
  }
}

async function* headsOf(
  file: FileHandle,
  { from, to, isOne }: { from: number; to: number; isOne: boolean },
): AsyncGenerator<RecordHead> {
  if (!isOne) {
    // Damage was told when the segment was opened.
    yield* scanRecords(file, { from, to }, () => undefined)
    return
  }
  const head = await readHead(file, { at: from, to })
  if (head) yield head
}

function letterOf(segment: number, { at, meta }: RecordHead): Letter {
  const { sink, reason, rejectedAtMs, lines, bytes, attempts } = meta
  return { id: idOf({ segment, at }), sink, reason, rejectedAtMs, lines, bytes, attempts }
}

/** Undefined where the segment has been deleted meanwhile. */
async function openIfThere(path: string, flags: 'r' | 'r+' = 'r'): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function writeHead(file: FileHandle): Promise<Buffer> {
  const head = newSegmentHead()
  await writeAll(file, head, 0)
  await file.datasync()
  return markOf(head)!
}

async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  let written = 0
  while (written < bytes.length)
    written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten
}
