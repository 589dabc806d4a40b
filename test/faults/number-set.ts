/** A set of numbers from 0 on, a bit each. */
export class NumberSet {
  #bits = new Uint8Array(1024)
  #size = 0

  get size(): number {
    return this.#size
  }

  has(number: number): boolean {
    return ((this.#bits[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0
  }

  /** Whether it was not there before. */
  add(number: number): boolean {
    if (this.has(number)) return false
    const at = number >>> 3
    if (at >= this.#bits.length) {
      const more = new Uint8Array(2 * at)
      more.set(this.#bits)
      this.#bits = more
    }
    this.#bits[at]! |= 1 << (number & 7)
    this.#size++
    return true
  }

  /** How many of these `other` has not. */
  countMissingFrom(other: NumberSet): number {
    let count = 0
    for (let at = 0; at < this.#bits.length; at++) {
      let missing = this.#bits[at]! & ~(other.#bits[at] ?? 0)
      for (; missing !== 0; missing &= missing - 1) count++
    }
    return count
  }
}
