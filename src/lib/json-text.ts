/** What stands between the quotes of a JSON string (RFC 8259), from bytes and into bytes. Bytes that are no UTF-8 become U+FFFD. */
import { isUtf8 } from 'node:buffer'

/** A byte becomes six at the most: `\u0000`. */
export const maxExpansion = 6

/** What each byte of ASCII becomes: 0 itself, 1 `\u00xx`, otherwise a backslash and that letter. */
const escapes = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 32 ? 1 : 0))
for (const [byte, letter] of [
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [12, 'f'],
  [13, 'r'],
  [34, '"'],
  [92, '\\'],
] as const)
  escapes[byte] = letter.charCodeAt(0)
const hexDigits = Buffer.from('0123456789abcdef')

/** Plain ASCII byte by byte; the first byte beyond it sends the rest of the line through a check for UTF-8. */
export function writeJsonText(
  bytes: Buffer,
  start: number,
  end: number,
  place: { target: Buffer; at: number },
): number {
  const { target } = place
  let { at } = place
  for (let from = start; from < end; from++) {
    const byte = bytes[from]!
    if (byte > 127) {
      const rest = bytes.subarray(from, end)
      if (!isUtf8(rest)) return writeEscaped(Buffer.from(rest.toString('utf8')), target, at)
      return writeEscaped(rest, target, at)
    }
    const escape = escapes[byte]!
    if (escape === 0) target[at++] = byte
    else at = writeEscape(byte, escape, target, at)
  }
  return at
}

function writeEscaped(text: Buffer, target: Buffer, from: number): number {
  let at = from
  for (let k = 0; k < text.length; k++) {
    const byte = text[k]!
    const escape = escapes[byte]!
    if (escape === 0) target[at++] = byte
    else at = writeEscape(byte, escape, target, at)
  }
  return at
}

function writeEscape(byte: number, escape: number, target: Buffer, at: number): number {
  target[at] = 92
  if (escape !== 1) {
    target[at + 1] = escape
    return at + 2
  }
  target[at + 1] = 117
  target[at + 2] = 48
  target[at + 3] = 48
  target[at + 4] = hexDigits[byte >> 4]!
  target[at + 5] = hexDigits[byte & 15]!
  return at + 6
}
