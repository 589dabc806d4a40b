/**
 * The log format of containers with a TTY: text without frames, lines end in CR LF (measured on Docker 20.10 and 28.5).
 *
 *     body = *( time SP text CR LF )
 *     A line of more than 16,384 bytes has its time again before every 16,384th byte; only counting tells it from text.
 *
 * The CR is the terminal's and is taken off with the LF; any other CR stays.
 */
import type { BodyReader, BodyReaderOptions } from './body-reader.ts'
import { FrameError } from './engine-error.ts'
import { type EngineTime, readEngineTime } from './engine-time.ts'
import { lineFlags } from '../batch/flags.ts'

/** Bytes looked at for a time before the text is declared to have none. */
const maxTimeBytes = 37

export class TtyReader implements BodyReader {
  readonly #options: BodyReaderOptions
  readonly #time: EngineTime = { seconds: 0, nanos: 0, next: 0 }
  #carry: Buffer | undefined
  #carryLength = 0
  #isFirst: boolean
  #hasStopped = false

  constructor(options: BodyReaderOptions) {
    this.#options = options
    this.#isFirst = options.onFirstLine !== undefined
  }

  get isWithinLine(): boolean {
    return this.#carryLength > 0 || this.#options.streams.stdout.pieces !== undefined
  }

  feed(bytes: Buffer, from: number, to: number): void {
    if (this.#hasStopped) return
    if (this.#carryLength === 0) {
      this.#keep(bytes, this.#read(bytes, from, to, false), to)
      return
    }
    // What was left over is less than a piece: putting it before the new bytes copies little.
    const whole = Buffer.allocUnsafe(this.#carryLength + to - from)
    this.#carry!.copy(whole, 0, 0, this.#carryLength)
    bytes.copy(whole, this.#carryLength, from, to)
    this.#carryLength = 0
    this.#keep(whole, this.#read(whole, 0, whole.length, false), whole.length)
  }

  finish(): void {
    const { streams, writer } = this.#options
    if (this.#carryLength > 0) {
      const rest = this.#carry!.subarray(0, this.#carryLength)
      this.#carryLength = 0
      this.#read(rest, 0, rest.length, true)
    }
    writer.finish(streams)
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    this.#carryLength = to - from
    if (this.#carryLength > 0) this.#carry = Buffer.from(bytes.subarray(from, to))
    else this.#carry = undefined
  }

  /** Reads whole lines and pieces, with `isEnd` also what is left; where the rest begins. */
  #read(bytes: Buffer, from: number, to: number, isEnd: boolean): number {
    const { writer } = this.#options
    writer.beginSpan(bytes, from, to)
    try {
      let position = from
      while (position < to && !this.#hasStopped) {
        const next = this.#readLine(bytes, position, to, isEnd)
        if (next === position) break
        position = next
      }
      return this.#hasStopped ? to : position
    } finally {
      // Also when a line is refused: those before it are in the batch already.
      writer.endSpan()
    }
  }

  /** @returns where the next line or piece begins; `from` when this one is not whole. */
  #readLine(bytes: Buffer, from: number, to: number, isEnd: boolean): number {
    const { streams, writer, rules } = this.#options
    const stream = streams.stdout
    const time = this.#time
    if (!readEngineTime(bytes, from, to, time)) {
      if (to - from < maxTimeBytes && !bytes.subarray(from, to).includes(32) && !isEnd) return from
      throw new FrameError(
        `a log line has no time: ${JSON.stringify(bytes.toString('latin1', from, Math.min(to, from + 40)))}`,
      )
    }
    const { seconds, nanos, next: textFrom } = time
    const lineFeed = bytes.indexOf(10, textFrom)
    const pieceTo = textFrom + rules.pieceBytes
    const isWhole = lineFeed >= 0 && lineFeed < Math.min(to, pieceTo)
    if (!isWhole && to < pieceTo && !isEnd) return from
    if (this.#isFirst) {
      this.#isFirst = false
      if (!this.#options.onFirstLine!(stream.relationOf(seconds, nanos))) {
        this.#hasStopped = true
        return to
      }
    }
    if (stream.pieces !== undefined && !stream.hasPiecesOf(seconds, nanos)) {
      writer.joined(stream, lineFlags.unterminated)
    }
    if (isWhole) {
      this.#endLine(bytes, textFrom, lineFeed)
      return lineFeed + 1
    }
    const textTo = Math.min(to, pieceTo)
    writer.piece(stream, seconds, nanos, textFrom, textTo)
    return textTo
  }

  #endLine(bytes: Buffer, from: number, lineFeed: number): void {
    const { streams, writer } = this.#options
    const stream = streams.stdout
    const to = lineFeed > from && bytes[lineFeed - 1] === 13 ? lineFeed - 1 : lineFeed
    if (stream.pieces === undefined) {
      writer.line(stream, this.#time.seconds, this.#time.nanos, from, to)
      return
    }
    // CR and LF may be in two pieces.
    if (from === lineFeed && stream.pieces[stream.piecesLength - 1] === 13) stream.piecesLength -= 1
    writer.piece(stream, this.#time.seconds, this.#time.nanos, from, to)
    writer.joined(stream, 0)
  }
}
