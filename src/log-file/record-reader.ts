/** Makes lines of the records that a scan has found, by the same rules as the reader of the engine's frames. */
import type { LineStream } from '../engine/line-stream.ts'
import { dockerPieces, type LineWriter } from '../engine/line-writer.ts'
import { hasPieces, type LogStreams } from '../engine/log-streams.ts'
import { recordKind, type RecordScanner } from './record-scanner.ts'

export interface RecordReaderOptions {
  readonly streams: LogStreams
  /** Which of the streams are collected. */
  readonly wanted: readonly ('stdout' | 'stderr')[]
  readonly writer: LineWriter
  readonly format: { readonly isTty: boolean }
}

/** Where the records of a scan stand. */
export interface RecordPlaces {
  /** The file's inode; 0 where a place in it is of no use later. */
  readonly inode: number
  /** What is added to `records.next` to get a place in the file. */
  readonly base: number
  /** Records of a stream that end at or before its place have been taken already. */
  readonly taken: { readonly stdout: number; readonly stderr: number }
}

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
    const { streams, writer, format } = this.#options
    const { kind, next, start, end, seconds, nanos } = scanner.records
    const { stdout, stderr } = streams
    const { inode, base, taken } = places
    if (count === 0) return
    writer.beginSpan(scanner.output, start[0]!, scanner.outputBytes)
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
      const hasLineFeed = (bits & recordKind.lineFeed) !== 0
      const to = hasLineFeed && format.isTty ? this.#endOf(stream, scanner, i) : end[i]!
      writer.record(stream, seconds[i]!, nanos[i]!, start[i]!, to, hasLineFeed, dockerPieces)
    }
    writer.endSpan()
  }

  /** Where the text of a terminal's record with a line feed ends, without the CR, which may have come with the piece before. */
  #endOf(stream: LineStream, { output, records }: RecordScanner, i: number): number {
    const [from, to] = [records.start[i]!, records.end[i]!]
    if (to > from) return output[to - 1] === carriageReturn ? to - 1 : to
    const isOfLine = stream.pieces !== undefined && stream.hasPiecesOf(records.seconds[i]!, records.nanos[i]!)
    if (isOfLine && stream.pieces![stream.piecesLength - 1] === carriageReturn) stream.piecesLength -= 1
    return to
  }

  get isWithinLine(): boolean {
    return hasPieces(this.#options.streams)
  }

  /** The log is at rest: what has no line feed is a line, too. */
  finish(): void {
    this.#options.writer.finish(this.#options.streams)
  }
}
