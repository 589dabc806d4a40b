/** Numbers for keys of four 32-bit words, from 0 in the order of their first appearance. No object per key: 24 bytes each, more while it grows. */
export class KeyTable {
  size = 0
  #words = new Uint32Array(4 * 1_024)
  /** Places by hash: a key's number and 1; 0 is free. */
  #places = new Uint32Array(4_096)

  /** The key's number; a new one where it has none yet. */
  add(a: number, b: number, c: number, d: number): number {
    const place = this.#placeOf(a, b, c, d)
    if (this.#places[place] !== 0) return this.#places[place]! - 1
    const number = this.size
    this.#places[place] = number + 1
    if (this.#words.length === number * 4) this.#words = grownWords(this.#words)
    this.#words[number * 4] = a
    this.#words[number * 4 + 1] = b
    this.#words[number * 4 + 2] = c
    this.#words[number * 4 + 3] = d
    this.size = number + 1
    if (this.size * 2 > this.#places.length) this.#grow()
    return number
  }

  /** The key's number; -1 where it has none. */
  find(a: number, b: number, c: number, d: number): number {
    return this.#places[this.#placeOf(a, b, c, d)]! - 1
  }

  #placeOf(a: number, b: number, c: number, d: number): number {
    const words = this.#words
    const places = this.#places
    const mask = places.length - 1
    let place = mix(a, b, c, d) & mask
    while (true) {
      const at = (places[place]! - 1) * 4
      if (at < 0) return place
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return place
      place = (place + 1) & mask
    }
  }

  #grow(): void {
    const places = new Uint32Array(this.#places.length * 4)
    const mask = places.length - 1
    const words = this.#words
    for (let number = 0; number < this.size; number++) {
      const at = number * 4
      let place = mix(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!) & mask
      while (places[place] !== 0) place = (place + 1) & mask
      places[place] = number + 1
    }
    this.#places = places
  }
}

function grownWords(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(words.length * 2)
  larger.set(words)
  return larger
}

function mix(a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a ^ (b >>> 15), 0x2c1b3c6d) ^ Math.imul(b, 0x297a2d39)
  hash = Math.imul(hash ^ (hash >>> 12) ^ c, 0x7feb352d)
  hash = Math.imul(hash ^ (hash >>> 15) ^ d, 0x846ca68b)
  return (hash ^ (hash >>> 16)) >>> 0
}
