// Cost: 0.66 CPU seconds per million 165-byte lines (node bench/shape.mjs): a pass over the first 512 bytes, without a string.
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
const escape = 0x1b

/** A word of up to 11 letters as a number, the same for small and capital letters: 27^11 is below 2^53. */
const codeOf = (word: string): number =>
  Array.from(word).reduce((code, letter) => code * 27 + letter.charCodeAt(0) - 96, 0)
const levelByWord = new Map(levelNames.flatMap((name, level) => words[name].map((word) => [codeOf(word), level])))
/** Words that say a level only where nothing else stands: PostgreSQL's `LOG`. */
const levelByWordAlone = new Map([[codeOf('log'), levelNames.indexOf('info')]])
const keyCodes = new Set(keys.map(codeOf))

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
    let code = 0
    let isCapital = true
    for (; at < limit && letterValue[bytes[at]!] !== 0; at++) {
      if (at - begin < longestWord) code = code * 27 + letterValue[bytes[at]!]!
      if (bytes[at]! > 0x5a) isCapital = false
    }
    const level = at - begin < 3 || at - begin > longestWord ? undefined : levelByWord.get(code)
    if (level !== undefined) {
      if (isAfterKey) return level
      if (found === noLevel && isClaim(bytes, { begin, end: at, from, to }, isCapital)) found = level
    }
    isAfterKey = keyCodes.has(code) && at - begin <= longestWord
  }
  return found === noLevel ? levelOfKlog(bytes, from, to) : found
}

/** The level that a value says by itself: a word, `warning`, in capitals or not, or pino's number; `noLevel` where it is anything else. */
export function levelOfValue(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > longestWord) return noLevel
  let code = 0
  for (let at = from; at < to; at++) {
    const value = letterValue[bytes[at]!]!
    if (value === 0) return to - from === 2 && isDigit(bytes[from]) ? levelOfNumber(bytes, from, to) : noLevel
    code = code * 27 + value
  }
  return levelByWord.get(code) ?? levelByWordAlone.get(code) ?? noLevel
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
function isClaim(
  bytes: Uint8Array,
  { begin, end, from, to }: { begin: number; end: number; from: number; to: number },
  isCapital: boolean,
): boolean {
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
