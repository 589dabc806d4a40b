// Cost: 0.5 to 1 CPU seconds per million lines of 165 bytes with nine fields (node bench/shape.mjs). Values are copied, and no text is made.
import { valueKinds } from '../../batch/fields/fields.ts'
import { endOfEscape, unescapeJson } from './json-string.ts'
import { ExpectedNames } from './expected-names.ts'
import type { Parser, Target } from './target.ts'

/** Objects within objects become names with dots, so deep; what is deeper stays JSON. */
const flattenedDepth = 8
/** What is deeper is an attack. */
const deepest = 256
const mostNameBytes = 1_024

const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]
const [quote, comma, colon, backslash, dot, minus] = [0x22, 0x2c, 0x3a, 0x5c, 0x2e, 0x2d]
const literals = [
  [Buffer.from('true'), valueKinds.boolean],
  [Buffer.from('false'), valueKinds.boolean],
  [Buffer.from('null'), valueKinds.null],
] as const

/** A JSON object (RFC 8259), whole, with nothing but blanks around it. */
export function jsonParser(): Parser {
  const reader = new Reader()
  return (bytes, from, to, target) => reader.read(bytes, from, to, target)
}

/** Every function leaves `#at` behind what it has read, and gives false where that is no JSON. */
class Reader {
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  #to = 0
  #target!: Target
  /** Names of the objects that the present value is in, with a dot behind each, and behind them its own. */
  readonly #path = Buffer.alloc(mostNameBytes)
  #pathLength = 0
  #isEscaped = false
  readonly #expected = new ExpectedNames()

  read(bytes: Buffer, from: number, to: number, target: Target): boolean {
    this.#bytes = bytes
    this.#at = from
    this.#to = to
    this.#target = target
    this.#pathLength = 0
    this.#expected.begin(target)
    if (this.#next() !== openBrace || !this.#members(1)) return false
    return this.#next() === -1
  }

  /** The next byte that is no blank, at which it stops; -1: there is none. */
  #next(): number {
    const bytes = this.#bytes
    let at = this.#at
    let byte = -1
    while (at < this.#to) {
      byte = bytes[at]!
      if (byte !== 0x20 && (byte > 0x0d || (byte !== 0x0a && byte !== 0x0d && byte !== 0x09))) break
      at += 1
    }
    this.#at = at
    return at < this.#to ? byte : -1
  }

  /** An object of which the present byte is the brace. */
  #members(depth: number): boolean {
    this.#at += 1
    if (this.#next() === closeBrace) {
      this.#at += 1
      return true
    }
    for (;;) {
      if (this.#next() !== quote) return false
      if (!(depth === 1 ? this.#firstMember() : this.#member(depth))) return false
      const byte = this.#next()
      this.#at += 1
      if (byte === closeBrace) return true
      if (byte !== comma) return false
    }
  }

  /** A member of the outermost object, whose name mostly is that of the same place in the line before. */
  #firstMember(): boolean {
    const from = this.#at
    const length = this.#expected.match(this.#bytes, from, this.#to)
    if (length > 0) {
      this.#at = from + length
      const first = this.#next()
      if (first !== openBrace) return this.#value(first, this.#expected.number, 1)
      this.#at = from
    }
    return this.#member(1)
  }

  /** A member, of which the present byte is the first quote. */
  #member(depth: number): boolean {
    const from = this.#at + 1
    if (!this.#passString()) return false
    const end = this.#at - 1
    const nameEnd = this.#isEscaped ? this.#appendEscaped(from, end) : this.#appendName(from, end)
    if (this.#next() !== colon) return false
    this.#at += 1
    const headEnd = this.#at
    const before = this.#pathLength
    const first = this.#next()
    if (first !== openBrace || depth === flattenedDepth || nameEnd === mostNameBytes || this.#isEmptyObject()) {
      const number = this.#target.numberOf(this.#path, 0, nameEnd)
      if (depth === 1) this.#expected.set(number, this.#bytes, from - 1, headEnd)
      return this.#value(first, number, depth)
    }
    if (depth === 1) this.#expected.skip()
    this.#path[nameEnd] = dot
    this.#pathLength = nameEnd + 1
    const isRead = this.#members(depth + 1)
    this.#pathLength = before
    return isRead
  }

  /** Puts a name behind those it is in. @returns where it ends there; a longer one is cut off */
  #appendName(from: number, end: number): number {
    const bytes = this.#bytes
    const path = this.#path
    let at = this.#pathLength
    const last = Math.min(end, from + mostNameBytes - at)
    for (let i = from; i < last; i++) path[at++] = bytes[i]!
    return at
  }

  #appendEscaped(from: number, end: number): number {
    const name = Buffer.alloc(end - from)
    const length = unescapeJson(this.#bytes, from, end, name, 0)
    return this.#pathLength + name.copy(this.#path, this.#pathLength, 0, length)
  }

  /** It has no members to take, so it stays what it is. */
  #isEmptyObject(): boolean {
    const at = this.#at
    this.#at += 1
    const isEmpty = this.#next() === closeBrace
    this.#at = at
    return isEmpty
  }

  #value(first: number, name: number, depth: number): boolean {
    const from = this.#at
    if (first === quote) return this.#string(name)
    if (first === openBrace || first === openBracket) {
      if (!this.#skip(depth)) return false
      this.#target.set(name, valueKinds.json, this.#bytes, from, this.#at)
      return true
    }
    const kind = this.#scalar(first)
    if (kind === -1) return false
    this.#target.set(name, kind, this.#bytes, from, this.#at)
    return true
  }

  #string(name: number): boolean {
    const from = this.#at + 1
    if (!this.#passString()) return false
    const end = this.#at - 1
    if (!this.#isEscaped) {
      this.#target.set(name, valueKinds.text, this.#bytes, from, end)
      return true
    }
    const { bytes, at } = this.#target.open(end - from)
    this.#target.close(name, valueKinds.text, unescapeJson(this.#bytes, from, end, bytes, at))
    return true
  }

  /** Passes over a string whose quote is the present byte, and says in `#isEscaped` whether it holds escapes. */
  #passString(): boolean {
    const bytes = this.#bytes
    const to = this.#to
    this.#isEscaped = false
    for (let at = this.#at + 1; at < to; ) {
      const byte = bytes[at]!
      if (byte === quote) {
        this.#at = at + 1
        return true
      }
      if (byte === backslash) {
        this.#isEscaped = true
        at = endOfEscape(bytes, at, to)
        if (at === -1) return false
      } else if (byte < 0x20) return false
      else at += 1
    }
    return false
  }

  /** Passes over a value of any kind. */
  #skip(depth: number): boolean {
    const first = this.#next()
    if (first === quote) return this.#passString()
    if (first !== openBrace && first !== openBracket) return this.#scalar(first) !== -1
    if (depth === deepest) return false
    const close = first === openBrace ? closeBrace : closeBracket
    this.#at += 1
    if (this.#next() === close) {
      this.#at += 1
      return true
    }
    for (;;) {
      if (first === openBrace && !this.#skipName()) return false
      if (!this.#skip(depth + 1)) return false
      const byte = this.#next()
      this.#at += 1
      if (byte === close) return true
      if (byte !== comma) return false
    }
  }

  #skipName(): boolean {
    if (this.#next() !== quote || !this.#passString() || this.#next() !== colon) return false
    this.#at += 1
    return true
  }

  /** A number, `true`, `false` or `null`. @returns its kind, or -1 */
  #scalar(first: number): number {
    if (first === minus || (first >= 0x30 && first <= 0x39)) return this.#number() ? valueKinds.number : -1
    for (const [literal, kind] of literals) {
      if (first !== literal[0]) continue
      const end = this.#at + literal.length
      if (end > this.#to || literal.compare(this.#bytes, this.#at, end) !== 0) return -1
      this.#at = end
      return kind
    }
    return -1
  }

  #number(): boolean {
    if (this.#bytes[this.#at] === minus) this.#at += 1
    const from = this.#at
    if (this.#digits() === 0 || (this.#bytes[from] === 0x30 && this.#at > from + 1)) return false
    if (this.#at < this.#to && this.#bytes[this.#at] === dot) {
      this.#at += 1
      if (this.#digits() === 0) return false
    }
    if (this.#at < this.#to && (this.#bytes[this.#at]! | 0x20) === 0x65) {
      this.#at += 1
      const sign = this.#bytes[this.#at]
      if (this.#at < this.#to && (sign === minus || sign === 0x2b)) this.#at += 1
      if (this.#digits() === 0) return false
    }
    return true
  }

  #digits(): number {
    const from = this.#at
    while (this.#at < this.#to && this.#bytes[this.#at]! >= 0x30 && this.#bytes[this.#at]! <= 0x39) this.#at += 1
    return this.#at - from
  }
}
