/**
 * A file of records, and where each of them ends. The index takes 8 bytes of memory a record, a fiftieth of the smallest record on disk.
 *
 *     segment    8 bytes "lc-queue", u32 version, u32 CRC-32 of the 12 bytes before, then records
 */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

export const segmentHeaderBytes = 16
const magic = 'lc-queue'
export const segmentVersion = 1

export function segmentHeader(): Buffer {
  const header = Buffer.alloc(segmentHeaderBytes)
  header.write(magic, 'latin1')
  header.writeUInt32LE(segmentVersion, 8)
  header.writeUInt32LE(crc32(header.subarray(0, 12)), 12)
  return header
}

/** The version that a header names; undefined: it is damaged, or no header. */
export function versionOf(header: Buffer): number | undefined {
  if (header.length < segmentHeaderBytes || header.toString('latin1', 0, 8) !== magic) return undefined
  return crc32(header.subarray(0, 12)) === header.readUInt32LE(12) ? header.readUInt32LE(8) : undefined
}

/** The number of a segment's file; undefined: the name is not one of ours. */
export function numberOf(name: string): number | undefined {
  return /^\d{10}\.segment$/.test(name) ? Number.parseInt(name, 10) : undefined
}

/** An amount of the queue. */
export interface Size {
  readonly records: number
  /** Lines that are not dropped. */
  readonly lines: number
  readonly bytes: number
}

export class Segment {
  readonly number: number
  readonly path: string
  readonly #from: number
  /** Offset at which each record ends, and its lines, in turn. */
  #index = new Uint32Array(16)
  #count = 0
  /** Length of the file, as far as it is confirmed. */
  size: number
  /** Records that were read or passed, or are lost, from the front. */
  #taken = 0
  /** Records that are done with, from the front; never more than were taken. */
  #consumed = 0
  /** Records that turned out to be damaged: nobody will read or consume them. */
  readonly #lost = new Set<number>()
  /** Whether a record was ever read or passed. */
  isTouched = false

  /** `from`: offset of the first record that is not consumed. */
  constructor(folder: string, number: number, from = segmentHeaderBytes) {
    this.number = number
    this.path = join(folder, `${String(number).padStart(10, '0')}.segment`)
    this.#from = from
    this.size = from
  }

  get count(): number {
    return this.#count
  }

  add(end: number, lines: number): void {
    if (this.#count * 2 === this.#index.length) {
      const larger = new Uint32Array(this.#index.length * 2)
      larger.set(this.#index)
      this.#index = larger
    }
    this.#index[this.#count * 2] = end
    this.#index[this.#count * 2 + 1] = lines
    this.#count += 1
    this.size = end
  }

  startOf(record: number): number {
    return record === 0 ? this.#from : this.#index[record * 2 - 2]!
  }

  endOf(record: number): number {
    return this.#index[record * 2]!
  }

  /** Offset behind what is consumed. */
  get consumedTo(): number {
    return this.startOf(this.#consumed)
  }

  get isConsumed(): boolean {
    return this.#consumed === this.#count
  }

  /** Whether nothing is left to read or pass. */
  get isTaken(): boolean {
    return this.#taken === this.#count
  }

  sizeOf(record: number): Size {
    return { records: 1, lines: this.#index[record * 2 + 1]!, bytes: this.endOf(record) - this.startOf(record) }
  }

  /** The next record to read or pass; undefined when there is none. */
  take(): number | undefined {
    if (this.#taken === this.#count) return undefined
    this.isTouched = true
    const record = this.#taken++
    this.#skipLost()
    return record
  }

  /** The record taken last could not be read: it is the next again. */
  giveBack(record: number): void {
    this.#taken = record
  }

  /** Nobody will have the record. */
  lose(record: number): void {
    this.#lost.add(record)
    this.#skipLost()
  }

  /** The oldest record that was taken is done with. @returns its size; undefined when none was taken */
  consume(): Size | undefined {
    if (this.#consumed === this.#taken) return undefined
    const size = this.sizeOf(this.#consumed++)
    this.#skipLost()
    return size
  }

  /** What of it is not consumed, without what is lost. */
  rest(): Size {
    const rest = { records: 0, lines: 0, bytes: 0 }
    for (let record = this.#consumed; record < this.#count; record++) {
      if (this.#lost.has(record)) continue
      const { lines, bytes } = this.sizeOf(record)
      rest.records += 1
      rest.lines += lines
      rest.bytes += bytes
    }
    return rest
  }

  #skipLost(): void {
    while (this.#taken < this.#count && this.#lost.has(this.#taken)) this.#taken += 1
    while (this.#consumed < this.#taken && this.#lost.has(this.#consumed)) this.#consumed += 1
  }
}
