import type { BufferPool } from './buffer-pool.ts'

export interface Piece {
  /** Begins at a multiple of 8 in its memory; any contents. */
  readonly bytes: Buffer
  /** Nobody may use it any more. To be called once. */
  release(): void
}

interface Chunk {
  readonly memory: Buffer
  used: number
  pieces: number
}

/**
 * Pieces of any size, cut one after the other from chunks of one size: for those that are given back in about the order in which they were taken.
 * From a pool by themselves they would need as much of every size as was ever in use of it. A piece larger than a chunk is one by itself.
 */
export class Chunks {
  readonly #pool: BufferPool
  readonly #chunkBytes: number
  #open: Chunk | undefined

  constructor(pool: BufferPool, chunkBytes: number) {
    this.#pool = pool
    this.#chunkBytes = chunkBytes
  }

  take(bytes: number): Piece {
    const chunk = this.#withRoomFor(bytes)
    const from = chunk.used
    chunk.used = Math.ceil((from + bytes) / 8) * 8
    chunk.pieces += 1
    return { bytes: chunk.memory.subarray(from, from + bytes), release: () => this.#release(chunk) }
  }

  #withRoomFor(bytes: number): Chunk {
    const open = this.#open
    if (open && open.used + bytes <= open.memory.length) return open
    this.#open = { memory: this.#pool.take(Math.max(bytes, this.#chunkBytes)), used: 0, pieces: 0 }
    return this.#open
  }

  /** The last piece gives the chunk back, also the open one: so nothing is held while nothing is in use. */
  #release(chunk: Chunk): void {
    chunk.pieces -= 1
    if (chunk.pieces > 0) return
    if (this.#open === chunk) this.#open = undefined
    this.#pool.give(chunk.memory)
  }
}
