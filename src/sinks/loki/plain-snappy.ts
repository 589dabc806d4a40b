/**
 * Snappy, block format (google/snappy, format_description.txt): elements.
 *
 *     literal    len-1 in the upper six bits of the tag (60, 61: in the next one or two bytes), tag bits 00, then the bytes
 *     copy       01: length 4 to 11, offset below 2,048 in eleven bits; 10: length 1 to 64, offset in two bytes
 *
 * For machines whose WebAssembly lacks SIMD, and to hold wasm/snappy.ts to.
 */
import type { BlockEncoder } from './block-encoder.ts'

const hashBits = 14
/** The last bytes of a block are literals: a match is looked for only where eight bytes can be read at once, with room to spare. */
const marginBytes = 15
/** Shorter matches cost more time than they save bytes. Measured on logs: with four 14 % more time, and 3 % more bytes. */
const leastMatch = 6

/** Keeps its table between calls; nothing is allocated. */
export function plainBlockEncoder(): BlockEncoder {
  const table = new Uint16Array(1 << hashBits)
  return (source, from, end, target, start) => {
    let at = start
    let literalFrom = from
    if (end - from > marginBytes) {
      table.fill(0)
      const limit = end - marginBytes
      let here = from + 1
      // Each miss makes the next step longer: bytes that do not compress are passed over quickly.
      let misses = 32
      while (here < limit) {
        const slot = slotOf(source, here)
        const candidate = from + table[slot]!
        table[slot] = here - from
        if (!isMatch(source, here, candidate)) {
          here += misses >> 5
          misses += 1
          continue
        }
        misses = 32
        if (here > literalFrom) at = writeLiteral(source, literalFrom, here, target, at)
        const offset = here - candidate
        let matched = here + leastMatch
        while (matched < end && source[matched] === source[matched - offset]) matched += 1
        at = writeCopy(offset, matched - here, target, at)
        literalFrom = matched
        here = matched
        if (here >= limit) break
        table[slotOf(source, here - 1)] = here - 1 - from
      }
    }
    return literalFrom < end ? writeLiteral(source, literalFrom, end, target, at) : at
  }
}

/** The upper `hashBits` of the lower 64 bits of the product of six bytes, as the upper part of a word, and 0x9e3779b185ebca87. */
function slotOf(source: Uint8Array, at: number): number {
  const low = source[at]! | (source[at + 1]! << 8)
  const high = source[at + 2]! | (source[at + 3]! << 8) | (source[at + 4]! << 16) | (source[at + 5]! << 24)
  const carried = Math.floor((low * 0x85ebca87) / 65_536)
  const product = Math.imul(high, 0x85ebca87) + Math.imul(low << 16, 0x9e3779b1) + carried
  return (product | 0) >>> (32 - hashBits)
}

function isMatch(source: Uint8Array, here: number, candidate: number): boolean {
  for (let i = 0; i < leastMatch; i++) if (source[here + i] !== source[candidate + i]) return false
  return true
}

function writeLiteral(source: Uint8Array, from: number, to: number, target: Uint8Array, start: number): number {
  const last = to - from - 1
  let at = start
  if (last < 60) target[at++] = last << 2
  else if (last < 256) {
    target[at++] = 60 << 2
    target[at++] = last
  } else {
    target[at++] = 61 << 2
    target[at++] = last & 255
    target[at++] = last >> 8
  }
  if (last < 64) {
    for (let i = from; i < to; i++) target[at++] = source[i]!
    return at
  }
  target.set(source.subarray(from, to), at)
  return at + to - from
}

function writeCopy(offset: number, length: number, target: Uint8Array, start: number): number {
  let at = start
  let rest = length
  // At least four bytes are left for the last copy.
  while (rest > 67) {
    at = writeLongCopy(offset, 64, target, at)
    rest -= 64
  }
  if (rest > 64) {
    at = writeLongCopy(offset, 60, target, at)
    rest -= 60
  }
  if (rest > 11 || offset >= 2_048) return writeLongCopy(offset, rest, target, at)
  target[at++] = ((offset >> 8) << 5) | ((rest - 4) << 2) | 1
  target[at++] = offset & 255
  return at
}

function writeLongCopy(offset: number, length: number, target: Uint8Array, at: number): number {
  target[at] = ((length - 1) << 2) | 2
  target[at + 1] = offset & 255
  target[at + 2] = offset >> 8
  return at + 3
}
