/**
 * The format of Docker's driver `local` (moby, daemon/logger/local/local.go, and as 20.10 was seen to write it), one record after the other:
 *
 *     record  = length entry length                           length: of the entry, 4 bytes, the highest first
 *     entry   = source time [ line ] [ partial ] [ piece ]    a LogEntry of moby, api/types/plugins/logdriver/entry.proto
 *     source  = 0A 06 ( `stdout` | `stderr` )
 *     time    = 10 varint                                     nanoseconds since 1970
 *     line    = 1A varint *byte                               without its line feed; left out where it is empty
 *     partial = 20 01                                         a piece of a line of more than 16 KiB, or a last line without a line feed
 *     piece   = 2A varint [ 08 01 ] ...                       08 01: the line's last piece, which had the line feed; then its id and number
 *
 * Texts are left where they were read: 0.05 CPU s per million lines of 140 bytes, the reading included, as much as json-file costs in WebAssembly.
 */
import { maxRecords, recordKind, type Records, type RecordScanner } from './records.ts'
import { inputBytes, recordsIn, recordTableBytes } from './scan-memory.ts'

/** Bytes of a record besides its entry. */
export const recordFrameBytes = 8
/** Of an entry with nothing but its source and a time. */
const minEntryBytes = 10
/** More than any engine writes, and less than the input holds: a greater length is none. */
const maxEntryBytes = inputBytes / 2
/** What every entry begins with: of a source only its end differs. */
const signature = Buffer.from([10, 6, 115, 116, 100])
const signatureStart = signature.readUInt32BE(0)
const headBytes = 4 + signature.length

const outEnd = 0x6f7574
const errEnd = 0x657272
/** A varint's bits are kept in two numbers: 28 in the low one. */
const lowUnit = 2 ** 28
/** Nanoseconds are more than a number holds exactly; 512 of them, of which a second has 5^9, are not, until the year 2116. */
const secondsPart = 5 ** 9
const highLimit = 2 ** 34

/** The record at a place is not whole yet. */
const notWhole = -1

export class LocalScanner implements RecordScanner {
  readonly input = Buffer.alloc(inputBytes)
  readonly output = this.input
  readonly records: Records = recordsIn(new ArrayBuffer(recordTableBytes), 0)
  outputBytes = 0
  /** The last varint, and the last field's bytes; fields, as a function returns one number. */
  #low = 0
  #high = 0
  #from = 0

  scan(from: number, to: number): number {
    let count = 0
    let position = from
    while (count < maxRecords) {
      const next = this.#readRecord(count, position, to)
      if (next === notWhole) break
      this.records.next[count] = next
      position = next
      count += 1
    }
    this.outputBytes = position
    return count
  }

  /** @returns where the next record begins, or `notWhole`. */
  #readRecord(row: number, at: number, to: number): number {
    if (at + headBytes > to) return notWhole
    const end = this.#endOf(at)
    if (end > to) return notWhole
    if (end > 0 && lengthAt(this.input, end - 4) === end - at - recordFrameBytes) {
      if (!this.#readLine(row, at + 4, end - 4) && !this.#readEntry(row, at + 4, end - 4)) this.#damaged(row, at)
      return end
    }
    this.#damaged(row, at)
    return this.#nextAfter(at, to)
  }

  /** Where the record ends that begins at `at`, by its length; 0: no record begins there. */
  #endOf(at: number): number {
    const { input } = this
    const length = lengthAt(input, at)
    if (length < minEntryBytes || length > maxEntryBytes) return 0
    if (lengthAt(input, at + 4) !== signatureStart || input[at + 8] !== signature[4]) return 0
    return at + recordFrameBytes + length
  }

  /** Where the next record begins, or may begin, after a damaged one of which there is a head at least. */
  #nextAfter(at: number, to: number): number {
    const bytes = this.input.subarray(0, to)
    for (let start = at; ; ) {
      start = bytes.indexOf(signature, start + 5) - 4
      if (start < 0) return to - headBytes + 1
      const end = this.#endOf(start)
      if (end > to || (end > 0 && lengthAt(bytes, end - 4) === end - start - recordFrameBytes)) return start
    }
  }

  #damaged(row: number, at: number): void {
    const { start, end, seconds, nanos, kind } = this.records
    start[row] = at
    end[row] = at
    seconds[row] = 0
    nanos[row] = 0
    kind[row] = recordKind.damaged
  }

  /** Reads an entry of the form that nearly all have: a time of nine bytes, and a line. @returns false where it has another */
  #readLine(row: number, from: number, to: number): boolean {
    const { input, records } = this
    const at = from + 9
    if (input[from + 8] !== 0x10 || input[at + 8]! > 63 || input[at + 9] !== 0x1a) return false
    if ((lengthAt(input, at) & lengthAt(input, at + 4) & 0x80808080) !== (0x80808080 | 0)) return false
    const source = (input[from + 5]! << 16) | (input[from + 6]! << 8) | input[from + 7]!
    const first = input[at + 10]!
    const length = first < 128 ? first : (first & 127) | (input[at + 11]! << 7)
    const textFrom = first < 128 ? at + 11 : at + 12
    if (textFrom + length !== to || length > 0x3fff || (source !== outEnd && source !== errEnd)) return false
    const low = bitsAt(input, at) | (bitsAt(input, at + 2) << 14)
    const high = (bitsAt(input, at + 4) | (bitsAt(input, at + 6) << 14)) + input[at + 8]! * lowUnit
    records.start[row] = textFrom
    records.end[row] = to
    this.#putTime(row, low, high)
    records.kind[row] = (source === outEnd ? recordKind.stdout : recordKind.stderr) | recordKind.lineFeed
    return true
  }

  /** @returns false where the entry says no time, or is none. */
  #readEntry(row: number, from: number, to: number): boolean {
    const { input, records } = this
    const source = (input[from + 5]! << 16) | (input[from + 6]! << 8) | input[from + 7]!
    if (source !== outEnd && source !== errEnd) return false
    records.start[row] = from
    records.end[row] = from
    records.seconds[row] = 0
    let isPiece = false
    let isLast = false
    for (let position = from + 8; position < to; ) {
      const tag = input[position]!
      position = (tag & 7) === 0 ? this.#readVarint(position + 1, to) : this.#readBytes(tag, position + 1, to)
      if (position < 0) return false
      if (tag === 0x10) {
        if (this.#high >= highLimit) return false
        this.#putTime(row, this.#low, this.#high)
      } else if (tag === 0x1a) {
        records.start[row] = this.#from
        records.end[row] = position
      } else if (tag === 0x20) isPiece = this.#low !== 0
      else if (tag === 0x2a) isLast = input[this.#from] === 0x08 && input[this.#from + 1] === 1 && this.#from < position
    }
    const hasLineFeed = !isPiece || isLast
    records.kind[row] =
      (source === outEnd ? recordKind.stdout : recordKind.stderr) | (hasLineFeed ? recordKind.lineFeed : 0)
    return records.seconds[row] > 0
  }

  #putTime(row: number, low: number, high: number): void {
    const parts = high * (lowUnit / 512) + (low >>> 9)
    const seconds = Math.floor(parts / secondsPart)
    this.records.seconds[row] = seconds
    this.records.nanos[row] = (parts - seconds * secondsPart) * 512 + (low & 511)
  }

  /** Passes the bytes of a field with a length, which begin at `#from` then. @returns where they end; -1 where there are none. */
  #readBytes(tag: number, from: number, to: number): number {
    if ((tag & 7) !== 2) return -1
    const position = this.#readVarint(from, to)
    if (position < 0 || this.#high > 0 || this.#low > to - position) return -1
    this.#from = position
    return position + this.#low
  }

  /** Reads 63 bits at the most. @returns where they end; -1 where there are none. */
  #readVarint(from: number, to: number): number {
    const { input } = this
    let position = from
    let low = 0
    let high = 0
    for (let shift = 0; shift < 28 && position < to; shift += 7) {
      const byte = input[position]!
      position += 1
      low |= (byte & 127) << shift
      if (byte < 128) {
        this.#low = low
        this.#high = 0
        return position
      }
    }
    for (let unit = 1; unit < 2 ** 35 && position < to; unit *= 128) {
      const byte = input[position]!
      position += 1
      high += (byte & 127) * unit
      if (byte < 128) {
        this.#low = low
        this.#high = high
        return position
      }
    }
    return -1
  }
}

/** The bits of two bytes of a varint. */
function bitsAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! & 127) | ((bytes[at + 1]! & 127) << 7)
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
