/** The escapes of JSON strings (RFC 8259, 7), to UTF-8. A surrogate that is alone becomes U+FFFD, as in Go and in Node. */

/** By the byte after the backslash: what it stands for; 0 where it is no escape of one byte. */
const shortEscapes = new Uint8Array(256)
for (const [letter, value] of Object.entries({ '"': 34, '\\': 92, '/': 47, b: 8, f: 12, n: 10, r: 13, t: 9 }))
  shortEscapes[letter.charCodeAt(0)] = value

const replacement = 0xfffd

/**
 * Unescapes what begins with the backslash at `from`, to `output` from `at`.
 * @returns the bytes read times eight, plus the bytes written; -1 where it is no escape, or does not end before `to`.
 */
export function unescapeAt(input: Uint8Array, from: number, to: number, output: Uint8Array, at: number): number {
  if (from + 2 > to) return -1
  const letter = input[from + 1]!
  const short = shortEscapes[letter]!
  if (short !== 0) {
    output[at] = short
    return (2 << 3) | 1
  }
  if (letter !== 117) return -1
  const unit = unitAt(input, from + 2, to)
  if (unit < 0) return -1
  if ((unit & 0xf800) !== 0xd800) return (6 << 3) | writeCharacter(output, at, unit)
  const low = unit < 0xdc00 && input[from + 6] === 92 && input[from + 7] === 117 ? unitAt(input, from + 8, to) : -1
  if (low < 0xdc00 || low > 0xdfff) return (6 << 3) | writeCharacter(output, at, replacement)
  return (12 << 3) | writeCharacter(output, at, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
}

/** The four hexadecimal digits at `from`; -1 where there are none. */
function unitAt(input: Uint8Array, from: number, to: number): number {
  if (from + 4 > to) return -1
  let unit = 0
  for (let i = from; i < from + 4; i++) {
    const digit = digitOf(input[i]!)
    if (digit < 0) return -1
    unit = (unit << 4) | digit
  }
  return unit
}

function digitOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const lower = byte | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** @returns the bytes written. */
function writeCharacter(output: Uint8Array, at: number, code: number): number {
  if (code < 0x80) {
    output[at] = code
    return 1
  }
  if (code < 0x800) {
    output[at] = 0xc0 | (code >> 6)
    output[at + 1] = 0x80 | (code & 63)
    return 2
  }
  if (code < 0x10000) {
    output[at] = 0xe0 | (code >> 12)
    output[at + 1] = 0x80 | ((code >> 6) & 63)
    output[at + 2] = 0x80 | (code & 63)
    return 3
  }
  output[at] = 0xf0 | (code >> 18)
  output[at + 1] = 0x80 | ((code >> 12) & 63)
  output[at + 2] = 0x80 | ((code >> 6) & 63)
  output[at + 3] = 0x80 | (code & 63)
  return 4
}
