import { type FoundTime, offsetOf, secondsOf, setFraction, type TimeFormat } from './found-time.ts'
import type { WallClock } from './zone.ts'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const monthNames =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?'
const dayNames = '(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?'

/** Each directive of strptime(3) that is known, as an expression that takes no longer than its length, and the part that it reads. */
const directives: Readonly<Record<string, readonly [expression: string, part?: Part]>> = {
  Y: ['\\d{4}', 'year'],
  y: ['\\d\\d', 'shortYear'],
  m: ['\\d\\d?', 'month'],
  b: [monthNames, 'monthName'],
  B: [monthNames, 'monthName'],
  d: [' ?\\d\\d?', 'day'],
  e: [' ?\\d\\d?', 'day'],
  H: ['\\d\\d?', 'hour'],
  k: [' ?\\d\\d?', 'hour'],
  I: ['\\d\\d?', 'hour'],
  l: [' ?\\d\\d?', 'hour'],
  p: ['am|pm', 'half'],
  M: ['\\d\\d', 'minute'],
  S: ['\\d\\d', 'second'],
  f: ['\\d{1,12}', 'fraction'],
  L: ['\\d{1,12}', 'fraction'],
  N: ['\\d{1,12}', 'fraction'],
  z: ['Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?', 'zone'],
  Z: ['[A-Z]{1,5}'],
  a: [dayNames],
  A: [dayNames],
  s: ['\\d{9,11}', 'unix'],
}
type Part =
  | 'year'
  | 'shortYear'
  | 'month'
  | 'monthName'
  | 'day'
  | 'hour'
  | 'half'
  | 'minute'
  | 'second'
  | 'fraction'
  | 'zone'
  | 'unix'
type Parts = Partial<Record<Part, string>>

/** Why a pattern cannot be used; undefined: it can. */
export function patternProblem(text: string): string | undefined {
  const seen = new Set<Part>()
  for (const [whole, letter] of text.matchAll(/%(.?)/gs)) {
    if (letter === '%') continue
    const known = directives[letter!]
    if (known === undefined)
      return `${whole} stands for nothing; there are ${Object.keys(directives)
        .map((one) => `%${one}`)
        .join(' ')}`
    const [, part] = known
    if (part !== undefined && seen.has(part)) return `${whole} reads what was read before`
    if (part !== undefined) seen.add(part)
  }
  if (seen.has('unix') || seen.has('hour')) return undefined
  return 'it reads no time of day: there is neither %H nor %s in it'
}

/** @param text one that `patternProblem` finds nothing wrong with */
export function compilePattern(text: string, wallClock: WallClock): TimeFormat {
  const parts: (Part | undefined)[] = []
  const source = text.replace(
    /%(.)|\s+|([^%\s]+)/gs,
    (_whole, letter: string | undefined, literal: string | undefined) => {
      if (literal !== undefined) return literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
      if (letter === undefined) return '\\s+'
      if (letter === '%') return '%'
      const [expression, part] = directives[letter]!
      parts.push(part)
      return `(${expression})`
    },
  )
  const pattern = new RegExp(`^${source}$`, 'i')
  return (given, found, nearSeconds) => {
    const match = pattern.exec(given)
    if (match === null) return false
    const read: Parts = {}
    for (const [i, part] of parts.entries()) if (part !== undefined) read[part] = match[i + 1]!.trim()
    return take(read, { found, nearSeconds, wallClock })
  }
}

interface Taking {
  readonly found: FoundTime
  readonly nearSeconds: number
  readonly wallClock: WallClock
}

function take(read: Parts, { found, nearSeconds, wallClock }: Taking): boolean {
  if (read.unix !== undefined) found.seconds = Number(read.unix)
  else {
    const offset = read.zone === undefined ? undefined : offsetOf(read.zone)
    const inZone = (wall: number) => (offset === undefined ? wallClock(wall) : wall - offset)
    const seconds = nearest(read, inZone, nearSeconds)
    if (seconds === undefined) return false
    found.seconds = seconds
  }
  setFraction(found, read.fraction ?? '')
  if (read.second === undefined && read.unix === undefined) found.resolution = 60_000_000_000
  return true
}

/** A text that says no year, or no day, says the one with which its time is nearest to about when it was. */
function nearest(read: Parts, inZone: (wall: number) => number, nearSeconds: number): number | undefined {
  const hasDay = read.day !== undefined && (read.month ?? read.monthName) !== undefined
  const candidates = [-1, 0, 1].flatMap((step): number[] => {
    const near = new Date(nearSeconds * 1000)
    if (hasDay) near.setUTCFullYear(near.getUTCFullYear() + step)
    else near.setUTCDate(near.getUTCDate() + step)
    const wall = wallOf(read, near, hasDay)
    return wall === undefined ? [] : [inZone(wall)]
  })
  candidates.sort((a, b) => Math.abs(a - nearSeconds) - Math.abs(b - nearSeconds))
  return candidates[0]
}

function wallOf(read: Parts, near: Date, hasDay: boolean): number | undefined {
  const { year, shortYear, month, monthName, day, hour, half, minute = '0', second = '0' } = read
  const short = Number(shortYear)
  const years =
    year !== undefined
      ? Number(year)
      : shortYear === undefined
        ? near.getUTCFullYear()
        : short + (short < 70 ? 2000 : 1900)
  const monthNumber = monthName === undefined ? Number(month) : months.indexOf(monthName.slice(0, 3).toLowerCase()) + 1
  const hours = Number(hour)
  if (half !== undefined && (hours < 1 || hours > 12)) return undefined
  const hours24 = half === undefined ? hours : (hours % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)
  const date = hasDay
    ? [years, monthNumber, Number(day)]
    : [near.getUTCFullYear(), near.getUTCMonth() + 1, near.getUTCDate()]
  return secondsOf(date[0]!, date[1]!, date[2]!, hours24, Number(minute), Number(second))
}
