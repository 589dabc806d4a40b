/** For tests: log files as engines write them, and what is made of them. */
import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { gzipSync } from 'node:zlib'
import { formatTimestamp } from '../lib/timestamp.ts'
import { recordKind, type RecordScanner } from './records.ts'

export interface ReadRecord {
  /** A character for each byte. */
  readonly text: string
  readonly kind: number
  readonly seconds: number
  readonly nanos: number
}

export interface WrittenRecord {
  readonly log: string
  readonly stream: 'stdout' | 'stderr'
  readonly time: string
  readonly attrs?: Readonly<Record<string, string>>
}

/** A string as Go's encoding/json writes it, with HTML escaped: what Docker does. */
export function goString(text: string): string {
  return JSON.stringify(text)
    .replace(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/\\ud[89a-f][0-9a-f]{2}/g, '\\ufffd')
}

/** One line of a file of Docker. */
export function dockerRecord({ log, stream, time, attrs }: WrittenRecord): string {
  const pairs = Object.entries(attrs ?? {}).map(([key, value]) => `${goString(key)}:${goString(value)}`)
  const labels = pairs.length === 0 ? '' : `,"attrs":{${pairs.join(',')}}`
  return `{"log":${goString(log)},"stream":"${stream}"${labels},"time":"${time}"}\n`
}

/**
 * Reads a file that grows to each of `cuts` in turn, as a follower does.
 * @returns its records, and the bytes after the last.
 */
export function readAll(scanner: RecordScanner, file: Buffer, cuts: readonly number[] = []) {
  const read: ReadRecord[] = []
  let left = 0
  let from = 0
  for (const cut of [...cuts, file.length]) {
    let filled = left + file.copy(scanner.input, left, from, cut)
    from = cut
    let start = 0
    for (let count = scanner.scan(0, filled); count > 0; count = scanner.scan(start, filled)) {
      for (let row = 0; row < count; row++) read.push(rowOf(scanner, row))
      start = scanner.records.next[count - 1]!
    }
    scanner.input.copyWithin(0, start, filled)
    filled -= start
    left = filled
  }
  return { read, left }
}

function rowOf({ output, records }: RecordScanner, row: number): ReadRecord {
  return {
    text: output.toString('latin1', records.start[row], records.end[row]),
    kind: records.kind[row]!,
    seconds: records.seconds[row]!,
    nanos: records.nanos[row]!,
  }
}

/** The kind of a record whose text is `log`. */
export function kindOf(stream: 'stdout' | 'stderr', log: string): number {
  return recordKind[stream] | (log.endsWith('\n') ? recordKind.lineFeed : 0)
}

export interface WrittenLine {
  readonly stream: 'stdout' | 'stderr'
  readonly seconds: number
  readonly nanos: number
  readonly text: string
}

const pieceBytes = 16_384

/** The records of one line, as Go's encoder writes them: with `<`, `>` and `&` escaped, and the fraction's trailing zeros cut. */
export function recordsOf({ stream, seconds, nanos, text }: WrittenLine, isUnterminated = false): string {
  const time = formatTimestamp(seconds, nanos).replace(/\.?0*Z$/, 'Z')
  const whole = isUnterminated ? text : `${text}\n`
  let records = ''
  for (let at = 0; at < Math.max(1, whole.length); at += pieceBytes) {
    records += dockerRecord({ log: whole.slice(at, at + pieceBytes), stream, time })
  }
  return records
}

/** A varint of protobuf. */
function varint(value: bigint): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)]
    bytes.push(Number(rest & 127n) | 128)
  }
}

export interface LocalRecord {
  readonly stream: 'stdout' | 'stderr'
  readonly seconds: number
  readonly nanos: number
  readonly text: Buffer
  /** Of a line that came in pieces, or of the end of a log without a line feed. */
  readonly piece?: { readonly isLast: boolean; readonly ordinal: number }
}

/** A record as Docker's driver `local` writes it. */
export function localRecord({ stream, seconds, nanos, text, piece }: LocalRecord): Buffer {
  const field = (tag: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([tag, ...varint(BigInt(bytes.length))]), bytes])
  const entry = Buffer.concat([
    field(0x0a, Buffer.from(stream)),
    Buffer.from([0x10, ...varint(BigInt(seconds) * 1_000_000_000n + BigInt(nanos))]),
    ...(text.length > 0 ? [field(0x1a, text)] : []),
    ...(piece ? [Buffer.from([0x20, 1]), field(0x2a, metadataOf(piece))] : []),
  ])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(entry.length)
  return Buffer.concat([length, entry, length])
}

function metadataOf({ isLast, ordinal }: { readonly isLast: boolean; readonly ordinal: number }): Buffer {
  const id = Buffer.from('6d9dba7b1f3c00000000000000000000000000000000000000000000000000ff')
  return Buffer.from([...(isLast ? [8, 1] : []), 0x12, id.length, ...id, 0x18, ...varint(BigInt(ordinal))])
}

/** The records of one line, as `local` writes them. */
export function localRecordsOf({ text, ...line }: WrittenLine, isUnterminated = false): Buffer {
  const bytes = Buffer.from(text)
  const records: Buffer[] = []
  let at = 0
  for (; bytes.length - at >= pieceBytes; at += pieceBytes) {
    const piece = { isLast: false, ordinal: records.length + 1 }
    records.push(localRecord({ ...line, text: bytes.subarray(at, at + pieceBytes), piece }))
  }
  const rest = { ...line, text: bytes.subarray(at) }
  const isInPieces = records.length > 0 || isUnterminated
  const piece = { isLast: !isUnterminated, ordinal: records.length + 1 }
  if (!isUnterminated || rest.text.length > 0) records.push(localRecord(isInPieces ? { ...rest, piece } : rest))
  return Buffer.concat(records)
}

export interface WrittenLogOptions {
  readonly path: string
  readonly maxBytes: number
  readonly maxFiles: number
  readonly isCompressed?: boolean
}

/** Writes and turns over as Docker does: a file that is full is renamed, or truncated where there is only one. */
export class WrittenLog {
  readonly #options: WrittenLogOptions

  constructor(options: WrittenLogOptions) {
    this.#options = options
    writeFileSync(options.path, '')
  }

  write(records: string | Buffer): void {
    const { path, maxBytes } = this.#options
    if (statSync(path).size >= maxBytes) this.rotate()
    appendFileSync(path, records)
  }

  rotate(): void {
    const { path, maxFiles, isCompressed = false } = this.#options
    if (maxFiles === 1) {
      truncateSync(path)
      return
    }
    const suffix = isCompressed ? '.gz' : ''
    rmSync(`${path}.${maxFiles - 1}${suffix}`, { force: true })
    for (let age = maxFiles - 2; age >= 1; age--) {
      if (existsSync(`${path}.${age}${suffix}`)) renameSync(`${path}.${age}${suffix}`, `${path}.${age + 1}${suffix}`)
    }
    renameSync(path, `${path}.1`)
    writeFileSync(path, '')
    if (!isCompressed) return
    writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`)))
    rmSync(`${path}.1`)
  }
}
