import type { Columns } from '../../batch/batch.ts'

const entries = 256
/** A text has this many places; the one seen longest ago makes room. */
const ways = 4

/**
 * The texts that a stream has had lately, by hashes of 53 bits: that two different ones are taken for the same is as likely as 1 in 10^13 a line. In 7 KB, whatever
 * the stream writes, and without an object per text.
 */
export class SeenTexts {
  readonly #hashes = new Float64Array(entries).fill(-1)
  /** What names the line that has passed: its time, and its number at that time. Places that nothing has are the oldest. */
  readonly #seconds = new Float64Array(entries).fill(Number.NEGATIVE_INFINITY)
  readonly #nanos = new Uint32Array(entries)
  readonly #ordinals = new Uint32Array(entries)
  /** Lines taken out since. */
  readonly #dropped = new Uint32Array(entries)

  /** Takes note of a line: -1 where its text was there within the window, else how many of the text were taken out since the last that passed. */
  see(columns: Columns, row: number, { hash, windowMs }: { readonly hash: number; readonly windowMs: number }): number {
    const set = (hash % (entries / ways)) * ways
    let place = set
    for (let at = set; at < set + ways; at++) {
      if (this.#hashes[at] === hash) return this.#again(at, { columns, row, windowMs })
      if (this.#seconds[at]! < this.#seconds[place]!) place = at
    }
    this.#hashes[place] = hash
    this.#pass(place, columns, row)
    return 0
  }

  #again(
    place: number,
    { columns, row, windowMs }: { readonly columns: Columns; readonly row: number; readonly windowMs: number },
  ): number {
    const seconds = columns.seconds[row]! - this.#seconds[place]!
    const nanos = columns.nanos[row]! - this.#nanos[place]!
    const isLater = (seconds || nanos || columns.ordinal[row]! - this.#ordinals[place]!) > 0
    if (isLater && seconds * 1000 + nanos / 1e6 < windowMs) {
      this.#dropped[place] = this.#dropped[place]! + 1
      return -1
    }
    // What is not later is the same line, read again, or the clock was set back: nothing may be taken out as a repeat of itself.
    const dropped = isLater ? this.#dropped[place]! : 0
    this.#pass(place, columns, row)
    return dropped
  }

  #pass(place: number, columns: Columns, row: number): void {
    this.#seconds[place] = columns.seconds[row]!
    this.#nanos[place] = columns.nanos[row]!
    this.#ordinals[place] = columns.ordinal[row]!
    this.#dropped[place] = 0
  }
}
