/**
 * Times in the engine's log responses, read from bytes: `2026-11-23T12:48:58.320504526Z ` (Docker's API: always 30 characters and a
 * space) or `2026-11-23T12:48:58Z ` (Podman 4.3). Other fractions and offsets are read, too, more slowly.
 */
import { parseTimestamp } from '../lib/timestamp.ts'
import { secondsAt } from '../lib/timestamp-bytes.ts'

/** The time that was read last: two numbers and a place, without an object per line. */
export interface EngineTime {
  seconds: number
  nanos: number
  /** Where the text begins: after the time's space. */
  next: number
}

/** Longest text that is looked at for a time: 35 characters is RFC 3339 with nanoseconds and an offset. */
const maxTimeLength = 36

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

function nanosAt(bytes: Buffer, p: number): number {
  let nanos = 0
  for (let i = p; i < p + 9; i++) {
    const digit = bytes[i]! - 48
    if (digit < 0 || digit > 9) return -1
    nanos = nanos * 10 + digit
  }
  return nanos
}
