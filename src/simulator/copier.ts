const lineFeed = 10

/** Where in its line a piece lies. */
export type PiecePlace = 'whole' | 'first' | 'middle' | 'last'

/** Takes a piece: the bytes from `start` up to `end`, valid during the call only. */
export type PieceTaker = (bytes: Buffer, start: number, end: number, place: PiecePlace) => void

export interface CopierOptions {
  /** A line is cut after so many bytes without a line feed. */
  readonly pieceBytes: number
  /** Podman: what a read leaves without a line feed is a piece of its own at once. */
  readonly cutsAtReads: boolean
}

/**
 * Cuts what a container writes to one stream into the pieces that its log holds, as the engine's copier does: a piece ends
 * with a line feed, or is `pieceBytes` long, or is what was left when the container ended. Bytes without a line
 * feed wait here for the rest of their line.
 */
export class Copier {
  readonly #pieceBytes: number
  readonly #cutsAtReads: boolean
  readonly #take: PieceTaker
  /** Bytes of the open line that no piece holds yet: fewer than `pieceBytes`. */
  #carry: Buffer | undefined
  /** Whether a piece of the open line was taken already. */
  #isInLine = false

  constructor(options: CopierOptions, take: PieceTaker) {
    this.#pieceBytes = options.pieceBytes
    this.#cutsAtReads = options.cutsAtReads
    this.#take = take
  }

  write(bytes: Buffer): void {
    let input = bytes
    if (this.#carry) {
      input = Buffer.concat([this.#carry, bytes])
      this.#carry = undefined
    }
    let at = 0
    let lineEnd = input.indexOf(lineFeed)
    while (at < input.length) {
      const limit = at + this.#pieceBytes
      if (lineEnd !== -1 && lineEnd < limit) {
        this.#take(input, at, lineEnd + 1, this.#isInLine ? 'last' : 'whole')
        this.#isInLine = false
        at = lineEnd + 1
        lineEnd = input.indexOf(lineFeed, at)
      } else if (limit <= input.length) {
        this.#cut(input, at, limit)
        at = limit
      } else break
    }
    if (at === input.length) return
    if (this.#cutsAtReads) this.#cut(input, at, input.length)
    // A copy: a few bytes must not keep a program's whole buffer alive.
    else this.#carry = Buffer.from(input.subarray(at))
  }

  /** The stream has ended: what waits becomes a piece, though it has no line feed. Says whether anything waited. */
  flush(): boolean {
    const carry = this.#carry
    this.#carry = undefined
    if (carry) this.#take(carry, 0, carry.length, this.#isInLine ? 'last' : 'whole')
    this.#isInLine = false
    return carry !== undefined
  }

  #cut(bytes: Buffer, start: number, end: number): void {
    this.#take(bytes, start, end, this.#isInLine ? 'middle' : 'first')
    this.#isInLine = true
  }
}
