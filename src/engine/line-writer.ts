/**
 * Puts lines into the batch that the streams of a source share. Hot path: the bytes of a whole read are copied once, lines are places in the
 * copy; no object, string or closure per line.
 */
import type { BatchBuilder } from '../batch/builder.ts'
import { lineFlags } from '../batch/flags.ts'
import { type EngineClock, type LineStream, repeated } from './line-stream.ts'
import type { LogStreams } from './log-streams.ts'

/** What the readers of one source count; added up per line, read per batch or scrape. */
export interface LineCounts {
  lines: number
  bytes: number
  repeats: number
  truncated: number
  gaps: number
}

/** How an engine cuts long lines into pieces. */
export interface PieceRules {
  /** Bytes of a piece that is not the last: Docker 16,384, Podman 8,192. */
  readonly pieceBytes: number
  /** Docker: every piece of a line has the time of the first, and a shorter piece without LF is the last. Podman: neither. */
  readonly sharesTime: boolean
}

/** Docker 20.10 and 28.5, over the API and in its files. */
export const dockerPieces: PieceRules = { pieceBytes: 16_384, sharesTime: true }
/** Podman 4.3. */
export const podmanPieces: PieceRules = { pieceBytes: 8_192, sharesTime: false }

const nothing = Buffer.alloc(0)

export interface LineWriterOptions {
  readonly builder: BatchBuilder
  readonly clock: EngineClock
  readonly counts: LineCounts
  /** Longer lines are cut to this many bytes and flagged. */
  readonly maxLineBytes: number
}

export class LineWriter {
  readonly #builder: BatchBuilder
  readonly #clock: EngineClock
  readonly #counts: LineCounts
  readonly #maxLineBytes: number
  /** The read that is being taken apart: lines from `#spanFrom` on will stand in the arena from `#arenaBase` on. */
  #bytes: Buffer = Buffer.alloc(0)
  #spanFrom = 0
  #spanTo = 0
  #arenaBase = 0
  #lastEnd = -1
  #flagNext = 0

  constructor(options: LineWriterOptions) {
    this.#builder = options.builder
    this.#clock = options.clock
    this.#counts = options.counts
    this.#maxLineBytes = options.maxLineBytes
  }

  /** Lines may come from `bytes` between `from` and `to`, until `endSpan`. */
  beginSpan(bytes: Buffer, from: number, to: number): void {
    this.#bytes = bytes
    this.#spanTo = to
    this.#startAt(from)
  }

  /** Copies what lines were found in. The bytes of the span may be overwritten afterwards. */
  endSpan(): void {
    if (this.#lastEnd > this.#spanFrom) {
      const { arena } = this.#builder
      arena.bytes.set(this.#bytes.subarray(this.#spanFrom, this.#lastEnd), this.#arenaBase)
      arena.used = this.#arenaBase + this.#lastEnd - this.#spanFrom
    }
    this.#lastEnd = -1
  }

  /** Lines before the next one may be missing. */
  suspectGap(): void {
    this.#flagNext |= lineFlags.gapBefore
    this.#counts.gaps += 1
  }

  /** What the engine wrote at once, within the span and without its line feed: a line, or a piece of one. */
  record(
    stream: LineStream,
    seconds: number,
    nanos: number,
    from: number,
    to: number,
    hasLineFeed: boolean,
    rules: PieceRules,
  ): void {
    if (stream.pieces !== undefined && rules.sharesTime && !stream.hasPiecesOf(seconds, nanos))
      this.joined(stream, lineFlags.unterminated)
    if (stream.pieces === undefined && hasLineFeed) {
      this.line(stream, seconds, nanos, from, to)
      return
    }
    this.piece(stream, seconds, nanos, from, to)
    if (hasLineFeed) this.joined(stream, 0)
    else if (rules.sharesTime && to - from < rules.pieceBytes) this.joined(stream, lineFlags.unterminated)
  }

  /** The log ends here for good: what has no line feed yet is a line, too. */
  finish({ stdout, stderr }: LogStreams): void {
    this.beginSpan(nothing, 0, 0)
    for (const stream of [stdout, stderr]) this.joined(stream, lineFlags.unterminated)
    this.endSpan()
  }

  /** A whole line within the span. */
  line(stream: LineStream, seconds: number, nanos: number, from: number, to: number): void {
    const ordinal = this.#take(stream, seconds, nanos, this.#bytes, from, to)
    if (ordinal < 0) return
    let end = to
    let flags = 0
    if (to - from > this.#maxLineBytes) {
      end = from + this.#maxLineBytes
      flags = lineFlags.truncated
      this.#counts.truncated += 1
    }
    const base = this.#arenaBase - this.#spanFrom
    this.#lastEnd = end > this.#lastEnd ? end : this.#lastEnd
    this.#put(stream, seconds, nanos, ordinal, base + from, base + end, flags)
    if (this.#builder.isFull) {
      this.endSpan()
      this.#builder.seal()
      this.#startAt(end)
    }
  }

  /** The next piece of a line that is not complete: kept with the stream, up to the cap. */
  piece(stream: LineStream, seconds: number, nanos: number, from: number, to: number): void {
    if (stream.pieces === undefined) {
      stream.pieces = Buffer.allocUnsafeSlow(Math.min(this.#maxLineBytes, Math.max(64, (to - from) * 2)))
      stream.piecesLength = 0
      stream.piecesSeconds = seconds
      stream.piecesNanos = nanos
      stream.piecesAreCut = false
    }
    const kept = Math.min(to - from, this.#maxLineBytes - stream.piecesLength)
    if (kept < to - from) stream.piecesAreCut = true
    if (kept === 0) return
    const length = stream.piecesLength + kept
    if (length > stream.pieces.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(this.#maxLineBytes, Math.max(length, stream.pieces.length * 2)))
      stream.pieces.copy(larger, 0, 0, stream.piecesLength)
      stream.pieces = larger
    }
    this.#bytes.copy(stream.pieces, stream.piecesLength, from, from + kept)
    stream.piecesLength = length
  }

  /** The pieces kept with the stream are a line now. */
  joined(stream: LineStream, flags: number): void {
    const { pieces, piecesLength: length, piecesSeconds: seconds, piecesNanos: nanos } = stream
    if (pieces === undefined) return
    const position = Math.max(this.#spanFrom, this.#lastEnd)
    this.endSpan()
    // Before the cursor moves over the line: the batch that may be sealed for want of room does not have it.
    this.#builder.reserve(length)
    const ordinal = this.#take(stream, seconds, nanos, pieces, 0, length)
    if (ordinal >= 0) {
      const isCut = stream.piecesAreCut
      if (isCut) this.#counts.truncated += 1
      const { arena } = this.#builder
      const start = arena.used
      pieces.copy(arena.bytes, start, 0, length)
      arena.used = start + length
      this.#put(stream, seconds, nanos, ordinal, start, start + length, flags | (isCut ? lineFlags.truncated : 0))
      if (this.#builder.isFull) this.#builder.seal()
    }
    this.#startAt(position)
    stream.dropPieces()
  }

  /** Goes on in the span from `position`, in whatever arena is open now. */
  #startAt(position: number): void {
    this.#builder.reserve(this.#spanTo - position)
    this.#spanFrom = position
    this.#arenaBase = this.#builder.arena.used
    this.#lastEnd = -1
  }

  #take(stream: LineStream, seconds: number, nanos: number, bytes: Buffer, from: number, to: number): number {
    if (!this.#clock.isFine && nanos % 1000 !== 0) this.#clock.isFine = true
    const ordinal = stream.take(seconds, nanos, stream.isAllNew ? 0 : fingerprint(bytes, from, to))
    if (ordinal === repeated) this.#counts.repeats += 1
    return ordinal
  }

  #put(
    stream: LineStream,
    seconds: number,
    nanos: number,
    ordinal: number,
    start: number,
    end: number,
    flags: number,
  ): void {
    const builder = this.#builder
    const index = builder.indexOf(stream)
    const { columns, count } = builder
    columns.start[count] = start
    columns.end[count] = end
    columns.seconds[count] = seconds
    columns.nanos[count] = nanos
    columns.ordinal[count] = ordinal
    columns.origin[count] = index
    columns.flags[count] = flags | this.#flagNext
    this.#flagNext = 0
    builder.count = count + 1
    this.#counts.lines += 1
    this.#counts.bytes += end - start
  }
}

/** A number that equal lines share, from their length and a few of their bytes; lines that differ rarely share it. */
function fingerprint(bytes: Buffer, from: number, to: number): number {
  const length = to - from
  if (length === 0) return 0
  let print = length
  const step = length <= 16 ? 1 : length >> 4
  for (let i = from; i < to; i += step) print = (Math.imul(print, 31) + bytes[i]!) | 0
  return (Math.imul(print, 31) + bytes[to - 1]!) | 0
}
