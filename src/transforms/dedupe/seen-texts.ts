const entries = 256
/** A text has this many places; the one seen longest ago makes room. */
const ways = 4

/**
 * The texts that a stream has had lately, by hashes of 53 bits: that two different ones are taken for the same is as likely as 1 in 10^13 a line. In 5 KB, whatever
 * the stream writes, and without an object per text.
 */
export class SeenTexts {
  readonly #hashes = new Float64Array(entries).fill(-1)
  /** When the line came that has passed, in milliseconds; places that nothing has are the oldest. */
  readonly #sinceMs = new Float64Array(entries).fill(Number.NEGATIVE_INFINITY)
  /** Lines taken out since. */
  readonly #dropped = new Uint32Array(entries)

  /** Takes note of a line: -1 where its text was there within the window, else how many of the text were taken out since the last that passed. */
  see(hash: number, nowMs: number, windowMs: number): number {
    const set = (hash % (entries / ways)) * ways
    let oldest = set
    for (let place = set; place < set + ways; place++) {
      if (this.#hashes[place] === hash) return this.#again(place, nowMs, windowMs)
      if (this.#sinceMs[place]! < this.#sinceMs[oldest]!) oldest = place
    }
    this.#hashes[oldest] = hash
    this.#sinceMs[oldest] = nowMs
    this.#dropped[oldest] = 0
    return 0
  }

  /** A clock that was set back beyond the window begins a new one. */
  #again(place: number, nowMs: number, windowMs: number): number {
    const passedMs = nowMs - this.#sinceMs[place]!
    if (passedMs < windowMs && passedMs > -windowMs) {
      this.#dropped[place] = this.#dropped[place]! + 1
      return -1
    }
    const dropped = this.#dropped[place]!
    this.#sinceMs[place] = nowMs
    this.#dropped[place] = 0
    return dropped
  }
}
