import { type FoundTime, offsetOf, secondsOf, setFraction, type TimeFormat } from './found-time.ts'
import { compilePattern } from './pattern.ts'
import type { WallClock } from './zone.ts'

const second = 1_000_000_000

/** Formats that have names; others are patterns of strptime. */
export const formatNames = ['rfc3339', 'unix', 'clf', 'http', 'syslog'] as const

export function timeFormatOf(format: string, wallClock: WallClock): TimeFormat {
  switch (format) {
    case 'rfc3339':
      return rfc3339(wallClock)
    case 'unix':
      return readUnix
    case 'clf':
      return compilePattern('%d/%b/%Y:%H:%M:%S %z', wallClock)
    case 'http':
      return compilePattern('%a, %d %b %Y %H:%M:%S GMT', (seconds) => seconds)
    case 'syslog':
      return compilePattern('%b %e %H:%M:%S', wallClock)
    default:
      return compilePattern(format, wallClock)
  }
}

/** RFC 3339, and what is written much like it: a blank for the T, a comma before the fraction, no seconds, no zone. */
function rfc3339(wallClock: WallClock): TimeFormat {
  const pattern =
    /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)? ?([Zz]|UTC|[+-]\d\d(?::?\d\d)?)?$/
  return (text, found) => {
    if (readUsual(text, found)) return true
    const match = pattern.exec(text)
    if (match === null) return false
    const [, year, month, day, hour, minute, seconds = '', fraction = '', zone] = match
    const wall = secondsOf(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(seconds))
    if (wall === undefined) return false
    const offset = zone === undefined ? undefined : offsetOf(zone)
    found.seconds = offset === undefined ? wallClock(wall) : wall - offset
    setFraction(found, fraction)
    if (seconds === '') found.resolution = 60 * second
    return true
  }
}

const powersOfTen = Array.from({ length: 10 }, (_, digits) => 10 ** digits)

/** What nearly every line has: `2026-11-23T12:42:29.123Z`, with up to nine digits behind the point, or none. False: to be read with the pattern. */
function readUsual(text: string, found: FoundTime): boolean {
  const { length } = text
  if (length < 20 || length > 30 || text.charCodeAt(length - 1) !== 0x5a || text.charCodeAt(10) !== 0x54) return false
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return false
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return false
  const digits = Math.max(0, length - 21)
  if (length === 21 || (digits > 0 && text.charCodeAt(19) !== 0x2e)) return false
  const date = digitsIn(text, 0, 4) * 10_000 + digitsIn(text, 5, 7) * 100 + digitsIn(text, 8, 10)
  const [hour, minute] = [digitsIn(text, 11, 13), digitsIn(text, 14, 16)]
  const [seconds, fraction] = [digitsIn(text, 17, 19), digitsIn(text, 20, 20 + digits)]
  const midnight = midnightOf(date)
  // Of what is no number every comparison is false.
  if (midnight === undefined || !(hour < 24 && minute < 60 && seconds < 60 && fraction >= 0)) return false
  found.seconds = midnight + hour * 3_600 + minute * 60 + seconds
  found.nanos = fraction * powersOfTen[9 - digits]!
  found.resolution = powersOfTen[9 - digits]!
  return true
}

/** The number that these digits say; not a number where one is none. */
function digitsIn(text: string, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) return Number.NaN
    number = number * 10 + digit
  }
  return number
}

let knownDate = Number.NaN
let knownMidnight: number | undefined

/** The first second of a day given as 20261123, which is mostly that of the line before; undefined: there is no such day. */
function midnightOf(date: number): number | undefined {
  if (date === knownDate) return knownMidnight
  if (Number.isNaN(date)) return undefined
  knownDate = date
  return (knownMidnight = secondsOf(Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100, 0, 0, 0))
}

/** Seconds since 1970, with a fraction, or milli-, micro- or nanoseconds, told by their number of digits. */
const readUnix: TimeFormat = (text, found) => {
  const match = /^(\d{9,19})(?:[.,](\d{1,12}))?$/.exec(text)
  if (match === null) return false
  const [, whole, fraction] = match
  const digits =
    whole!.length <= 11 ? whole!.length : whole!.length - (whole!.length <= 14 ? 3 : whole!.length <= 17 ? 6 : 9)
  found.seconds = Number(whole!.slice(0, digits))
  setFraction(found, `${whole!.slice(digits)}${fraction ?? ''}`)
  return true
}
