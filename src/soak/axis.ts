import { parseTimestamp } from '../lib/timestamp.ts'
import type { AxisUnit } from './verdict/series.ts'

/** What a column holds that a series goes along. */
export interface Axis {
  readonly unit: AxisUnit
  /** The place in `unit`; undefined: this is none. */
  readonly parse: (text: string) => number | undefined
}

/** How many of them are a minute. */
const perMinute: Readonly<Record<string, number>> = { ms: 60_000, s: 60, min: 1, h: 1 / 60 }
const unitNames: Readonly<Record<string, string>> = {
  milliseconds: 'ms',
  millis: 'ms',
  seconds: 's',
  second: 's',
  sec: 's',
  minutes: 'min',
  minute: 'min',
  hours: 'h',
  hour: 'h',
}

/** Looked for in this order where no column is named. */
const usualNames = [
  /^cycles?$/i,
  /^(time|timestamp|date|datetime)$/i,
  /^(elapsed|time|t)?_?(ms|millis|milliseconds|s|sec|seconds?|min|minutes?|h|hours?)$/i,
  // Last: beside a time it counts the work that went on, and nothing was at rest.
  /^operations?$/i,
]

export const axisWords =
  'cycle, operations, time, timestamp, seconds, minutes, hours, or a name that ends in _ms, _s, _min or _h'

/** The index of the column that the series goes along; -1: no name says so. */
export function findAxis(names: readonly string[]): number {
  for (const usual of usualNames) {
    const index = names.findIndex((name) => usual.test(name))
    if (index !== -1) return index
  }
  return -1
}

/** By the column's name, or by its first value; undefined: neither tells the unit. */
export function axisOf(name: string, firstValue: string): Axis | undefined {
  if (/^cycles?$/i.test(name)) return { unit: 'cycle', parse: numberOf }
  if (/^operations?$/i.test(name)) return { unit: 'operation', parse: numberOf }
  if (parseTimestamp(firstValue)) return { unit: 'minute', parse: minuteOf }
  const ending = /(?:^|_)([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  const unit = unitNames[ending] ?? ending
  const first = numberOf(firstValue)
  const divisor = perMinute[unit] ?? unixDivisor(first)
  return divisor === undefined ? undefined : { unit: 'minute', parse: (text) => scaled(numberOf(text), divisor) }
}

/** A finite decimal number; undefined: it is none. */
export function numberOf(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
}

/** Seconds or milliseconds since 1970, told by their size: between 2001 and 2286. */
function unixDivisor(value: number | undefined): number | undefined {
  if (value === undefined || value < 1e9) return undefined
  return value < 1e10 ? 60 : value >= 1e12 && value < 1e13 ? 60_000 : undefined
}

function scaled(value: number | undefined, divisor: number): number | undefined {
  return value === undefined ? undefined : value / divisor
}

function minuteOf(text: string): number | undefined {
  const time = parseTimestamp(text)
  return time && time.seconds / 60 + time.nanos / 60e9
}
