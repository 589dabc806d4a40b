/** Whether the runtime knows the name of a time zone (IANA). */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    return false // RangeError: it is none.
  }
}

const hourMs = 3_600_000
/** Offsets of two years' hours. */
const mostKnown = 20_000

/** Seconds since 1970 of a wall clock in this zone, which is given as if it were one of UTC. Of an hour that the clock shows twice, the first; one that it skips is taken as if it were not. */
export type WallClock = (seconds: number) => number

export function wallClockOf(zone: string): WallClock {
  if (zone === 'UTC') return (seconds) => seconds
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  const known = new Map<number, number>()
  /** Offsets change on the hour, or the half of it. */
  const offsetAt = (ms: number): number => {
    const half = Math.floor(ms / (hourMs / 2))
    let offset = known.get(half)
    if (offset === undefined) {
      if (known.size === mostKnown) known.clear()
      known.set(half, (offset = shown(format, half * (hourMs / 2)) - half * (hourMs / 2)))
    }
    return offset
  }
  return (seconds) => {
    const ms = seconds * 1000
    // The offset of about that time first, then that of the time it leads to; the larger one is that before a clock is set back.
    const [before, after] = [offsetAt(ms - 24 * hourMs), offsetAt(ms + 24 * hourMs)]
    const first = ms - Math.max(before, after)
    if (offsetAt(first) === Math.max(before, after)) return first / 1000
    return (ms - Math.min(before, after)) / 1000
  }
}

/** What a clock in the zone shows at this time, in milliseconds as if it were one of UTC. */
function shown(format: Intl.DateTimeFormat, ms: number): number {
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name)!
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
}
