import { valueKinds } from '../../batch/fields/fields.ts'
import { placeOf } from './scan.ts'
import type { Target } from './target.ts'

const [blank, quote, backslash, minus, open, close, equals, dot] = [0x20, 0x22, 0x5c, 0x2d, 0x5b, 0x5d, 0x3d, 0x2e]
/** Of id and name together; RFC 5424 has 32 for each. */
const mostNameBytes = 512

interface Text {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
}

/**
 * Structured data of RFC 5424, each parameter by the name `id.name`:
 *
 *     data     "-" / 1*element
 *     element  "[" id *(SP name "=" quoted) "]"
 */
export class StructuredData {
  readonly #name = Buffer.alloc(mostNameBytes)

  /** @returns the place behind it; -1: there is none */
  take({ bytes, from, to }: Text, target: Target): number {
    if (from < to && bytes[from] === minus) return from + 1
    let at = from
    while (at !== -1 && at < to && bytes[at] === open) at = this.#element({ bytes, from: at + 1, to }, target)
    return at > from ? at : -1
  }

  /** @returns the place behind the bracket; -1: it is no element */
  #element({ bytes, from, to }: Text, target: Target): number {
    let at = from
    while (at < to && bytes[at] !== blank && bytes[at] !== close) at += 1
    const idLength = at - from
    if (idLength === 0 || idLength + 1 > mostNameBytes) return -1
    bytes.copy(this.#name, 0, from, at)
    this.#name[idLength] = dot
    while (at < to && bytes[at] === blank) {
      at = this.#parameter({ bytes, from: at + 1, to }, target, idLength + 1)
      if (at === -1) return -1
    }
    return at < to && bytes[at] === close ? at + 1 : -1
  }

  /** @returns the place behind the second quote; -1: it is no parameter */
  #parameter({ bytes, from, to }: Text, target: Target, prefix: number): number {
    const nameEnd = placeOf(equals, bytes, from, Math.min(to, from + mostNameBytes - prefix))
    const begin = nameEnd + 2
    if (nameEnd === from || begin > to || bytes[nameEnd] !== equals || bytes[nameEnd + 1] !== quote) return -1
    bytes.copy(this.#name, prefix, from, nameEnd)
    const number = target.numberOf(this.#name, 0, prefix + nameEnd - from)
    let isEscaped = false
    for (let at = begin; at < to; at++) {
      if (bytes[at] === backslash) {
        isEscaped = true
        at += 1
      } else if (bytes[at] === quote) {
        if (isEscaped) takeEscaped({ bytes, from: begin, to: at }, target, number)
        else target.set(number, valueKinds.text, bytes, begin, at)
        return at + 1
      }
    }
    return -1
  }
}

/** A backslash takes a quote, a bracket and a backslash as they are; before anything else it stands for itself. */
function takeEscaped({ bytes, from, to }: Text, target: Target, number: number): void {
  const place = target.open(to - from)
  let end = place.at
  for (let at = from; at < to; at++) {
    const next = bytes[at + 1]
    const isEscape = bytes[at] === backslash && (next === quote || next === close || next === backslash)
    if (isEscape) at += 1
    place.bytes[end++] = bytes[at]!
  }
  target.close(number, valueKinds.text, end)
}
