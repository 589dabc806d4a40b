/** What a segment holds, found by going from record to record: columns and arenas are read only where the disk may not have confirmed them. */
import { type FileHandle, open } from 'node:fs/promises'
import { decodeHead, decodeProgress } from '../../batch/codec.ts'
import type { Progress } from '../../batch/origin.ts'
import { readFully } from './read-fully.ts'
import { allocateRecord, headCrcOf, isIntact, recordHeaderBytes, recordStartBytes } from './record.ts'
import { segmentHeaderBytes, segmentVersion, versionOf } from './segment.ts'

/** Read at once: enough for the start of a large record, and for many small ones. */
const windowBytes = 32 * 1024
/** Bytes of a line in the columns. */
const leastLineBytes = 27

export interface FoundRecord {
  readonly start: number
  readonly end: number
  /** Of a damaged record: what its header says, which may be wrong. */
  readonly lines: number
  readonly groupStart: number
  /** Undefined: the record is damaged. */
  readonly progress: readonly Progress[] | undefined
}

/**
 * The records from `from` on. Where neither of the two lengths that a damaged record has leads to another record, all of the rest is given as
 * one damaged record.
 * @throws Error when the segment was written by another version
 */
export async function scanSegment(path: string, from: number): Promise<FoundRecord[]> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const window = new Window(file, size)
    const version = versionOf((await window.read(0, segmentHeaderBytes)) ?? Buffer.alloc(0))
    // A damaged header is no reason to give up records that have checksums of their own.
    if (version !== undefined && version !== segmentVersion)
      throw new Error(`${path} has version ${version} of the format, and this program knows version ${segmentVersion}`)
    const found: FoundRecord[] = []
    for (let at = from; at < size; at = found.at(-1)!.end)
      found.push((await goodRecordAt(window, at)) ?? (await damagedRecordAt(window, at)))
    return found
  } finally {
    await file.close()
  }
}

/**
 * How many of the records of the last segment, which a crash may have torn, are to be kept: the part of the last group that begins with its
 * first bad record is cut off, as it was never confirmed. Bad records of groups before it were confirmed, and stay, to be counted as damaged.
 */
export async function countKept(path: string, found: FoundRecord[]): Promise<number> {
  const file = await open(path, 'r')
  try {
    for (const [i, record] of found.entries())
      if (record.progress && !(await isWhole(file, record))) found[i] = { ...record, progress: undefined }
  } finally {
    await file.close()
  }
  const lastGroup = found.findLast(({ progress }) => progress !== undefined)?.groupStart ?? 0
  const cut = found.findIndex(({ start, progress }) => progress === undefined && start >= lastGroup)
  return cut < 0 ? found.length : cut
}

async function isWhole(file: FileHandle, { start, end }: FoundRecord): Promise<boolean> {
  const bytes = allocateRecord(end - start)
  return (await readFully(file, bytes, start)) && isIntact(bytes)
}

async function goodRecordAt(window: Window, at: number): Promise<FoundRecord | undefined> {
  const start = await window.read(at, recordStartBytes)
  if (!start) return undefined
  const header = Buffer.from(start.subarray(0, recordHeaderBytes))
  const head = Buffer.from(start.subarray(recordHeaderBytes))
  const { jsonAt, jsonBytes, bytes } = decodeHead(head)
  const end = at + recordHeaderBytes + bytes
  if (header.readUInt32LE(0) !== bytes || end > window.size) return undefined
  const json = await window.read(at + recordHeaderBytes + jsonAt, jsonBytes)
  if (!json || headCrcOf(header, head, json) !== header.readUInt32LE(16)) return undefined
  return {
    start: at,
    end,
    lines: header.readUInt32LE(8),
    groupStart: header.readUInt32LE(4),
    progress: progressOf(json),
  }
}

async function damagedRecordAt(window: Window, at: number): Promise<FoundRecord> {
  const start = await window.read(at, recordStartBytes)
  const damaged = { start: at, groupStart: at, progress: undefined }
  if (!start) return { ...damaged, end: window.size, lines: 0 }
  const lines = start.readUInt32LE(8)
  const lengths = [start.readUInt32LE(0), decodeHead(start.subarray(recordHeaderBytes)).bytes]
  for (const length of lengths) {
    const end = at + recordHeaderBytes + length
    const areSame = lengths[0] === lengths[1] && end <= window.size
    if (areSame || end === window.size || (await goodRecordAt(window, end)))
      return { ...damaged, end, lines: Math.min(lines, Math.floor(length / leastLineBytes)) }
  }
  return { ...damaged, end: window.size, lines: 0 }
}

function progressOf(json: Buffer): Progress[] | undefined {
  try {
    return decodeProgress(json)
  } catch {
    return undefined // The checksum fits and the text does not: not written by us. It is counted as damaged.
  }
}

/** Reads of a file near to each other, with few calls. */
class Window {
  readonly size: number
  readonly #file: FileHandle
  readonly #bytes = Buffer.allocUnsafeSlow(windowBytes)
  #from = 0
  #length = 0

  constructor(file: FileHandle, size: number) {
    this.#file = file
    this.size = size
  }

  /** Valid until the next read; undefined: the file ends before. */
  async read(at: number, bytes: number): Promise<Buffer | undefined> {
    if (at + bytes > this.size) return undefined
    if (bytes > windowBytes) {
      const large = Buffer.allocUnsafe(bytes)
      return (await readFully(this.#file, large, at)) ? large : undefined
    }
    if (at < this.#from || at + bytes > this.#from + this.#length) {
      const length = Math.min(windowBytes, this.size - at)
      this.#length = 0
      if (!(await readFully(this.#file, this.#bytes.subarray(0, length), at))) return undefined
      this.#from = at
      this.#length = length
    }
    return this.#bytes.subarray(at - this.#from, at - this.#from + bytes)
  }
}
