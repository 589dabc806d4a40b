/**
 * Times in the engine's log responses, read from bytes: `2026-11-23T12:48:58.320504526Z ` (Docker's API: always 30 characters and a
 * space) or `2026-11-23T12:48:58Z ` (Podman 4.3). Other fractions and offsets are read, too, more slowly.
 */
import { parseTimestamp } from '../lib/timestamp.ts'

/** The time that was read last: two numbers and a place, without an object per line. */
export interface EngineTime {
  seconds: number
  nanos: number
  /** Where the text begins: after the time's space. */
  next: number
}

/** Longest text that is looked at for a time: 35 characters is RFC 3339 with nanoseconds and an offset. */
const maxTimeLength = 36

let dayKey = -1
let daySeconds = 0

/** Reads the time that begins at `from` into `time`; false when there is none that ends, with its space, before `to`. */
export function readEngineTime(bytes: Buffer, from: number, to: number, time: EngineTime): boolean {
  if (to - from >= 31 && bytes[from + 19] === 46 && bytes[from + 29] === 90 && bytes[from + 30] === 32) {
    const seconds = secondsAt(bytes, from)
    const nanos = nanosAt(bytes, from + 20)
    if (seconds >= 0 && nanos >= 0) {
      time.seconds = seconds
      time.nanos = nanos
      time.next = from + 31
      return true
    }
  }
  return readAnyTime(bytes, from, to, time)
}

function readAnyTime(bytes: Buffer, from: number, to: number, time: EngineTime): boolean {
  const limit = Math.min(to, from + maxTimeLength)
  for (let space = from; space < limit; space++) {
    if (bytes[space] !== 32) continue
    const parsed = parseTimestamp(bytes.toString('latin1', from, space))
    if (!parsed) return false
    time.seconds = parsed.seconds
    time.nanos = parsed.nanos
    time.next = space + 1
    return true
  }
  return false
}

/** Seconds since 1970 of `YYYY-MM-DDTHH:MM:SS` at `p`; -1 when that is not what stands there. The day is computed once and kept. */
function secondsAt(bytes: Buffer, p: number): number {
  if (
    bytes[p + 4] !== 45 ||
    bytes[p + 7] !== 45 ||
    bytes[p + 10] !== 84 ||
    bytes[p + 13] !== 58 ||
    bytes[p + 16] !== 58
  )
    return -1
  const year = pair(bytes, p) * 100 + pair(bytes, p + 2)
  const key = (year * 100 + pair(bytes, p + 5)) * 100 + pair(bytes, p + 8)
  const hours = pair(bytes, p + 11)
  const minutes = pair(bytes, p + 14)
  const rest = pair(bytes, p + 17)
  if (!(key >= 0 && hours < 24 && minutes < 60 && rest < 61)) return -1
  if (key !== dayKey) {
    const day = Date.UTC(year, pair(bytes, p + 5) - 1, pair(bytes, p + 8)) / 1000
    if (Number.isNaN(day)) return -1
    dayKey = key
    daySeconds = day
  }
  return daySeconds + hours * 3600 + minutes * 60 + rest
}

/** Two decimal digits; far out of every range when they are none. */
function pair(bytes: Buffer, p: number): number {
  const tens = bytes[p]! - 48
  const ones = bytes[p + 1]! - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

function nanosAt(bytes: Buffer, p: number): number {
  let nanos = 0
  for (let i = p; i < p + 9; i++) {
    const digit = bytes[i]! - 48
    if (digit < 0 || digit > 9) return -1
    nanos = nanos * 10 + digit
  }
  return nanos
}
