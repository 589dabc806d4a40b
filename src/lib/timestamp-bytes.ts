/** Reads times from bytes, without a string or an object: the parts of RFC 3339 that all of Docker's times have. */

let dayKey = -1
let daySeconds = 0

/** Seconds since 1970 of `YYYY-MM-DDTHH:MM:SS` at `p`; -1 when that is not what stands there. The day is computed once and kept. */
export function secondsAt(bytes: Uint8Array, p: number): number {
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
    const day = secondsOfDay(year, pair(bytes, p + 5), pair(bytes, p + 8))
    if (day < 0) return -1
    dayKey = key
    daySeconds = day
  }
  return daySeconds + hours * 3600 + minutes * 60 + rest
}

function secondsOfDay(year: number, month: number, day: number): number {
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) return -1
  return Date.UTC(year, month - 1, day) / 1000
}

/** Two decimal digits; not a number when they are none. */
function pair(bytes: Uint8Array, p: number): number {
  const tens = bytes[p]! - 48
  const ones = bytes[p + 1]! - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}
