import { endOfRun, isDigit, isDigitOrSeparator, isWord, nextRun } from './bytes.ts'
import type { Finds } from './finds.ts'
import type { Line } from './line.ts'

/** Numbers on cards are written in one piece, or in these groups with one kind of space or dash between them. */
const groupings = [
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
] as const
/** Digits of a card, separators aside. */
const fewest = 13
const most = 19
const digits = { isIn: isDigitOrSeparator, least: fewest }

/** Adds the numbers of payment cards in the line. */
export function findCards({ bytes, from, to }: Line, finds: Finds, rule: number): void {
  for (let run = nextRun(bytes, from, to, digits); run !== -1; ) {
    const end = endOfRun(bytes, run, to, isDigitOrSeparator)
    for (let at = run; end - at >= fewest; ) {
      const wordEnd = endOfRun(bytes, at, end, isDigit)
      const isBegin = wordEnd > at && (at === from || (isWord[bytes[at - 1]!] === 0 && bytes[at - 1] !== 0x2e))
      const cardEnd = isBegin ? endOfCard(bytes, { from: at, wordEnd }, to) : -1
      if (cardEnd !== -1) finds.add(at, cardEnd, rule)
      at = cardEnd === -1 ? wordEnd + 1 : cardEnd
    }
    run = nextRun(bytes, end, to, digits)
  }
}

/** Where the number of a card that begins at the word `from` ends; -1: there is none. `wordEnd`: where the digits of that word end. */
function endOfCard(bytes: Uint8Array, { from, wordEnd }: { from: number; wordEnd: number }, limit: number): number {
  const length = wordEnd - from
  if (length >= fewest && length <= most) {
    const isWhole = wordEnd === limit || isWord[bytes[wordEnd]!] === 0
    return isWhole && isCard(bytes, from, wordEnd) ? wordEnd : -1
  }
  if (length !== 4 || wordEnd === limit) return -1
  for (const groups of groupings) {
    const end = endOfGroups(bytes, from, { groups, separator: bytes[wordEnd]!, limit })
    if (end !== -1 && isCard(bytes, from, end)) return end
  }
  return -1
}

function endOfGroups(
  bytes: Uint8Array,
  from: number,
  { groups, separator, limit }: { groups: readonly number[]; separator: number; limit: number },
): number {
  let at = from
  for (const [index, length] of groups.entries()) {
    if (index > 0) {
      if (bytes[at] !== separator) return -1
      at += 1
    }
    if (at + length > limit || endOfRun(bytes, at, at + length, isDigit) !== at + length) return -1
    at += length
  }
  return at < limit && isWord[bytes[at]!] === 1 ? -1 : at
}

/** The first digit is one that cards are issued under, and the check digit (Luhn, ISO/IEC 7812-1) is right. */
function isCard(bytes: Uint8Array, from: number, end: number): boolean {
  const first = bytes[from]! - 0x30
  if (first < 2 || first > 6) return false
  let sum = 0
  let isSecond = false
  for (let at = end - 1; at >= from; at--) {
    const digit = bytes[at]! - 0x30
    if (digit < 0 || digit > 9) continue
    const twice = digit * 2
    sum += isSecond ? (twice > 9 ? twice - 9 : twice) : digit
    isSecond = !isSecond
  }
  return sum % 10 === 0
}
