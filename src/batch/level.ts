// Cost: 0.37 CPU seconds per million lines of the bench, of which half say a level (npm run bench -- --row stage-level): a pass over the first 512 bytes, without a string.
import { isDigit } from '../lib/digits.ts'

/** In ascending order: a level's number is its place. */
export const levelNames = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type LevelName = (typeof levelNames)[number]
/** The line says no level. */
export const noLevel = -1

const words: Readonly<Record<LevelName, readonly string[]>> = {
  trace: ['trace', 'trc', 'finest', 'verbose'],
  debug: ['debug', 'dbg', 'dbug', 'fine'],
  info: ['info', 'inf', 'information', 'notice'],
  warn: ['warn', 'warning', 'wrn'],
  error: ['error', 'err', 'eror', 'severe'],
  fatal: ['fatal', 'ftl', 'critical', 'crit', 'alert', 'emerg', 'emergency', 'panic'],
}
const keys = ['level', 'lvl', 'severity', 'loglevel']
const maxLookedAt = 512
const longestWord = 11
const headLetters = 6
const escape = 0x1b

/** A word of up to 11 letters, the same for small and capital letters, in two whole numbers: the first six letters, and what is behind them; 27^6 is below 2^31. */
interface WordCode {
  readonly head: number
  readonly tail: number
}

/** What a word means that is known: the number of its level, or one of these. */
const meanings = {
  none: -1,
  /** What follows is the level. */
  key: 10,
  /** The level info, where nothing else stands: PostgreSQL's `LOG`. */
  infoAlone: 11,
} as const

/** Words that are known, by a hash of their code: most words of a line are not, and a look at one slot says so. */
class KnownWords {
  readonly #slots = 1_024
  readonly #heads = new Int32Array(this.#slots)
  readonly #tails = new Int32Array(this.#slots)
  readonly #meanings = new Int8Array(this.#slots).fill(meanings.none)

  constructor(known: Iterable<readonly [word: string, meaning: number]>) {
    for (const [word, meaning] of known) {
      const { head, tail } = codeOf(word)
      let slot = this.#slotOf(head, tail)
      while (this.#heads[slot] !== 0) slot = (slot + 1) % this.#slots
      this.#heads[slot] = head
      this.#tails[slot] = tail
      this.#meanings[slot] = meaning
    }
  }

  meaningOf(head: number, tail: number): number {
    for (let slot = this.#slotOf(head, tail); this.#heads[slot] !== 0; slot = (slot + 1) % this.#slots)
      if (this.#heads[slot] === head && this.#tails[slot] === tail) return this.#meanings[slot]!
    return meanings.none
  }

  #slotOf(head: number, tail: number): number {
    return Math.imul(head ^ tail, 0x9e3779b1) >>> 22
  }
}

function codeOf(word: string): WordCode {
  const value = (letters: string) =>
    Array.from(letters).reduce((code, letter) => code * 27 + letter.charCodeAt(0) - 96, 0)
  return { head: value(word.slice(0, headLetters)), tail: value(word.slice(headLetters)) }
}

const knownWords = new KnownWords([
  ...levelNames.flatMap((name, level) => words[name].map((word) => [word, level] as const)),
  ...keys.map((word) => [word, meanings.key] as const),
  ['log', meanings.infoAlone],
])

/** The value of a letter, 1 to 26; 0: it is none. */
const letterValue = Uint8Array.from({ length: 256 }, (_, byte) => {
  const small = byte | 0x20
  return byte >= 0x41 && small >= 0x61 && small <= 0x7a ? small - 0x60 : 0
})

/**
 * The level that a line says, as an index of `levelNames`, or `noLevel`. What follows a key (`"level":"error"`, `level=error`, pino's `"level":50`) counts
 * most, wherever it is; then the first word for a level that is in capitals (`ERROR`), in brackets (`[error]`), or the line's first with a colon behind it (`error: `);
 * then the letter that klog begins lines with (`E1123 `).
 */
export function levelOf(bytes: Uint8Array, from: number, to: number): number {
  const limit = Math.min(to, from + maxLookedAt)
  let found = noLevel
  let isAfterKey = false
  let at = from
  while (at < limit) {
    const byte = bytes[at]!
    if (letterValue[byte] === 0) {
      if (isAfterKey && byte >= 0x30 && byte <= 0x39) {
        const level = levelOfNumber(bytes, at, limit)
        if (level !== noLevel) return level
        isAfterKey = false
      } else if (!isBetweenKeyAndValue(byte)) isAfterKey = false
      at = byte === escape ? endOfColor(bytes, at, limit) : at + 1
      continue
    }
    const begin = at
    let [head, tail, small] = [0, 0, 0]
    for (; at < limit; at++) {
      const letter = bytes[at]!
      const value = letterValue[letter]!
      if (value === 0) break
      if (at - begin < headLetters) head = Math.imul(head, 27) + value
      else if (at - begin < longestWord) tail = Math.imul(tail, 27) + value
      small |= letter
    }
    const isKnown = at - begin >= 3 && at - begin <= longestWord
    const meaning = isKnown ? knownWords.meaningOf(head, tail) : meanings.none
    if (meaning >= 0 && meaning < meanings.key) {
      if (isAfterKey) return meaning
      if (found === noLevel && isClaim(bytes, begin, at, from, to, (small & 0x20) === 0)) found = meaning
    }
    isAfterKey = meaning === meanings.key
  }
  return found === noLevel ? levelOfKlog(bytes, from, to) : found
}

/** The level that a value says by itself: a word, `warning`, in capitals or not, or pino's number; `noLevel` where it is anything else. */
export function levelOfValue(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > longestWord) return noLevel
  let [head, tail] = [0, 0]
  for (let at = from; at < to; at++) {
    const value = letterValue[bytes[at]!]!
    if (value === 0) return to - from === 2 && isDigit(bytes[from]) ? levelOfNumber(bytes, from, to) : noLevel
    if (at - from < headLetters) head = Math.imul(head, 27) + value
    else tail = Math.imul(tail, 27) + value
  }
  const meaning = knownWords.meaningOf(head, tail)
  if (meaning === meanings.infoAlone) return levelNames.indexOf('info')
  return meaning === meanings.key ? noLevel : meaning
}

/** Behind `ESC [ 32 m`, with which terminals are told of colours; its last byte is a letter, and no part of the word after it. */
function endOfColor(bytes: Uint8Array, from: number, limit: number): number {
  if (bytes[from + 1] !== 0x5b) return from + 1
  let at = from + 2
  while (at < limit && (isDigit(bytes[at]) || bytes[at] === 0x3b)) at += 1
  return Math.min(at + 1, limit)
}

/** Quotes, blanks, `:` and `=`. */
function isBetweenKeyAndValue(byte: number): boolean {
  return byte === 0x22 || byte === 0x20 || byte === 0x3a || byte === 0x3d || byte === 0x27
}

/** pino and bunyan: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
function levelOfNumber(bytes: Uint8Array, at: number, limit: number): number {
  const isTwoDigits = at + 1 < limit && bytes[at + 1] === 0x30 && (at + 2 === limit || !isDigit(bytes[at + 2]))
  const tens = bytes[at]! - 0x30
  return isTwoDigits && tens >= 1 && tens <= 6 ? tens - 1 : noLevel
}

/** Whether a word says the line's level, and is not just a word of its text. */
function isClaim(bytes: Uint8Array, begin: number, end: number, from: number, to: number, isCapital: boolean): boolean {
  const before = begin === from ? 0x20 : bytes[begin - 1]!
  const after = end === to ? 0x20 : bytes[end]!
  if (before === 0x5b || before === 0x3c) return after === 0x5d || after === 0x3e || after === 0x20
  if (isCapital) return isEdge(before) && isEdge(after)
  return begin === from && after === 0x3a
}

/** What stands beside a level's word: blanks, brackets, bars, quotes, colons, commas; no part of a name or a path. */
function isEdge(byte: number): boolean {
  return (
    byte === 0x20 ||
    byte === 0x09 ||
    byte === 0x7c ||
    byte === 0x22 ||
    byte === 0x3a ||
    byte === 0x2c ||
    byte === 0x28 ||
    byte === 0x29 ||
    byte === 0x5b ||
    byte === 0x5d ||
    byte === 0x3d ||
    byte === 0x1b ||
    byte === 0x6d
  )
}

/** `E1123 10:42:29.123456       1 main.go:1] text`: I, W, E or F, and the month and day. */
function levelOfKlog(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 6 || bytes[from + 5] !== 0x20) return noLevel
  for (let at = from + 1; at < from + 5; at++) if (!isDigit(bytes[at])) return noLevel
  return { 0x49: 2, 0x57: 3, 0x45: 4, 0x46: 5 }[bytes[from]!] ?? noLevel
}
