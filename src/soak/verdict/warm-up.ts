/** Part of the run that is warm-up where nothing else is said. */
const usualWarmUp = 0.2

/** The first reading after the warm-up, which is in units of the axis; undefined: a fifth of the run. */
export function firstAfter(at: readonly number[], warmUp: number | undefined): number {
  const start = at[0] ?? 0
  const length = (at.at(-1) ?? start) - start
  const from = at.findIndex((place) => place - start >= (warmUp ?? usualWarmUp * length))
  return from === -1 ? at.length : from
}
