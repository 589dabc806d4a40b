/** Cycles after which a growing run is judged; each look has about 1.41 times the readings of the one before. */
const firstLooks = [12, 17, 24, 34, 48, 68, 96, 120]

/**
 * When a run of `cycles` is judged: the cycles done at each look, in order; the last one is the end of the run.
 *
 * @example
 * scheduleOfLooks(30) // [12, 17, 24, 30]
 */
export function scheduleOfLooks(cycles: number): readonly number[] {
  const looks: number[] = []
  for (let look = 1; cyclesAtLook(look) < cycles; look++) looks.push(cyclesAtLook(look))
  return [...looks, cycles]
}

/** Cycles done at a look; the first is 1. */
function cyclesAtLook(look: number): number {
  const last = firstLooks.length
  return firstLooks[look - 1] ?? Math.round(firstLooks[last - 1]! * Math.SQRT2 ** (look - last))
}

/** What of alpha may be spent at a look (the first is 1): these add up to alpha, however many looks there are. */
export function levelAtLook(alpha: number, look: number): number {
  return alpha / (look * (look + 1))
}
