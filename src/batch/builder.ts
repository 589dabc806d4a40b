import { BufferPool } from '../lib/buffer-pool.ts'
import { Arena } from './arena.ts'
import { Batch, type Columns, columnsBytes, columnsOver, maxLines, sliceColumns } from './batch.ts'
import type { Cursor } from './cursor.ts'
import type { Origin, Progress } from './origin.ts'

/** Bytes of text in a chunk in ordinary use; a longer line gets one of its own size. */
export const arenaBytes = 1 << 20
/** With fewer rows left a chunk is as good as full. */
const fewRows = maxLines / 8

/** A stream as the builder sees it. The fields `batchId` and `localIndex` belong to the builder. */
export interface BuilderStream {
  readonly origin: Origin
  /** Where the stream stands after its last line. Not given: its lines cannot be read again, and no cursor is kept of it. */
  cursor?(): Cursor
  batchId: number
  localIndex: number
}

/** Memory that one batch after the other is cut from; it goes back to the pool with the last of them. */
interface Chunk {
  readonly columns: Columns
  readonly text: Buffer
  /** Counts its users: the builder, and the batches. */
  readonly memory: Arena
  /** Rows and bytes that batches have. */
  rows: number
  bytes: number
}

/**
 * Fills batches that all streams of a source share, so that a thousand quiet containers do not own a thousand arenas. A batch takes of the chunk
 * just what its lines need, and the next begins behind it: nothing is copied, all chunks are of one size, and a few of them serve for ever.
 * Whoever writes lines takes `columns`, `count` and `arena` as they are (see engine/frame-reader.ts) and tells `seal` when.
 */
export class BatchBuilder {
  columns: Columns
  arena: Arena
  /** Lines in the open batch. */
  count = 0
  #chunk: Chunk
  #batchId = 1
  #streams: BuilderStream[] = []
  #origins: Origin[] = []
  #openedAtMs = 0
  readonly #pool = new BufferPool()
  readonly #onSealed: (batch: Batch) => void
  readonly #arenaBytes: number

  /** `bytes` of text in a chunk: less than usual where there are many builders. */
  constructor(onSealed: (batch: Batch) => void, bytes = arenaBytes) {
    this.#onSealed = onSealed
    this.#arenaBytes = bytes
    this.#chunk = this.#takeChunk(bytes)
    this.columns = this.#chunk.columns
    this.arena = new Arena(this.#chunk.text)
  }

  /** `performance.now()` when the open batch got its first line; meaningless while it is empty. */
  get openedAtMs(): number {
    return this.#openedAtMs
  }

  /** There is no row for another line: the batch must be sealed. */
  get isFull(): boolean {
    return this.count === this.columns.flags.length
  }

  /** The stream's index in the open batch; enters the stream, and its current origin, when it has none yet. */
  indexOf(stream: BuilderStream): number {
    if (stream.batchId !== this.#batchId) this.#enter(stream)
    return stream.localIndex
  }

  /** Makes sure that `bytes` more fit into the arena; seals the open batch when they do not. */
  reserve(bytes: number): void {
    if (this.arena.used + bytes <= this.arena.bytes.length) return
    this.seal()
    if (bytes <= this.arena.bytes.length) return
    this.#begin(Math.max(bytes, this.#arenaBytes))
  }

  /** Hands the open batch on, if it has lines, and begins the next. */
  seal(): void {
    if (this.count === 0) {
      this.arena.used = 0
      return
    }
    const batch = this.#cut()
    this.count = 0
    this.#batchId += 1
    this.#streams = []
    this.#origins = []
    this.#goOn()
    this.#onSealed(batch)
  }

  #cut(): Batch {
    const { columns, arena, count } = this
    const chunk = this.#chunk
    chunk.rows += count
    chunk.bytes += arena.used
    chunk.memory.retain()
    const progress: Progress[] = this.#streams.flatMap((stream) =>
      stream.cursor ? [{ key: stream.origin.key, cursor: stream.cursor() }] : [],
    )
    return new Batch({
      columns: sliceColumns(columns, 0, count),
      arena: Arena.over(arena.bytes.subarray(0, arena.used), () => chunk.memory.release()),
      origins: this.#origins,
      progress,
      count,
      openedAtMs: this.#openedAtMs,
      onFree: () => undefined,
    })
  }

  /** Behind the batch that was cut off last, or in the next chunk. */
  #goOn(): void {
    const { rows, bytes, columns, text } = this.#chunk
    if (maxLines - rows < fewRows || bytes === text.length) {
      this.#begin(this.#arenaBytes)
      return
    }
    this.columns = sliceColumns(columns, rows, maxLines)
    this.arena = new Arena(text.subarray(bytes))
  }

  #begin(bytes: number): void {
    this.#chunk.memory.release()
    this.#chunk = this.#takeChunk(bytes)
    this.columns = this.#chunk.columns
    this.arena = new Arena(this.#chunk.text)
  }

  #enter(stream: BuilderStream): void {
    if (this.#streams.length === 0) this.#openedAtMs = performance.now()
    stream.batchId = this.#batchId
    stream.localIndex = this.#streams.length
    this.#streams.push(stream)
    this.#origins.push(stream.origin)
  }

  #takeChunk(bytes: number): Chunk {
    const textAt = columnsBytes(maxLines)
    const memory = this.#pool.take(textAt + bytes)
    return {
      columns: columnsOver(memory, 0, maxLines),
      text: memory.subarray(textAt, textAt + bytes),
      memory: new Arena(memory, () => this.#pool.give(memory)),
      rows: 0,
      bytes: 0,
    }
  }
}
