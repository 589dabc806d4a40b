/** A time as a text says it. */
export interface FoundTime {
  /** Since 1970. */
  seconds: number
  nanos: number
  /** Nanoseconds of the smallest step that the text can say: 1,000,000 where it ends with milliseconds. */
  resolution: number
}

/** Reads a whole text; false: it is no such time. `nearSeconds`: about when it was, for what says no year or no day. */
export type TimeFormat = (text: string, found: FoundTime, nearSeconds: number) => boolean

/** `digits`: what stands behind the point. */
export function setFraction(found: FoundTime, digits: string): void {
  const known = digits.slice(0, 9)
  found.nanos = Number(known.padEnd(9, '0'))
  found.resolution = 10 ** (9 - known.length)
}

/** As if the clock were one of UTC; undefined: there is no such time. A leap second is the one before it. */
export function secondsOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined
  const date = Date.UTC(year, month - 1, day)
  if (new Date(date).getUTCDate() !== day) return undefined
  return date / 1000 + hour * 3600 + minute * 60 + Math.min(second, 59)
}

/** Seconds that a zone such as `Z`, `+02:00`, `+0200` or `+02` is ahead of UTC. */
export function offsetOf(zone: string): number {
  if (/^[zZ]|^UTC|^GMT/.test(zone)) return 0
  const sign = zone.startsWith('-') ? -1 : 1
  return sign * (Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(3).replace(':', '')) * 60)
}
