/** For tests: what an engine would send, and what the readers make of it. */
import type { Batch } from '../batch/batch.ts'
import { BatchBuilder } from '../batch/builder.ts'
import { compareCursors, type Cursor } from '../batch/cursor.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import { formatTimestamp } from '../lib/timestamp.ts'
import type { BodyReader, BodyReaderOptions } from './body-reader.ts'
import type { LogStreams } from './log-streams.ts'
import { type EngineClock, LineStream } from './line-stream.ts'
import { dockerPieces, type LineCounts, LineWriter, type PieceRules, podmanPieces } from './line-writer.ts'

export interface SentLine {
  readonly stream: 'stdout' | 'stderr'
  readonly seconds: number
  readonly nanos: number
  /** Without its line feed. */
  readonly text: Buffer
  readonly isUnterminated?: boolean
}

export const dockerRules = dockerPieces
export const podmanRules = podmanPieces

/** The frames of one line: a piece of at most `pieceBytes` in each, all with the line's time. */
export function framesOf(line: SentLine, { pieceBytes }: PieceRules = dockerRules): Buffer[] {
  const text = line.isUnterminated ? line.text : Buffer.concat([line.text, Buffer.from('\n')])
  const prefix = Buffer.from(`${formatTimestamp(line.seconds, line.nanos)} `)
  const frames: Buffer[] = []
  for (let at = 0; at < Math.max(1, text.length); at += pieceBytes) {
    const payload = Buffer.concat([prefix, text.subarray(at, at + pieceBytes)])
    const header = Buffer.from([line.stream === 'stderr' ? 2 : 1, 0, 0, 0, 0, 0, 0, 0])
    header.writeUInt32BE(payload.length, 4)
    frames.push(Buffer.concat([header, payload]))
  }
  return frames
}

/** The bytes of one line from a TTY. */
export function ttyBytesOf(line: SentLine, { pieceBytes }: PieceRules = dockerRules): Buffer {
  const text = line.isUnterminated ? line.text : Buffer.concat([line.text, Buffer.from('\r\n')])
  const prefix = Buffer.from(`${formatTimestamp(line.seconds, line.nanos)} `)
  const pieces: Buffer[] = []
  for (let at = 0; at < Math.max(1, text.length); at += pieceBytes)
    pieces.push(prefix, text.subarray(at, at + pieceBytes))
  return Buffer.concat(pieces)
}

/** A container's streams, and the rows that come out of whatever is read into them. */
export class ReadingBench {
  readonly counts: LineCounts = { lines: 0, bytes: 0, repeats: 0, truncated: 0, gaps: 0 }
  readonly clock: EngineClock
  readonly streams: LogStreams
  readonly #builder: BatchBuilder
  readonly #writer: LineWriter
  #rows: Row[] = []

  constructor(options: { maxLineBytes?: number; nowSeconds?: number; stdout?: Cursor; stderr?: Cursor } = {}) {
    this.clock = { now: () => options.nowSeconds ?? Number.MAX_SAFE_INTEGER, isFine: false, neverRepeats: false }
    this.#builder = new BatchBuilder((batch) => this.#take(batch))
    this.#writer = new LineWriter({
      builder: this.#builder,
      clock: this.clock,
      counts: this.counts,
      maxLineBytes: options.maxLineBytes ?? 1 << 20,
    })
    const stream = (name: 'stdout' | 'stderr', cursor: Cursor | undefined) =>
      new LineStream(
        { key: `s/c/${name}`, stream: name, container: { id: 'c', name: 'c', image: 'i' }, labels: {}, host: 'h' },
        this.clock,
        cursor,
      )
    this.streams = { stdout: stream('stdout', options.stdout), stderr: stream('stderr', options.stderr) }
  }

  options(more: Partial<BodyReaderOptions> = {}): BodyReaderOptions {
    return { streams: this.streams, writer: this.#writer, rules: dockerRules, ...more }
  }

  /** Feeds `wire`, cut at `cuts`, each piece at another place of one shared buffer, as sockets give it. */
  feed(reader: BodyReader, wire: Buffer, cuts: readonly number[] = []): void {
    this.streams.stdout.beginRead()
    this.streams.stderr.beginRead()
    const places = [...new Set([0, ...cuts.map((cut) => cut % (wire.length + 1)), wire.length])].sort((a, b) => a - b)
    const shared = Buffer.alloc(wire.length + 64, ' ')
    for (let i = 1; i < places.length; i++) {
      const from = (i * 7) % 64
      const length = places[i]! - places[i - 1]!
      wire.copy(shared, from, places[i - 1], places[i])
      reader.feed(shared, from, from + length)
      shared.fill(' ')
    }
  }

  rows(): Row[] {
    this.#builder.seal()
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  #take(batch: Batch): void {
    const rows = rowsOf(batch)
    for (const { key, cursor } of batch.progress) {
      const last = rows.findLast(({ origin }) => origin.key === key)
      const place = last && { seconds: last.seconds, nanos: last.nanos, count: last.ordinal + 1 }
      if (place === undefined || compareCursors(place, cursor) !== 0)
        throw new Error(
          `a batch says that ${key} has come to ${JSON.stringify(cursor)}, and ends at ${JSON.stringify(place)}`,
        )
    }
    this.#rows.push(...rows)
    batch.release()
  }
}
