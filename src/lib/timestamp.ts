/**
 * Times are two numbers, whole seconds since 1970 and nanoseconds within the second: a double cannot hold
 * nanoseconds since 1970, and a BigInt costs as much as reading the whole line.
 */
const pow10 = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000]

/** `2026-11-23T12:48:58.320504526Z`, always 30 characters. */
export function formatTimestamp(seconds: number, nanos: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`
}

/** `1795439623.615935390`: the only form that every engine takes for `since` and `until` (RFC 3339 is a 500 on Docker). */
export function formatEpoch(seconds: number, nanos: number): string {
  return `${seconds}.${String(nanos).padStart(9, '0')}`
}

/** Reads RFC 3339 with any number of fraction digits and any offset; undefined when it is none. */
export function parseTimestamp(text: string): { seconds: number; nanos: number } | undefined {
  const match = /^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/.exec(text)
  if (!match) return undefined
  const seconds = Date.parse(`${match[1]!}${match[3]!}`) / 1000
  if (Number.isNaN(seconds)) return undefined
  const digits = (match[2] ?? '').slice(0, 9)
  return { seconds, nanos: Number(digits) * pow10[9 - digits.length]! }
}

/** Negative, zero or positive as the first time is before, at or after the second. */
export function compareTimes(
  a: { readonly seconds: number; readonly nanos: number },
  b: { readonly seconds: number; readonly nanos: number },
): number {
  return a.seconds - b.seconds || a.nanos - b.nanos
}
