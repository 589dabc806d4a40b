const backslash = 0x5c

/** What the byte behind a backslash stands for (RFC 8259); 0: nothing by itself. */
const unescaped = new Uint8Array(256)
for (const [letter, byte] of Object.entries({ '"': 34, '\\': 92, '/': 47, b: 8, f: 12, n: 10, r: 13, t: 9 }))
  unescaped[letter.charCodeAt(0)] = byte

/** Where the escape ends whose backslash is at `at`; -1: it is none. */
export function endOfEscape(bytes: Uint8Array, at: number, to: number): number {
  if (at + 1 >= to) return -1
  if (unescaped[bytes[at + 1]!] !== 0) return at + 2
  return bytes[at + 1] === 0x75 && hexOf(bytes, at + 2, to) >= 0 ? at + 6 : -1
}

/** Writes what the bytes between quotes say, of which `endOfEscape` has seen every escape. @returns where it ends there */
export function unescapeJson(bytes: Uint8Array, from: number, to: number, target: Uint8Array, start: number): number {
  let out = start
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    if (byte !== backslash) {
      target[out++] = byte
      continue
    }
    at += 1
    const sign = unescaped[bytes[at]!]!
    if (sign !== 0) {
      target[out++] = sign
      continue
    }
    const unit = hexOf(bytes, at + 1, to)
    at += 4
    let code = unit
    if (unit >= 0xd800 && unit <= 0xdbff && bytes[at + 1] === backslash && bytes[at + 2] === 0x75) {
      const low = hexOf(bytes, at + 3, to)
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((unit - 0xd800) << 10) + low - 0xdc00
        at += 6
      }
    }
    // Half of a pair is no character.
    out = writeCharacter(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code, target, out)
  }
  return out
}

function hexOf(bytes: Uint8Array, from: number, to: number): number {
  if (from + 4 > to) return -1
  let value = 0
  for (let at = from; at < from + 4; at++) {
    const byte = bytes[at]!
    const small = byte | 0x20
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : small >= 0x61 && small <= 0x66 ? small - 0x57 : -1
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

function writeCharacter(code: number, target: Uint8Array, at: number): number {
  if (code < 0x80) {
    target[at] = code
    return at + 1
  }
  if (code < 0x800) {
    target[at] = 0xc0 | (code >> 6)
    target[at + 1] = 0x80 | (code & 63)
    return at + 2
  }
  if (code < 0x10000) {
    target[at] = 0xe0 | (code >> 12)
    target[at + 1] = 0x80 | ((code >> 6) & 63)
    target[at + 2] = 0x80 | (code & 63)
    return at + 3
  }
  target[at] = 0xf0 | (code >> 18)
  target[at + 1] = 0x80 | ((code >> 12) & 63)
  target[at + 2] = 0x80 | ((code >> 6) & 63)
  target[at + 3] = 0x80 | (code & 63)
  return at + 4
}
