/** Sizes are rounded up to this, so that what one has given back fits the next. */
const stepBytes = 256 * 1024

/**
 * Large buffers that are used again. Those of a megabyte that are made anew each time stay resident long after they were last used: the
 * collector of garbage does not know their size, and the allocator does not give them back (196 MB against 110 MB resident while a backlog was sent).
 */
export class BufferPool {
  readonly #maxFreeBytes: number
  readonly #free: Buffer[] = []
  #freeBytes = 0

  /** Of those that were given back, up to `maxFreeBytes` are kept. */
  constructor(maxFreeBytes: number) {
    this.#maxFreeBytes = maxFreeBytes
  }

  /** A buffer of at least `bytes`, with any contents, that begins its memory. */
  take(bytes: number): Buffer {
    const at = this.#free.findIndex(({ length }) => length >= bytes)
    if (at < 0) return Buffer.allocUnsafeSlow(Math.ceil(bytes / stepBytes) * stepBytes)
    const [buffer] = this.#free.splice(at, 1)
    this.#freeBytes -= buffer!.length
    return buffer!
  }

  /** Nobody may use it any more. What is beyond the limit is left to the garbage collector. */
  give(buffer: Buffer): void {
    if (this.#freeBytes + buffer.length > this.#maxFreeBytes) return
    this.#free.push(buffer)
    this.#freeBytes += buffer.length
  }
}
