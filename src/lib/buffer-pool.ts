/** Smaller buffers are made anew: they cost little, and many of them may wait for hours. */
const smallestBytes = 16 * 1024
/** What lies unused through a whole window of this length is let go. */
const windowMs = 60_000

/** Free buffers of one size. */
interface Shelf {
  readonly free: Buffer[]
  /** The fewest there were in this window: so many were not needed. */
  leastFree: number
}

/**
 * Large buffers that are used again. Made anew each time they stay resident long after their last use: V8 looks for dead ones only when 32 to
 * 64 MB of them have gathered (168 MB resident while a backlog was sent, 85 MB of it dead or alive in buffers, of which 25 MB were alive). It
 * keeps as many of each size as were in use at a time lately: a limit on what is kept would let go, in every round, of what the next one needs.
 */
export class BufferPool {
  readonly #shelves = new Map<number, Shelf>()
  readonly #now: () => number
  #windowEndsAtMs: number

  /** `now`: milliseconds of a clock that is never set. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#windowEndsAtMs = now() + windowMs
  }

  /** A buffer of at least `bytes`, and less than half as much again beyond 16 KiB, with any contents, that begins its memory. */
  take(bytes: number): Buffer {
    if (bytes < smallestBytes) return Buffer.allocUnsafeSlow(bytes)
    this.#tidy()
    const size = sizeFor(bytes)
    let shelf = this.#shelves.get(size)
    if (!shelf) this.#shelves.set(size, (shelf = { free: [], leastFree: 0 }))
    const buffer = shelf.free.pop() ?? Buffer.allocUnsafeSlow(size)
    shelf.leastFree = Math.min(shelf.leastFree, shelf.free.length)
    return buffer
  }

  /** Nobody may use it any more. What is never given back is left to the garbage collector. */
  give(buffer: Buffer): void {
    this.#shelves.get(buffer.length)?.free.push(buffer)
    this.#tidy()
  }

  #tidy(): void {
    const nowMs = this.#now()
    if (nowMs < this.#windowEndsAtMs) return
    this.#windowEndsAtMs = nowMs + windowMs
    for (const shelf of this.#shelves.values()) {
      shelf.free.splice(0, shelf.leastFree)
      shelf.leastFree = shelf.free.length
    }
  }
}

/** Powers of two, and one and a half of them: few sizes, so that what one has given back fits the next. */
function sizeFor(bytes: number): number {
  let size = smallestBytes
  while (size < bytes) size *= 2
  return bytes <= (size / 4) * 3 ? (size / 4) * 3 : size
}
