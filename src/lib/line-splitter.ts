/** Divides bytes that come in pieces into lines. */
export class LineSplitter {
  readonly #take: (line: Buffer) => void
  #parts: Buffer[] = []

  /** `take` is called for each line, without its line feed; the bytes are its only until it returns. */
  constructor(take: (line: Buffer) => void) {
    this.#take = take
  }

  write(piece: Buffer): void {
    let from = 0
    for (let at = piece.indexOf(0x0a); at !== -1; at = piece.indexOf(0x0a, from)) {
      this.#emit(piece.subarray(from, at))
      from = at + 1
    }
    if (from < piece.length) this.#parts.push(piece.subarray(from))
  }

  /** What stands behind the last line feed is a line, too. */
  end(): void {
    if (this.#parts.length > 0) this.#emit(Buffer.alloc(0))
  }

  #emit(last: Buffer): void {
    if (this.#parts.length === 0) this.#take(last)
    else {
      const parts = [...this.#parts, last]
      this.#parts = []
      this.#take(Buffer.concat(parts))
    }
  }
}
