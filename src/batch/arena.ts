/** Bytes shared by the batches that point into them; reference counted, and given back to its pool by the last. */
export class Arena {
  readonly bytes: Buffer
  /** Bytes taken so far, from the front. */
  used = 0
  #references = 1
  readonly #onFree: (arena: Arena) => void

  constructor(capacity: number, onFree: (arena: Arena) => void) {
    this.bytes = Buffer.allocUnsafeSlow(capacity)
    this.#onFree = onFree
  }

  retain(): void {
    this.#references += 1
  }

  release(): void {
    this.#references -= 1
    if (this.#references === 0) this.#onFree(this)
  }

  /** Ready for its next use. Only the pool calls it. */
  reset(): void {
    this.used = 0
    this.#references = 1
  }
}
