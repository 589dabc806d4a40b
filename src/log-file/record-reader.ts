/** Makes lines of the records that a scan has found, by the same rules as the reader of the engine's frames. */
import { lineFlags } from '../batch/flags.ts'
import type { LogStreams } from '../engine/log-streams.ts'
import type { LineStream } from '../engine/line-stream.ts'
import type { LineWriter } from '../engine/line-writer.ts'
import { recordKind, type RecordScanner } from './record-scanner.ts'

export interface RecordReaderOptions {
  readonly streams: LogStreams
  /** Which of the streams are collected. */
  readonly wanted: readonly ('stdout' | 'stderr')[]
  readonly writer: LineWriter
  readonly format: { readonly isTty: boolean }
}

/** Bytes of a piece that is not the last of its line (Docker 20.10 and 28.5). */
const pieceBytes = 16_384

/** Where the records of a scan stand. */
export interface RecordPlaces {
  /** The file's inode; 0 where a place in it is of no use later. */
  readonly inode: number
  /** What is added to `records.next` to get a place in the file. */
  readonly base: number
  /** Records of a stream that end at or before its place have been taken already. */
  readonly taken: { readonly stdout: number; readonly stderr: number }
}

const empty = Buffer.alloc(0)
const carriageReturn = 13

export class RecordReader {
  readonly #options: RecordReaderOptions
  readonly #wantsStdout: boolean
  readonly #wantsStderr: boolean

  constructor(options: RecordReaderOptions) {
    this.#options = options
    this.#wantsStdout = options.wanted.includes('stdout')
    this.#wantsStderr = options.wanted.includes('stderr')
  }

  /** Takes the first `count` records of the last scan. */
  take(scanner: RecordScanner, count: number, places: RecordPlaces): void {
    const { streams, writer } = this.#options
    const { kind, next, start, end, seconds, nanos } = scanner.records
    const { stdout, stderr } = streams
    const { inode, base, taken } = places
    writer.beginSpan(scanner.output, 0, scanner.outputBytes)
    for (let i = 0; i < count; i++) {
      const bits = kind[i]!
      if ((bits & recordKind.damaged) !== 0) {
        writer.suspectGap()
        continue
      }
      const isError = (bits & recordKind.stderr) !== 0
      if (!(isError ? this.#wantsStderr : this.#wantsStdout)) continue
      const place = base + next[i]!
      if (place <= (isError ? taken.stderr : taken.stdout)) continue
      const stream = isError ? stderr : stdout
      const sibling = isError ? stdout : stderr
      // A place is of use only if nothing of the other stream that has not been taken lies before it.
      stream.inode = sibling.pieces === undefined || sibling.hasCursor ? inode : 0
      stream.offset = place
      if (stream.pieces !== undefined && !isSameLine(stream, seconds[i]!, nanos[i]!))
        writer.joined(stream, lineFlags.unterminated)
      if (stream.pieces === undefined && (bits & recordKind.lineFeed) !== 0)
        writer.line(stream, seconds[i]!, nanos[i]!, start[i]!, this.#endOf(scanner.output, start[i]!, end[i]!))
      else this.#takePiece(stream, scanner, i)
    }
    writer.endSpan()
  }

  #takePiece(stream: LineStream, { output, records }: RecordScanner, i: number): void {
    const { writer, format } = this.#options
    const from = records.start[i]!
    const to = records.end[i]!
    const isLast = (records.kind[i]! & recordKind.lineFeed) !== 0
    // CR and LF may be in two pieces.
    if (isLast && format.isTty && from === to && stream.pieces![stream.piecesLength - 1] === carriageReturn)
      stream.piecesLength -= 1
    writer.piece(stream, records.seconds[i]!, records.nanos[i]!, from, isLast ? this.#endOf(output, from, to) : to)
    if (isLast) writer.joined(stream, 0)
    else if (to - from < pieceBytes) writer.joined(stream, lineFlags.unterminated)
  }

  /** Where a text with a line feed ends without what the terminal put before it. */
  #endOf(bytes: Buffer, from: number, to: number): number {
    return this.#options.format.isTty && to > from && bytes[to - 1] === carriageReturn ? to - 1 : to
  }

  get isWithinLine(): boolean {
    const { stdout, stderr } = this.#options.streams
    return stdout.pieces !== undefined || stderr.pieces !== undefined
  }

  /** The log is at rest: what has no line feed is a line, too. */
  finish(): void {
    const { streams, writer } = this.#options
    writer.beginSpan(empty, 0, 0)
    for (const stream of [streams.stdout, streams.stderr]) writer.joined(stream, lineFlags.unterminated)
    writer.endSpan()
  }
}

/** Docker gives all pieces of a line the time of the first. */
function isSameLine(stream: LineStream, seconds: number, nanos: number): boolean {
  return stream.piecesSeconds === seconds && stream.piecesNanos === nanos
}
