/** Appends records to segments, so that all of them are on disk, or none. Nothing stays open between two calls. */
import { type FileHandle, open, rm, truncate } from 'node:fs/promises'
import { syncFolder } from '../../lib/atomic-file.ts'
import { codeOf } from '../../lib/error.ts'
import { type EncodedRecord, setGroupStart } from './record.ts'
import { Segment, segmentHeader, segmentHeaderBytes } from './segment.ts'

/** What of a group goes into one segment. */
export interface Portion {
  readonly segment: Segment
  readonly isNew: boolean
  readonly records: readonly EncodedRecord[]
}

/** Smaller pieces of memory are copied together: each piece costs the system more than so many bytes. */
const copiedBytes = 4096

export class SegmentWriter {
  readonly #folder: string
  readonly #segmentBytes: number
  #nextNumber: number
  /** What an append that failed has left on disk, and could not take back. */
  #remains: readonly Portion[] = []

  /** A segment is full at `segmentBytes`; a larger record has one of its own. */
  constructor(options: { folder: string; segmentBytes: number; nextNumber: number }) {
    this.#folder = options.folder
    this.#segmentBytes = options.segmentBytes
    this.#nextNumber = options.nextNumber
  }

  /** Begins behind the end of `last`. Nothing is added to an index: that is for the caller. @throws when not all is on disk; nothing is, then */
  async append(records: readonly EncodedRecord[], last: Segment | undefined): Promise<readonly Portion[]> {
    await this.takeBack()
    const portions = this.#divide(records, last)
    try {
      // One after the other: only the last segment of a folder can be torn.
      for (const portion of portions) await this.#write(portion)
    } catch (error) {
      this.#remains = portions
      // When it cannot be taken back now, the next append, or the end, begins with it.
      await this.takeBack().catch(() => undefined)
      throw error
    }
    return portions
  }

  /** Takes back what is left of an append that failed. @throws when that is not possible */
  async takeBack(): Promise<void> {
    if (this.#remains.length === 0) return
    for (const { segment, isNew } of this.#remains.toReversed()) {
      if (isNew) await rm(segment.path, { force: true })
      else await cutTo(segment)
    }
    await syncFolder(this.#folder)
    this.#remains = []
  }

  #divide(records: readonly EncodedRecord[], last: Segment | undefined): Portion[] {
    const portions: (Portion & { records: EncodedRecord[] })[] = []
    let portion = last ? { segment: last, isNew: false, records: [] as EncodedRecord[] } : undefined
    let size = last?.size ?? 0
    for (const record of records) {
      if (!portion || (size > segmentHeaderBytes && size + record.bytes > this.#segmentBytes)) {
        portion = { segment: new Segment(this.#folder, this.#nextNumber++), isNew: true, records: [] }
        size = segmentHeaderBytes
      }
      if (portion.records.length === 0) portions.push(portion)
      portion.records.push(record)
      size += record.bytes
    }
    return portions
  }

  async #write({ segment, isNew, records }: Portion): Promise<void> {
    for (const record of records) setGroupStart(record, segment.size)
    const parts = records.flatMap(({ header, parts: rest }) => [header, ...rest])
    const file = await open(segment.path, isNew ? 'wx' : 'r+', 0o640)
    try {
      await writeAll(file, gather(isNew ? [segmentHeader(), ...parts] : parts), isNew ? 0 : segment.size)
      await file.datasync()
    } finally {
      await file.close()
    }
    if (isNew) await syncFolder(this.#folder)
  }
}

async function cutTo(segment: Segment): Promise<void> {
  try {
    await truncate(segment.path, segment.size)
    const file = await open(segment.path, 'r+')
    try {
      await file.datasync()
    } finally {
      await file.close()
    }
  } catch (error) {
    // All that was good in it is consumed, and the file deleted.
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

function gather(parts: readonly Buffer[]): Buffer[] {
  const gathered: Buffer[] = []
  let small: Buffer[] = []
  const flush = () => {
    if (small.length > 0) gathered.push(small.length === 1 ? small[0]! : Buffer.concat(small))
    small = []
  }
  for (const part of parts) {
    if (part.length < copiedBytes) {
      small.push(part)
    } else {
      flush()
      gathered.push(part)
    }
  }
  flush()
  return gathered
}

async function writeAll(file: FileHandle, parts: Buffer[], from: number): Promise<void> {
  let at = from
  let left = parts
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left, at)
    at += bytesWritten
    let whole = 0
    while (whole < left.length && left[whole]!.length <= bytesWritten) bytesWritten -= left[whole++]!.length
    left = left.slice(whole)
    if (bytesWritten > 0) left[0] = left[0]!.subarray(bytesWritten)
  }
}
