/** Items that came by chance in so many units of the axis. */
export interface Observed {
  readonly count: number
  readonly exposure: number
}

/** One rate divided by another, with one-sided limits of `level` each; undefined: without bound, or unknown. */
export interface Ratio {
  readonly ratio: number | undefined
  readonly low: number
  readonly high: number | undefined
  readonly level: number
}

/**
 * How many times as fast `current` comes as `baseline`. Of all the items, those of `current` are binomial, with a chance that the ratio of the rates gives (Przyborowski and Wilenski 1940);
 * its exact limits (Clopper and Pearson 1934) are theirs. Nothing in either: nothing is known.
 */
export function ratioOfRates(current: Observed, baseline: Observed, level: number): Ratio {
  const total = current.count + baseline.count
  const ratioOf = (chance: number) => (chance / (1 - chance)) * (baseline.exposure / current.exposure)
  const high = baseline.count === 0 ? undefined : ratioOf(chanceAt((p) => atMost(current.count, total, p) > level))
  const low = current.count === 0 ? 0 : ratioOf(chanceAt((p) => 1 - atMost(current.count - 1, total, p) < level))
  return { ratio: baseline.count === 0 ? undefined : ratioOf(current.count / total), low, high, level }
}

/** P(X <= count) of a binomial count, in logarithms. */
function atMost(count: number, trials: number, chance: number): number {
  let logTerm = trials * Math.log1p(-chance)
  let sum = Math.exp(logTerm)
  for (let k = 1; k <= count; k++) {
    logTerm += Math.log((trials - k + 1) / k) + Math.log(chance / (1 - chance))
    sum += Math.exp(logTerm)
  }
  return Math.min(1, sum)
}

/** Where `isBelow` turns from true to false. */
function chanceAt(isBelow: (chance: number) => boolean): number {
  let [from, to] = [0, 1]
  for (let i = 0; i < 60; i++) {
    const middle = (from + to) / 2
    if (isBelow(middle)) from = middle
    else to = middle
  }
  return (from + to) / 2
}
