/**
 * Docker's json-file format (moby, daemon/logger/jsonfilelog/jsonlog/jsonlogbytes.go), one record a line:
 *
 *     record  = `{"log":"` *char `","stream":"` ( `stdout` | `stderr` ) `"` [ attrs ] `,"time":"` time `"}` LF
 *     attrs   = `,"attrs":{` pair *( `,` pair ) `}`               pair = string `:` string, read here where nothing is escaped
 *     char    = any byte from 20 on but `"` and `\` | `\` one of `"\/bfnrt` | `\u` 4 hexadecimal digits
 *     time    = `YYYY-MM-DDTHH:MM:SS` [ `.` 1 to 9 digits ] `Z`   trailing zeros are cut
 *
 * What is written otherwise is left to `readAnyRecord`.
 */
import { secondsAt } from '../lib/timestamp-bytes.ts'
import { readAnyRecord } from './any-record.ts'
import { maxRecords, recordKind, type Records, type RecordScanner } from './records.ts'
import { inputBytes, scanMemoryBytes, scanMemoryOf, type ScanMemory } from './scan-memory.ts'
import { unescapeAt } from './unescape.ts'

const quote = 34
const backslash = 92
const lineFeed = 10
const firstPrintable = 32

const logKey = Buffer.from('{"log":"')
const stdoutKey = Buffer.from('","stream":"stdout"')
const stderrKey = Buffer.from('","stream":"stderr"')
const attrsKey = Buffer.from(',"attrs":{')
const timeKey = Buffer.from(',"time":"')
const recordEnd = Buffer.from('"}\n')
const noFraction = 1_000_000_000

/** Texts are copied byte by byte up to this length; beyond, a call that moves memory is cheaper. */
const shortRunBytes = 24

export class PlainScanner implements RecordScanner {
  readonly input: Buffer
  readonly output: Buffer
  readonly records: Records
  readonly #memory: ScanMemory
  /** Both buffers as one array, in which runs are moved without making a view for each. */
  readonly #bytes: Uint8Array
  #outputBytes = 0
  /** Where reading stands, and what has been read of the time; fields, as a function returns one number. */
  #position = 0
  #nanos = 0

  constructor(buffer: ArrayBuffer = new ArrayBuffer(scanMemoryBytes)) {
    this.#memory = scanMemoryOf(buffer)
    this.#bytes = new Uint8Array(buffer, 0, 2 * inputBytes)
    this.input = this.#memory.input
    this.output = this.#memory.output
    this.records = this.#memory.records
  }

  get outputBytes(): number {
    return this.#outputBytes
  }

  scan(from: number, to: number): number {
    this.#outputBytes = 0
    let count = 0
    let position = from
    while (position < to && count < maxRecords) {
      const textFrom = this.#outputBytes
      if (!this.#readRecord(count, position, to)) {
        this.#outputBytes = textFrom
        if (!this.#readOtherRecord(count, position, to)) break
      }
      position = this.records.next[count]!
      count += 1
    }
    return count
  }

  /** @returns false where the line is not written as Docker does, or not whole. */
  #readRecord(row: number, from: number, to: number): boolean {
    const { input, records } = this
    if (!startsWith(input, from, logKey)) return false
    const textFrom = this.#outputBytes
    const closing = this.#readText(from + logKey.length, to)
    if (closing < 0) return false
    const isStdout = startsWith(input, closing, stdoutKey)
    if (!isStdout && !startsWith(input, closing, stderrKey)) return false
    let position = closing + stdoutKey.length
    if (startsWith(input, position, attrsKey)) position = passAttributes(input, position + attrsKey.length, to)
    if (position < 0 || !startsWith(input, position, timeKey)) return false
    position += timeKey.length
    const seconds = secondsAt(input, position)
    if (seconds < 0 || !this.#readFraction(position + 19, to)) return false
    const next = this.#position + recordEnd.length
    if (next > to || !startsWith(input, this.#position, recordEnd)) return false
    const hasLineFeed = this.#outputBytes > textFrom && this.output[this.#outputBytes - 1] === lineFeed
    if (hasLineFeed) this.#outputBytes -= 1
    records.start[row] = textFrom
    records.end[row] = this.#outputBytes
    records.seconds[row] = seconds
    records.nanos[row] = this.#nanos
    records.kind[row] = (isStdout ? recordKind.stdout : recordKind.stderr) | (hasLineFeed ? recordKind.lineFeed : 0)
    records.next[row] = next
    return true
  }

  /** @returns false where the line is not whole. */
  #readOtherRecord(row: number, from: number, to: number): boolean {
    const length = this.input.subarray(from, to).indexOf(lineFeed)
    if (length < 0) return false
    this.#outputBytes = readAnyRecord(this.#memory, row, from, from + length, this.#outputBytes)
    return true
  }

  /** Unescapes a text to `output`. @returns where its closing quote is; -1 where there is none, or what is no text before it. */
  #readText(from: number, to: number): number {
    const { input, output } = this
    let position = from
    let runFrom = from
    while (position < to) {
      const byte = input[position]!
      if (byte >= firstPrintable && byte !== quote && byte !== backslash) {
        position += 1
        continue
      }
      this.#copyRun(runFrom, position)
      if (byte === quote) return position
      if (byte !== backslash) return -1
      const packed = unescapeAt(input, position, to, output, this.#outputBytes)
      if (packed < 0) return -1
      this.#outputBytes += packed & 7
      position += packed >> 3
      runFrom = position
    }
    return -1
  }

  #copyRun(from: number, to: number): void {
    const length = to - from
    const at = this.#outputBytes
    this.#outputBytes = at + length
    if (length > shortRunBytes) {
      this.#bytes.copyWithin(inputBytes + at, from, to)
      return
    }
    const { input, output } = this
    for (let i = 0; i < length; i++) output[at + i] = input[from + i]!
  }

  /** Reads what follows the seconds up to and with `Z`: at most nine digits. */
  #readFraction(from: number, to: number): boolean {
    const { input } = this
    let position = from
    let nanos = 0
    if (input[position] === 46) {
      let unit = noFraction
      for (position += 1; position < to && unit > 1; position++) {
        const digit = input[position]! - 48
        if (digit < 0 || digit > 9) break
        unit /= 10
        nanos += digit * unit
      }
      if (unit === noFraction) return false
    }
    this.#nanos = nanos
    this.#position = position + 1
    return input[position] === 90
  }
}

/** Bytes after the end of a read may be looked at here; a record counts only when all of it lies before. */
function startsWith(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false
  return true
}

/** @returns where the object ends that begins before `from`; -1 where it is not pairs of strings without escapes. */
function passAttributes(bytes: Uint8Array, from: number, to: number): number {
  let position = from
  while (position < to) {
    position = passString(bytes, position, to)
    if (position < 0 || bytes[position] !== 58) return -1
    position = passString(bytes, position + 1, to)
    if (position < 0) return -1
    if (bytes[position] === 125) return position + 1
    if (bytes[position] !== 44) return -1
    position += 1
  }
  return -1
}

function passString(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] !== quote) return -1
  for (let position = from + 1; position < to; position++) {
    const byte = bytes[position]!
    if (byte === quote) return position + 1
    if (byte < firstPrintable || byte === backslash) return -1
  }
  return -1
}
