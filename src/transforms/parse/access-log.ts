// Cost: about 0.5 CPU seconds per million lines of 165 bytes (node bench/shape.mjs). Values are copied, and no text is made.
import { isUtf8 } from 'node:buffer'
import { valueKinds } from '../../batch/fields/fields.ts'
import { FixedNames } from './fixed-names.ts'
import { endOfText, endOfWord, isDigits, placeOf, setNumber } from './scan.ts'
import type { Parser, Target } from './target.ts'

/*
 * What Apache and nginx write:
 *
 *     clf       host SP ident SP user SP "[" time "]" SP quoted-request SP status SP bytes
 *     combined  clf SP quoted-referer SP quoted-user-agent
 *     request   method SP path SP protocol
 *
 * Many write more behind that (nginx as it is installed: the address that a proxy has told); it is left alone.
 */

const fieldNames = [
  ...(['host', 'ident', 'user', 'time', 'method', 'path', 'protocol', 'request'] as const),
  ...(['status', 'bytes', 'referer', 'user_agent'] as const),
]
const [host, ident, user, time, method, path, protocol, request, status, size, referer, agent] = [
  ...fieldNames.keys(),
] as [number, number, number, number, number, number, number, number, number, number, number, number]

const [blank, quote, backslash, minus, open, close] = [0x20, 0x22, 0x5c, 0x2d, 0x5b, 0x5d]

export function accessLogParser(format: 'clf' | 'combined'): Parser {
  const reader = new Reader(format === 'combined')
  return (bytes, from, to, target) => reader.read(bytes, { from, to: endOfText(bytes, from, to) }, target)
}

/** Every function leaves `#at` behind what it has read, and gives false where that is not what stands there. */
class Reader {
  readonly #isCombined: boolean
  readonly #names = new FixedNames(fieldNames)
  #numbers: Int32Array = new Int32Array(0)
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  #to = 0
  #target!: Target

  constructor(isCombined: boolean) {
    this.#isCombined = isCombined
  }

  read(bytes: Buffer, { from, to }: { from: number; to: number }, target: Target): boolean {
    this.#numbers = this.#names.numbersIn(target)
    this.#bytes = bytes
    this.#at = from
    this.#to = to
    this.#target = target
    if (!this.#word(host) || !this.#word(ident) || !this.#user() || !this.#time() || !this.#request()) return false
    if (!this.#blank() || !this.#number(status) || !this.#blank() || !this.#number(size)) return false
    if (this.#isCombined) for (const name of [referer, agent]) if (!this.#blank() || !this.#quoted(name)) return false
    return this.#at === to || bytes[this.#at] === blank
  }

  #blank(): boolean {
    return this.#at < this.#to && this.#bytes[this.#at++] === blank
  }

  /** A word and the blank behind it. */
  #word(name: number): boolean {
    const from = this.#at
    const end = endOfWord(this.#bytes, from, this.#to)
    this.#at = end + 1
    this.#set(name, from, end)
    return end > from && end < this.#to
  }

  /** What stands before ` [`: a user may have blanks in the name. */
  #user(): boolean {
    const bytes = this.#bytes
    const from = this.#at
    let at = from
    do at = placeOf(open, bytes, at + 1, this.#to)
    while (at < this.#to && bytes[at - 1] !== blank)
    this.#at = at + 1
    if (at >= this.#to || at < from + 2) return false
    this.#set(user, from, at - 1)
    return true
  }

  #time(): boolean {
    const from = this.#at
    const end = placeOf(close, this.#bytes, from, this.#to)
    this.#at = end + 1
    this.#set(time, from, end)
    return end < this.#to && this.#blank()
  }

  #number(name: number): boolean {
    const bytes = this.#bytes
    const from = this.#at
    const to = endOfWord(bytes, from, this.#to)
    this.#at = to
    if (to === from + 1 && bytes[from] === minus) return true
    if (!isDigits(bytes, from, to)) return false
    setNumber(this.#target, this.#numbers[name]!, { bytes, from, to })
    return true
  }

  /** A request that has not its three parts is kept whole: what comes to a port for HTTP is not always HTTP. */
  #request(): boolean {
    const from = this.#at + 1
    if (!this.#passQuoted()) return false
    const to = this.#at - 1
    const methodEnd = endOfWord(this.#bytes, from, to)
    if (!isMethod(this.#bytes, from, methodEnd) || methodEnd === to) {
      this.#set(request, from, to)
      return true
    }
    const last = this.#protocolFrom(methodEnd, to)
    this.#set(method, from, methodEnd)
    this.#set(path, methodEnd + 1, last)
    if (last < to) this.#set(protocol, last + 1, to)
    return true
  }

  /** The blank before the protocol; `to` where there is none, as in HTTP/0.9. */
  #protocolFrom(methodEnd: number, to: number): number {
    const bytes = this.#bytes
    let at = to - 1
    while (at > methodEnd && bytes[at] !== blank) at -= 1
    // "HTTP/"
    const isProtocol = at > methodEnd && to - at > 6 && bytes[at + 1] === 0x48 && bytes[at + 5] === 0x2f
    return isProtocol ? at : to
  }

  #quoted(name: number): boolean {
    const from = this.#at + 1
    if (!this.#passQuoted()) return false
    this.#set(name, from, this.#at - 1)
    return true
  }

  #passQuoted(): boolean {
    const bytes = this.#bytes
    if (this.#at >= this.#to || bytes[this.#at] !== quote) return false
    for (let at = this.#at + 1; at < this.#to; at++) {
      if (bytes[at] === backslash) at += 1
      else if (bytes[at] === quote) {
        this.#at = at + 1
        return true
      }
    }
    return false
  }

  /** `-` means that there is none. */
  #set(name: number, from: number, to: number): void {
    const bytes = this.#bytes
    if (to === from + 1 && bytes[from] === minus) return
    const number = this.#numbers[name]!
    if (placeOf(backslash, bytes, from, to) >= to) this.#target.set(number, valueKinds.text, bytes, from, to)
    else setUnescaped(this.#target, number, { bytes, from, to })
  }
}

function isMethod(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! < 0x41 || bytes[at]! > 0x5a) return false
  return to > from
}

/** Resolves `\"`, `\\` and `\x22`; what stands for a control character stays as it was written. */
function setUnescaped(
  target: Target,
  number: number,
  { bytes, from, to }: { readonly bytes: Buffer; readonly from: number; readonly to: number },
): void {
  const place = target.open(to - from)
  let end = place.at
  for (let at = from; at < to; at++) {
    let byte = bytes[at]!
    if (byte === backslash && at + 1 < to) {
      const next = bytes[at + 1]!
      const code = next === 0x78 && at + 3 < to ? hexOf(bytes[at + 2]!) * 16 + hexOf(bytes[at + 3]!) : -1
      if (next === quote || next === backslash) {
        byte = next
        at += 1
      } else if (code >= 0x20) {
        byte = code
        at += 3
      }
    }
    place.bytes[end++] = byte
  }
  // What is no text then stays as it was written: `\xFC` of Latin-1, or the begin of a handshake.
  if (isUtf8(place.bytes.subarray(place.at, end))) target.close(number, valueKinds.text, end)
  else target.set(number, valueKinds.text, bytes, from, to)
}

/** The value of a digit; so far below zero that no number comes of it where it is none. */
function hexOf(byte: number): number {
  const small = byte | 0x20
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : -1_000
}
