import { sourceKeyOf, wayOf } from '../batch/way.ts'

/** The keys of streams by all ways that there are, and by none. */
export function keysOnWays(keys: readonly string[], ways: readonly { readonly way: string }[]): readonly string[] {
  const names = new Set(['', ...ways.map(({ way }) => way)])
  return [...names].flatMap((way) => keys.map((key) => key + way))
}

/**
 * What becomes of a sink's places in the streams of a source when its lines come by the ways `wanted` now: a way that is new begins where one that is gone had come to, or,
 * where none is gone, where another has. Undefined: nothing changes.
 */
export function keysAfter(
  source: string,
  wanted: readonly string[],
  known: ReadonlySet<string>,
): ((key: string) => readonly string[]) | undefined {
  const isOfSource = (key: string) => key.startsWith(`${source}/`)
  const before = new Set([...known].filter(isOfSource).map(wayOf))
  const gone = [...before].filter((way) => !wanted.includes(way)).sort()
  const isNew = wanted.filter((way) => !before.has(way))
  // A way through a joiner is behind one without.
  const heir = gone.at(-1) ?? [...before].sort().at(-1)
  if (heir === undefined || gone.length + isNew.length === 0) return undefined
  return (key) => {
    if (!isOfSource(key)) return [key]
    const way = wayOf(key)
    const kept = wanted.includes(way) ? [way] : []
    return [...kept, ...(way === heir ? isNew : [])].map((one) => sourceKeyOf(key) + one)
  }
}
