/** Bytes shared by the batches that point into them; reference counted, and given back to its pool by the last. */
export class Arena {
  readonly bytes: Buffer
  /** Bytes taken so far, from the front. */
  used = 0
  #references = 1
  readonly #onFree: () => void

  constructor(capacity: number | Buffer, onFree: () => void = () => undefined) {
    this.bytes = typeof capacity === 'number' ? Buffer.allocUnsafeSlow(capacity) : capacity
    this.#onFree = onFree
  }

  /** An arena that is full already: `bytes`, which belong to it from now on. */
  static over(bytes: Buffer, onFree?: () => void): Arena {
    const arena = new Arena(bytes, onFree)
    arena.used = bytes.length
    return arena
  }

  retain(): void {
    this.#references += 1
  }

  release(): void {
    this.#references -= 1
    if (this.#references === 0) this.#onFree()
  }
}
