import { ApiError } from './api-error.ts'

/** Values by key: a container or event must match one value of each key. */
export type Filters = ReadonlyMap<string, readonly string[]>

/** Reads both forms that the API takes: `{"type":["container"]}` and `{"type":{"container":true}}`. */
export function parseFilters(text: string | null, malformedStatus: number): Filters {
  if (text === null || text === '') return new Map()
  const filters = new Map<string, readonly string[]>()
  for (const [key, values] of Object.entries(parseObject(text, malformedStatus))) {
    if (Array.isArray(values) && values.every((value) => typeof value === 'string')) filters.set(key, values)
    else if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
      filters.set(
        key,
        Object.entries(values).flatMap(([value, isWanted]) => (isWanted === true ? [value] : [])),
      )
    } else throw new ApiError(malformedStatus, 'invalid filter')
  }
  return filters
}

function parseObject(text: string, malformedStatus: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
  }
  throw new ApiError(malformedStatus, 'invalid filter')
}

/** Whether `isMatch` holds for one of the key's values, or the key is not asked about. */
export function matchesAny(filters: Filters, key: string, isMatch: (value: string) => boolean): boolean {
  return filters.get(key)?.some(isMatch) ?? true
}

/** `key` or `key=value`. */
export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const at = wanted.indexOf('=')
  if (at === -1) return Object.hasOwn(labels, wanted)
  return labels[wanted.slice(0, at)] === wanted.slice(at + 1)
}
