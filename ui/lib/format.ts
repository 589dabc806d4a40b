const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })

export function formatCount(value: number): string {
  return whole.format(value)
}

/** Lines a second: one digit behind the point where it says something. */
export function formatRate(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  return value < 100 ? tenths.format(value) : whole.format(value)
}

export function formatBytes(bytes: number): string {
  const sign = bytes < 0 ? '-' : ''
  let value = Math.abs(bytes)
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${sign}${unit === 0 ? whole.format(value) : value.toFixed(1)} ${units[unit]!}`
}

export function formatPercent(share: number): string {
  return `${share > 0 && share < 0.1 ? tenths.format(share * 100) : whole.format(share * 100)} %`
}

/** `0 ms`, `2.5 s`, `14 min`, `3 h 20 min`, `9 d 4 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 10) return `${tenths.format(seconds)} s`
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** How long ago, by the clock of this browser. */
export function formatAgo(time: string | null): string {
  if (time === null) return '–'
  const seconds = (Date.now() - Date.parse(time)) / 1000
  return seconds < 1 ? 'now' : `${formatSeconds(seconds)} ago`
}
