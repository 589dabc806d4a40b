import { isUtf8 } from 'node:buffer'

const replacement = Buffer.from('\ufffd')

/**
 * The bytes as the json-file driver keeps them: every byte that begins no valid sequence becomes one U+FFFD. That is Go's
 * rule; a JavaScript decoder would make one replacement of a whole cut sequence. Gives back `bytes` itself where it is valid.
 */
export function toValidUtf8(bytes: Buffer): Buffer {
  if (isUtf8(bytes)) return bytes
  const parts: Buffer[] = []
  let validFrom = 0
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    if (length > 0) {
      at += length
      continue
    }
    parts.push(bytes.subarray(validFrom, at), replacement)
    at += 1
    validFrom = at
  }
  parts.push(bytes.subarray(validFrom))
  return Buffer.concat(parts)
}

/** Bytes of the valid sequence at `at`; 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!
  if (first < 0x80) return 1
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0
  return length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0
}
