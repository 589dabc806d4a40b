import { valueKinds } from '../../batch/fields/fields.ts'
import type { Parser, Target } from './target.ts'

const [blank, quote, backslash, equals] = [0x20, 0x22, 0x5c, 0x3d]

/**
 * `level=info msg="it went well" ready`: names, each with a value, perhaps in quotes, in which a backslash takes the next byte as it is, or none. A text
 * without one value is none.
 */
export const parseLogfmt: Parser = (bytes, from, to, target) => {
  let hasValue = false
  for (let at = from; at < to; ) {
    if (bytes[at]! <= blank) {
      at += 1
      continue
    }
    const nameEnd = endOfName(bytes, at, to)
    // What begins with a quote or an equals sign is no name.
    if (nameEnd === at) return false
    const name = target.numberOf(bytes, at, nameEnd)
    if (bytes[nameEnd] !== equals || nameEnd === to) {
      target.set(name, valueKinds.text, bytes, nameEnd, nameEnd)
      at = nameEnd
      continue
    }
    hasValue = true
    at = nameEnd + 1
    if (at < to && bytes[at] === quote) {
      at = takeQuoted(bytes, { at: at + 1, to, name }, target)
      if (at === -1) return false
      continue
    }
    const valueEnd = endOfValue(bytes, at, to)
    target.set(name, valueKinds.text, bytes, at, valueEnd)
    at = valueEnd
  }
  return hasValue
}

function endOfName(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && bytes[at]! > blank && bytes[at] !== equals && bytes[at] !== quote) at += 1
  return at
}

function endOfValue(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && bytes[at]! > blank) at += 1
  return at
}

/** Takes the text up to the next quote. @returns the place behind that; -1: there is none */
function takeQuoted(bytes: Buffer, { at: from, to, name }: { at: number; to: number; name: number }, target: Target) {
  let isEscaped = false
  for (let at = from; at < to; at++) {
    if (bytes[at] === backslash) {
      isEscaped = true
      at += 1
    } else if (bytes[at] === quote) {
      if (isEscaped) takeEscaped(bytes, { from, to: at, name }, target)
      else target.set(name, valueKinds.text, bytes, from, at)
      return at + 1
    }
  }
  return -1
}

/** As Go writes them (strconv.Quote), of which those for one sign are known here. */
const signs = new Map([
  [0x6e, 0x0a],
  [0x74, 0x09],
  [0x72, 0x0d],
])

function takeEscaped(bytes: Buffer, { from, to, name }: { from: number; to: number; name: number }, target: Target) {
  const { bytes: value, at } = target.open(to - from)
  let end = at
  for (let i = from; i < to; i++) {
    const isEscape = bytes[i] === backslash
    if (isEscape) i += 1
    value[end++] = isEscape ? (signs.get(bytes[i]!) ?? bytes[i]!) : bytes[i]!
  }
  target.close(name, valueKinds.text, end)
}
