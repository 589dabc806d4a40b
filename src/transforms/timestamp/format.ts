import { offsetOf, secondsOf, setFraction, type TimeFormat } from './found-time.ts'
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
