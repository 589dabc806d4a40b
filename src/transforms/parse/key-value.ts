// Cost: 1.2 CPU seconds per million lines of 165 bytes with ten pairs (node bench/shape.mjs). Values are copied, and no text is made.
import { valueKinds } from '../../batch/fields/fields.ts'
import { endOfText } from './scan.ts'
import type { Parser, Target } from './target.ts'

const [blank, backslash] = [0x20, 0x5c]

export interface KeyValueOptions {
  readonly pairSeparator: string
  readonly keyValueSeparator: string
  /** Each of its characters is a quote; text in them may hold separators. */
  readonly quotes: string
}

/** `user=ada, took=5ms`: pairs; texts between them that are none are left out. A text without a pair is not of the format. */
export function keyValueParser({ pairSeparator, keyValueSeparator, quotes }: KeyValueOptions): Parser {
  const reader = new Reader(Buffer.from(pairSeparator), Buffer.from(keyValueSeparator), Buffer.from(quotes))
  return (bytes, from, to, target) => reader.read(bytes, { from, to }, target)
}

class Reader {
  readonly #between: Buffer
  readonly #within: Buffer
  readonly #quotes: Uint8Array
  /** By byte: 1 where it is the first of a separator, so that most bytes are asked once. */
  readonly #mayBeginSeparator = new Uint8Array(256)
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  #to = 0
  #target!: Target
  /** Of what was read last, without blanks around it, and without quotes. */
  #from = 0
  #end = 0
  #isEscaped = false

  constructor(between: Buffer, within: Buffer, quotes: Buffer) {
    this.#between = between
    this.#within = within
    for (const separator of [between, within]) this.#mayBeginSeparator[separator[0]!] = 1
    this.#quotes = new Uint8Array(256)
    for (const byte of quotes) this.#quotes[byte] = 1
  }

  read(bytes: Buffer, { from, to }: { from: number; to: number }, target: Target): boolean {
    this.#bytes = bytes
    this.#at = from
    this.#to = to
    this.#target = target
    let hasPair = false
    while (this.#at < to) {
      if (!this.#text(true)) return false
      const [keyFrom, keyEnd] = [this.#from, this.#end]
      if (this.#at < to && this.#isAt(this.#within)) {
        this.#at += this.#within.length
        if (!this.#text(false)) return false
        if (keyEnd > keyFrom) {
          hasPair = true
          this.#set(target.numberOf(bytes, keyFrom, keyEnd))
        }
      }
      if (this.#at < to) this.#at += this.#between.length
    }
    return hasPair
  }

  /** Reads up to a separator, or the end; `isKey`: that between key and value is one. */
  #text(isKey: boolean): boolean {
    const bytes = this.#bytes
    this.#isEscaped = false
    if (!this.#passBlanks(isKey)) return true
    const quote = bytes[this.#at]!
    if (this.#quotes[quote] === 1) return this.#quoted(quote, isKey)
    this.#from = this.#at
    this.#passText(isKey)
    this.#end = endOfText(bytes, this.#from, this.#at)
    return true
  }

  /** Blanks before a text, as far as they are no separators. @returns false where there is no text */
  #passBlanks(isKey: boolean): boolean {
    while (this.#at < this.#to && this.#bytes[this.#at]! <= blank && !this.#isSeparator(isKey)) this.#at += 1
    this.#from = this.#end = this.#at
    return this.#at < this.#to && !this.#isSeparator(isKey)
  }

  /** Text up to the same quote. What stands between that and the separator is left out. */
  #quoted(quote: number, isKey: boolean): boolean {
    const bytes = this.#bytes
    this.#from = this.#at + 1
    for (let at = this.#from; at < this.#to; at++) {
      if (bytes[at] === backslash) {
        this.#isEscaped = true
        at += 1
      } else if (bytes[at] === quote) {
        this.#end = at
        this.#at = at + 1
        this.#passText(isKey)
        return true
      }
    }
    return false
  }

  #passText(isKey: boolean): void {
    const bytes = this.#bytes
    const mayBegin = this.#mayBeginSeparator
    const to = this.#to
    for (let at = this.#at; at < to; at++) {
      if (mayBegin[bytes[at]!] === 0) continue
      this.#at = at
      if (this.#isSeparator(isKey)) return
    }
    this.#at = to
  }

  #isSeparator(isKey: boolean): boolean {
    return (isKey && this.#isAt(this.#within)) || this.#isAt(this.#between)
  }

  #isAt(separator: Buffer): boolean {
    const bytes = this.#bytes
    const from = this.#at
    if (bytes[from] !== separator[0] || from + separator.length > this.#to) return false
    for (let i = 1; i < separator.length; i++) if (bytes[from + i] !== separator[i]) return false
    return true
  }

  #set(name: number): void {
    const bytes = this.#bytes
    if (!this.#isEscaped) {
      this.#target.set(name, valueKinds.text, bytes, this.#from, this.#end)
      return
    }
    const place = this.#target.open(this.#end - this.#from)
    let end = place.at
    for (let at = this.#from; at < this.#end; at++) {
      if (bytes[at] === backslash) at += 1
      place.bytes[end++] = bytes[at]!
    }
    this.#target.close(name, valueKinds.text, end)
  }
}
