import { Arena } from './arena.ts'
import { allocateColumns, Batch, type Columns, copyColumns, maxLines } from './batch.ts'
import type { Cursor } from './cursor.ts'
import type { Origin, Progress } from './origin.ts'

/** Bytes of an arena in ordinary use; a longer line gets an arena of its own size. */
export const arenaBytes = 1 << 20
/** Free arenas and column sets kept for the next batch. */
const keptFree = 4

/** A stream as the builder sees it. The fields `batchId` and `localIndex` belong to the builder. */
export interface BuilderStream {
  readonly origin: Origin
  /** Where the stream stands after its last line. */
  cursor(): Cursor
  batchId: number
  localIndex: number
}

/**
 * Fills batches that all streams of a source share, so that a thousand quiet containers do not own a thousand arenas.
 * Whoever writes lines takes `columns`, `count` and `arena` as they are (see engine/frame-reader.ts) and tells `seal` when.
 */
export class BatchBuilder {
  columns: Columns
  arena: Arena
  /** Lines in the open batch. */
  count = 0
  #batchId = 1
  #streams: BuilderStream[] = []
  #origins: Origin[] = []
  #openedAtMs = 0
  readonly #freeColumns: Columns[] = []
  readonly #freeArenas: Arena[] = []
  readonly #onSealed: (batch: Batch) => void

  constructor(onSealed: (batch: Batch) => void) {
    this.#onSealed = onSealed
    this.columns = allocateColumns(maxLines)
    this.arena = this.#takeArena(arenaBytes)
  }

  /** `performance.now()` when the open batch got its first line; meaningless while it is empty. */
  get openedAtMs(): number {
    return this.#openedAtMs
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
    if (bytes > this.arena.bytes.length) {
      this.arena.release()
      this.arena = this.#takeArena(bytes)
    }
  }

  /** Hands the open batch on, if it has lines, and begins the next. */
  seal(): void {
    if (this.count === 0) {
      this.arena.used = 0
      return
    }
    const batch = this.#isSmall() ? this.#copyOut() : this.#handOver()
    this.count = 0
    this.#batchId += 1
    this.#streams = []
    this.#origins = []
    this.#onSealed(batch)
  }

  /** Whether the batch would pin more than twice the memory that its lines need, while a sink is down for hours perhaps. */
  #isSmall(): boolean {
    return this.count <= maxLines / 2 && this.arena.used <= this.arena.bytes.length / 2
  }

  #copyOut(): Batch {
    const columns = copyColumns(this.columns, this.count)
    const arena = new Arena(this.arena.used, () => undefined)
    this.arena.bytes.copy(arena.bytes, 0, 0, this.arena.used)
    arena.used = this.arena.used
    this.arena.used = 0
    return this.#batchOf(columns, arena, () => undefined)
  }

  #handOver(): Batch {
    const { columns, arena } = this
    this.columns = this.#freeColumns.pop() ?? allocateColumns(maxLines)
    this.arena = this.#takeArena(arenaBytes)
    return this.#batchOf(columns, arena, (free) => {
      if (this.#freeColumns.length < keptFree) this.#freeColumns.push(free)
    })
  }

  #batchOf(columns: Columns, arena: Arena, onFree: (columns: Columns) => void): Batch {
    const progress: Progress[] = this.#streams.map((stream) => ({ key: stream.origin.key, cursor: stream.cursor() }))
    const { count } = this
    return new Batch({ columns, arena, origins: this.#origins, progress, count, openedAtMs: this.#openedAtMs, onFree })
  }

  #enter(stream: BuilderStream): void {
    if (this.#streams.length === 0) this.#openedAtMs = performance.now()
    stream.batchId = this.#batchId
    stream.localIndex = this.#streams.length
    this.#streams.push(stream)
    this.#origins.push(stream.origin)
  }

  #takeArena(bytes: number): Arena {
    const free = bytes === arenaBytes ? this.#freeArenas.pop() : undefined
    if (free) {
      free.reset()
      return free
    }
    return new Arena(bytes, (arena) => {
      if (arena.bytes.length === arenaBytes && this.#freeArenas.length < keptFree) this.#freeArenas.push(arena)
    })
  }
}
