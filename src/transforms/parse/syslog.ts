// Cost: 0.4 CPU seconds per million lines of 165 bytes of RFC 3164, 1.0 of RFC 5424 with ten fields (node bench/shape.mjs). Values are copied, and no text is made.
import { valueKinds } from '../../batch/fields/fields.ts'
import { isDigit } from '../../lib/digits.ts'
import { FixedNames, placesOf } from './fixed-names.ts'
import { endOfText, endOfWord, isTime, placeOf } from './scan.ts'
import { StructuredData } from './structured-data.ts'
import { facilities, severities } from './syslog-words.ts'
import type { Parser, Target } from './target.ts'

/*
 *     line      [priority] (rfc5424 / rfc3164)
 *     priority  "<" 1*3DIGIT ">"                                  eight times the facility, and the severity
 *     rfc5424   "1" SP time SP host SP app SP procid SP msgid SP data [SP [BOM] message]      each may be "-"
 *     rfc3164   [time SP] [host SP] [app ["[" procid "]"] ":" SP] message
 *
 * The time of RFC 3164 is `Oct 11 22:14:15`, or that of RFC 5424, as rsyslog writes it to files. A line without priority has a time.
 */

const fieldNames = ['facility', 'severity', 'time', 'host', 'app', 'procid', 'msgid', 'message'] as const
const { facility, severity, time, host, app, procid, msgid, message } = placesOf(fieldNames)
/** In the order in which RFC 5424 has them. */
const header = [time, host, app, procid, msgid]

const [blank, minus, colon, open, close] = [0x20, 0x2d, 0x3a, 0x5b, 0x5d]

export function syslogParser(): Parser {
  const reader = new Reader()
  return (bytes, from, to, target) => reader.read(bytes, { from, to: endOfText(bytes, from, to) }, target)
}

class Reader {
  readonly #names = new FixedNames(fieldNames)
  readonly #data = new StructuredData()
  #numbers: Int32Array = new Int32Array(0)
  #bytes: Buffer = Buffer.alloc(0)
  #to = 0
  #target!: Target

  read(bytes: Buffer, { from, to }: { from: number; to: number }, target: Target): boolean {
    this.#numbers = this.#names.numbersIn(target)
    this.#bytes = bytes
    this.#to = to
    this.#target = target
    const at = this.#priority(from)
    return this.#isNewForm(at) ? this.#newForm(at + 2) : this.#oldForm(at, at > from)
  }

  /** @returns the place behind it; the given one where there is none */
  #priority(from: number): number {
    const bytes = this.#bytes
    if (bytes[from] !== 0x3c) return from
    let at = from + 1
    let value = 0
    while (at < this.#to && at < from + 4 && isDigit(bytes[at])) value = value * 10 + bytes[at++]! - 0x30
    if (at === from + 1 || at >= this.#to || bytes[at] !== 0x3e || value > 191) return from
    const [ofFacility, ofSeverity] = [facilities[value >> 3]!, severities[value & 7]!]
    this.#target.set(this.#numbers[facility]!, valueKinds.text, ofFacility, 0, ofFacility.length)
    this.#target.set(this.#numbers[severity]!, valueKinds.text, ofSeverity, 0, ofSeverity.length)
    return at + 1
  }

  /** "1", and a time or "-": no line of the old form begins so. */
  #isNewForm(from: number): boolean {
    const bytes = this.#bytes
    if (from + 3 >= this.#to || bytes[from] !== 0x31 || bytes[from + 1] !== blank) return false
    const end = endOfWord(bytes, from + 2, this.#to)
    return (end === from + 3 && bytes[from + 2] === minus) || isTime(bytes, from + 2, end)
  }

  #newForm(from: number): boolean {
    const bytes = this.#bytes
    const to = this.#to
    let at = from
    for (const name of header) {
      const end = endOfWord(bytes, at, to)
      if (end === at || end >= to) return false
      if (end > at + 1 || bytes[at] !== minus) this.#set(name, at, end)
      at = end + 1
    }
    at = this.#data.take({ bytes, from: at, to }, this.#target)
    if (at === -1 || (at < to && bytes[at] !== blank)) return false
    at += 1
    const hasMark = at + 2 < to && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf
    this.#message(hasMark ? at + 3 : at)
    return true
  }

  #oldForm(from: number, hasPriority: boolean): boolean {
    const bytes = this.#bytes
    const timeEnd = this.#endOfTime(from)
    if (timeEnd === -1) {
      if (hasPriority) this.#message(this.#tag(from))
      return hasPriority
    }
    this.#set(time, from, timeEnd)
    let at = Math.min(timeEnd + 1, this.#to)
    const behindTag = this.#tag(at)
    if (behindTag === at) {
      const end = endOfWord(bytes, at, this.#to)
      if (end > at) this.#set(host, at, end)
      at = this.#tag(Math.min(end + 1, this.#to))
    } else at = behindTag
    this.#message(at)
    return true
  }

  /** @returns where a time with a blank behind it ends; -1: there is none */
  #endOfTime(from: number): number {
    const bytes = this.#bytes
    const end = endOfWord(bytes, from, this.#to)
    if (isTime(bytes, from, end)) return end
    if (end !== from + 3) return -1
    // `Oct  1`, `Oct 11`, and `Oct 1`, which is not of the RFC.
    let at = from + 4
    if (bytes[at] === blank) at += 1
    const days = endOfWord(bytes, at, Math.min(this.#to, at + 3))
    const last = days + 9
    if (days === at || last > this.#to || (last < this.#to && bytes[last] !== blank)) return -1
    for (let i = at; i < days; i++) if (!isDigit(bytes[i])) return -1
    for (let i = 1; i < 9; i++) if (i % 3 === 0 ? bytes[days + i] !== colon : !isDigit(bytes[days + i])) return -1
    return last
  }

  /** A word such as `sshd[812]:`, `kernel:` or `app[7]`. @returns the place behind it and its blank; the given one where it is none */
  #tag(from: number): number {
    const bytes = this.#bytes
    const wordEnd = endOfWord(bytes, from, this.#to)
    const hasColon = wordEnd > from && bytes[wordEnd - 1] === colon
    const end = hasColon ? wordEnd - 1 : wordEnd
    const bracket = end > from && bytes[end - 1] === close ? placeOf(open, bytes, from, end) : end
    const hasId = bracket < end - 2
    const nameEnd = hasId ? bracket : end
    if (nameEnd === from || !(hasColon || hasId)) return from
    this.#set(app, from, nameEnd)
    if (hasId) this.#set(procid, bracket + 1, end - 1)
    return Math.min(wordEnd + 1, this.#to)
  }

  #message(from: number): void {
    if (from < this.#to) this.#set(message, from, this.#to)
  }

  #set(name: number, from: number, to: number): void {
    this.#target.set(this.#numbers[name]!, valueKinds.text, this.#bytes, from, to)
  }
}
