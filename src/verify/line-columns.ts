/** The lines of one stream as numbers: 41 bytes each, however long their texts are. */

/** What is kept of a line. The callers use one object for all lines. */
export interface LineFacts {
  /** Seconds since 1970; -1: no time is known. */
  seconds: number
  nanos: number
  /** Which line of its stream at exactly this time, from 0. */
  ordinal: number
  /** 64 bits of hash of the text's bytes, as two words. */
  high: number
  low: number
  /** Bits of `lineFlags`. */
  flags: number
}

export const noTime = -1

export class LineColumns {
  count = 0
  seconds = new Float64Array(256)
  nanos = new Uint32Array(256)
  ordinal = new Uint32Array(256)
  high = new Uint32Array(256)
  low = new Uint32Array(256)
  flags = new Uint8Array(256)

  add(line: LineFacts): void {
    const at = this.count
    if (at === this.seconds.length) this.#grow(at * 2)
    this.seconds[at] = line.seconds
    this.nanos[at] = line.nanos
    this.ordinal[at] = line.ordinal
    this.high[at] = line.high
    this.low[at] = line.low
    this.flags[at] = line.flags
    this.count = at + 1
  }

  timeOf(index: number): { readonly seconds: number; readonly nanos: number } {
    return { seconds: this.seconds[index]!, nanos: this.nanos[index]! }
  }

  #grow(length: number): void {
    const { seconds, nanos, ordinal, high, low, flags } = this
    ;(this.seconds = new Float64Array(length)).set(seconds)
    ;(this.nanos = new Uint32Array(length)).set(nanos)
    ;(this.ordinal = new Uint32Array(length)).set(ordinal)
    ;(this.high = new Uint32Array(length)).set(high)
    ;(this.low = new Uint32Array(length)).set(low)
    ;(this.flags = new Uint8Array(length)).set(flags)
  }
}

/** Puts the hash of the bytes into `line`. Two lanes of 32 bits with multipliers of their own: equal by chance once in 2^64. */
export function hashText(bytes: Buffer, from: number, to: number, line: LineFacts): void {
  let one = 0x9e3779b9 ^ (to - from)
  let two = 0x85ebca6b
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!
    one = Math.imul(one ^ byte, 0x01000193)
    two = Math.imul((two ^ byte) + (two >>> 15), 0xc2b2ae35)
  }
  one = Math.imul(one ^ (one >>> 16), 0x7feb352d)
  two = Math.imul(two ^ (two >>> 15), 0x846ca68b)
  line.high = (one ^ (one >>> 15)) >>> 0
  line.low = (two ^ (two >>> 16)) >>> 0
}
