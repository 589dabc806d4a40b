/**
 * A file of records, and where each of them ends. The index takes 8 bytes of memory a record, a fiftieth of the smallest record on disk.
 *
 *     segment    8 bytes "lc-queue", u32 version, u32 CRC-32 of the 12 bytes before, then records
 */
import { join } from 'node:path'
import { crc32 } from '../../lib/crc32.ts'

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

export class Segment {
  readonly number: number
  readonly path: string
  readonly #from: number
  /** Offset at which each record ends, and its lines, in turn. */
  #index = new Uint32Array(16)
  #count = 0
  /** Length of the file, as far as it is confirmed. */
  size: number
  /** Records that were read or passed, from the front. */
  taken = 0
  /** Records that are done with, from the front; never more than `taken`. */
  consumed = 0
  /** Records that turned out to be damaged: nobody will consume them. */
  readonly lost = new Set<number>()

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

  bytesOf(record: number): number {
    return this.endOf(record) - this.startOf(record)
  }

  linesOf(record: number): number {
    return this.#index[record * 2 + 1]!
  }

  /** What of it is not consumed. */
  rest(): { records: number; lines: number; bytes: number } {
    let lines = 0
    for (let record = this.consumed; record < this.#count; record++) lines += this.linesOf(record)
    return { records: this.#count - this.consumed, lines, bytes: this.size - this.startOf(this.consumed) }
  }
}
