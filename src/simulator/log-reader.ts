import { formatTimestamp } from '../lib/timestamp.ts'
import { type ContainerLog, type LogChunk, recordHeadBytes } from './container-log.ts'

/*
 * A body is a row of frames, each in one HTTP chunk as the engine flushes it:
 *
 *   chunk = hex length CR LF, frame, CR LF
 *   frame = head, [timestamp, " "], [details, " "], payload      head is absent for a TTY
 *   head  = stream (1 stdout, 2 stderr), 0, 0, 0, length of the rest (u32, big-endian)
 */

export interface Time {
  readonly seconds: number
  readonly nanos: number
}

export interface LogQuery {
  readonly hasStdout: boolean
  readonly hasStderr: boolean
  readonly hasTimestamps: boolean
  /** What stands between timestamp and text, without the space; undefined: details were not asked for. */
  readonly details: string | undefined
  readonly since: Time | undefined
  readonly until: Time | undefined
  /** Podman leaves the very time of `until` out. */
  readonly untilIsExclusive: boolean
  /** How many records from the end, before `since` and `until` are looked at; undefined: all. */
  readonly tail: number | undefined
  readonly isTty: boolean
  readonly timestampDigits: 0 | 9
}

const frameHeadBytes = 8
/** `ffffffff CR LF ... CR LF` is the most that chunking adds. */
const chunkingBytes = 12

/** Reads a log from one place on, and encodes what it reads. */
export class LogReader {
  /** Bytes of all frames given out. */
  bytesRead = 0
  readonly #log: ContainerLog
  readonly #query: LogQuery
  readonly #details: Buffer
  #chunk: LogChunk
  #at = 0
  #record: number
  /** Where the record read last begins; undefined: none was. */
  #lastChunk: LogChunk | undefined
  #lastAt = 0
  #isPastUntil = false
  #recordLimit = Infinity
  #second = -1
  /** The timestamp's bytes up to its fraction, of `#second`. */
  readonly #secondText = Buffer.alloc(20)

  constructor(log: ContainerLog, query: LogQuery) {
    this.#log = log
    this.#query = query
    this.#details = Buffer.from(query.details === undefined ? '' : `${query.details} `)
    this.#chunk = log.first
    this.#record = this.#chunk.firstRecord
    if (query.tail !== undefined) this.#skipTo(log.recordEnd - query.tail)
  }

  /** Everything that may be read has been read, and nothing will follow. */
  get isAtLimit(): boolean {
    return this.#isPastUntil || this.#record >= this.#recordLimit
  }

  get isAtEnd(): boolean {
    return this.isAtLimit || this.#record >= this.#log.recordEnd
  }

  /** The records from `recordEnd` on are not read. */
  limit(recordEnd: number): void {
    this.#recordLimit = Math.min(this.#recordLimit, recordEnd)
  }

  /** The record read last is read again. */
  stepBack(): void {
    if (!this.#lastChunk || this.#lastChunk.isDropped) return
    this.#chunk = this.#lastChunk
    this.#at = this.#lastAt
    this.#record -= 1
    this.#lastChunk = undefined
  }

  /** Whatever has not been read yet is passed over. */
  skipToEnd(): void {
    this.#skipTo(this.#log.recordEnd)
  }

  /** Frames in HTTP chunks, about `bytes` of them; undefined at the end. */
  readChunked(bytes: number): Buffer | undefined {
    let target: Buffer | undefined
    let used = 0
    while (this.#seek()) {
      const length = this.#frameBytes()
      // One line gets a small buffer, a backlog a large one.
      target ??= Buffer.allocUnsafe(
        Math.max(length + chunkingBytes, Math.min(bytes, 2 * (this.#chunk.used - this.#at) + 256)),
      )
      if (used + length + chunkingBytes > target.length) break
      used = writeLineEnd(target, writeHex(target, used, length))
      used = writeLineEnd(target, this.#encode(target, used))
      this.#step()
    }
    return target?.subarray(0, used)
  }

  /** The next frame alone; undefined at the end. */
  readFrame(): Buffer | undefined {
    if (!this.#seek()) return undefined
    const frame = Buffer.allocUnsafe(this.#frameBytes())
    this.#encode(frame, 0)
    this.#step()
    return frame
  }

  /** Goes on to the next record that the query wants; false where there is none (yet). */
  #seek(): boolean {
    while (!this.isAtEnd) {
      if (this.#chunk.isDropped) {
        this.#chunk = this.#log.first
        this.#at = 0
        this.#record = this.#chunk.firstRecord
        continue
      }
      if (this.#at === this.#chunk.used) {
        this.#chunk = this.#chunk.next!
        this.#at = 0
        continue
      }
      if (this.#isWanted()) return true
      if (this.#isPastUntil) return false
      this.#step()
    }
    return false
  }

  #isWanted(): boolean {
    const { since, until, hasStdout, hasStderr, untilIsExclusive } = this.#query
    const { bytes } = this.#chunk
    if (since || until) {
      const seconds = bytes.readUInt32LE(this.#at + 8)
      const nanos = bytes.readUInt32LE(this.#at + 12)
      if (until) {
        const past = seconds - until.seconds || nanos - until.nanos
        if (past > 0 || (past === 0 && untilIsExclusive)) {
          this.#isPastUntil = true
          return false
        }
      }
      if (since && (seconds - since.seconds || nanos - since.nanos) < 0) return false
    }
    return bytes[this.#at + 4] === 1 ? hasStdout : hasStderr
  }

  #step(): void {
    this.#lastChunk = this.#chunk
    this.#lastAt = this.#at
    this.#at += recordHeadBytes + this.#chunk.bytes.readUInt32LE(this.#at)
    this.#record += 1
  }

  #skipTo(record: number): void {
    while (this.#record < record) {
      const { next, firstRecord, records } = this.#chunk
      if (next && record >= firstRecord + records) {
        this.#chunk = next
        this.#at = 0
        this.#record = next.firstRecord
      } else this.#step()
    }
  }

  #timestampBytes(): number {
    if (!this.#query.hasTimestamps) return 0
    return this.#query.timestampDigits === 0 ? 21 : 31
  }

  #frameBytes(): number {
    const payload = this.#chunk.bytes.readUInt32LE(this.#at)
    const head = this.#query.isTty ? 0 : frameHeadBytes
    return head + this.#timestampBytes() + this.#details.length + payload
  }

  #encode(target: Buffer, from: number): number {
    const { bytes } = this.#chunk
    const payload = bytes.readUInt32LE(this.#at)
    this.bytesRead += this.#frameBytes()
    let at = from
    if (!this.#query.isTty) {
      target.writeUInt32BE(bytes[this.#at + 4]! << 24, at)
      target.writeUInt32BE(this.#timestampBytes() + this.#details.length + payload, at + 4)
      at += frameHeadBytes
    }
    if (this.#query.hasTimestamps) at = this.#encodeTimestamp(target, at)
    if (this.#details.length > 0) at += this.#details.copy(target, at)
    const payloadAt = this.#at + recordHeadBytes
    return at + bytes.copy(target, at, payloadAt, payloadAt + payload)
  }

  #encodeTimestamp(target: Buffer, from: number): number {
    const { bytes } = this.#chunk
    const second = bytes.readUInt32LE(this.#at + 8)
    if (second !== this.#second) {
      this.#second = second
      this.#secondText.write(formatTimestamp(second, 0), 'latin1')
    }
    let at = from + this.#secondText.copy(target, from)
    if (this.#query.timestampDigits === 0) at -= 1
    else {
      let nanos = bytes.readUInt32LE(this.#at + 12)
      for (let digit = at + 8; digit >= at; digit--) {
        target[digit] = 48 + (nanos % 10)
        nanos = Math.floor(nanos / 10)
      }
      at += 9
    }
    target[at] = 90 // Z
    target[at + 1] = 32
    return at + 2
  }
}

function writeLineEnd(target: Buffer, at: number): number {
  target[at] = 13
  target[at + 1] = 10
  return at + 2
}

/** Without leading zeros; gives back where it ends. */
function writeHex(target: Buffer, from: number, value: number): number {
  let shift = 0
  while (shift < 28 && value >>> (shift + 4) > 0) shift += 4
  let at = from
  for (; shift >= 0; shift -= 4) {
    const digit = (value >>> shift) & 15
    target[at] = digit < 10 ? 48 + digit : 87 + digit
    at += 1
  }
  return at
}
