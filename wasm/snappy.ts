/**
 * One block of snappy's block format (google/snappy, format_description.txt) in WebAssembly (AssemblyScript): the algorithm of
 * src/sinks/loki/plain-snappy.ts, byte for byte the same output. Bytes are compared and copied up to 16 at a time, and up to 24 beyond the end of an area may be read or written.
 */

export const blockBytes: u32 = 65536
const hashBits = 14
const marginBytes: u32 = 15

const table: usize = memory.data(2 << hashBits, 16)

/** Where the next byte of the output goes. */
let at: usize = 0

/** Compresses `length` bytes from `input` on, a block at the most, to `output`, where a sixth more and 64 bytes have room. @returns where they end there */
export function encodeBlock(input: usize, length: u32, output: usize): usize {
  const end = input + length
  let literalFrom = input
  at = output
  if (length > marginBytes) {
    memory.fill(table, 0, 2 << hashBits)
    const limit = end - marginBytes
    let here = input + 1
    let misses: u32 = 32
    while (here < limit) {
      const word = load<u64>(here)
      const slot = slotOf(word)
      const candidate = input + load<u16>(slot)
      store<u16>(slot, <u16>(here - input))
      if ((load<u64>(candidate) ^ word) << 16 != 0) {
        here += misses >> 5
        misses += 1
        continue
      }
      misses = 32
      if (here > literalFrom) writeLiteral(literalFrom, here)
      const matched = endOfMatch(here + 6, candidate + 6, end)
      writeCopy(<u32>(here - candidate), <u32>(matched - here))
      literalFrom = matched
      here = matched
      if (here >= limit) break
      store<u16>(slotOf(load<u64>(here - 1)), <u16>(here - 1 - input))
    }
  }
  if (literalFrom < end) writeLiteral(literalFrom, end)
  return at
}

/** Where it is noted which place begins with the first six bytes of `word`: shorter matches cost more time than they save bytes. */
function slotOf(word: u64): usize {
  return table + ((<usize>(((word << 16) * 0x9e3779b185ebca87) >>> (64 - hashBits))) << 1)
}

/** @returns the first place from `here` on whose byte is not that from `candidate` on, `end` at the most. */
function endOfMatch(here: usize, candidate: usize, end: usize): usize {
  while (here < end) {
    const difference = load<u64>(here) ^ load<u64>(candidate)
    if (difference != 0) return min(end, here + (<usize>ctz(difference) >> 3))
    const same: u32 = i8x16.bitmask(i8x16.eq(v128.load(here, 8), v128.load(candidate, 8)))
    if (same != 0xffff) return min(end, here + 8 + <usize>ctz(~same))
    here += 24
    candidate += 24
  }
  return end
}

function writeLiteral(from: usize, to: usize): void {
  const length = to - from
  const last = <u32>length - 1
  if (last < 16) {
    store<u8>(at, <u8>(last << 2))
    v128.store(at, v128.load(from), 1)
    at += 1 + length
    return
  }
  if (last < 60) {
    store<u8>(at, <u8>(last << 2))
    at += 1
  } else if (last < 256) {
    store<u16>(at, <u16>((60 << 2) | (last << 8)))
    at += 2
  } else {
    store<u8>(at, 61 << 2)
    store<u16>(at, <u16>last, 1)
    at += 3
  }
  if (length > 64) memory.copy(at, from, length)
  else for (let i: usize = 0; i < length; i += 16) v128.store(at + i, v128.load(from + i))
  at += length
}

function writeCopy(offset: u32, length: u32): void {
  let rest = length
  // At least four bytes are left for the last copy.
  while (rest > 67) {
    writeLongCopy(offset, 64)
    rest -= 64
  }
  if (rest > 64) {
    writeLongCopy(offset, 60)
    rest -= 60
  }
  if (rest > 11 || offset >= 2048) {
    writeLongCopy(offset, rest)
    return
  }
  store<u16>(at, <u16>(((offset >> 8) << 5) | ((rest - 4) << 2) | 1 | ((offset & 255) << 8)))
  at += 2
}

function writeLongCopy(offset: u32, length: u32): void {
  store<u8>(at, <u8>(((length - 1) << 2) | 2))
  store<u16>(at, <u16>offset, 1)
  at += 3
}
