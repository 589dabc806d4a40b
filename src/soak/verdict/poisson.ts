import { bisect } from './bisect.ts'
import { normalQuantile } from './student.ts'

const manyEvents = 2_000

/**
 * Exact limits of a Poisson mean after `count` events (Garwood 1936), each one-sided at `level`: the true mean lies above `high`, or below `low`,
 * with a chance of at most `level`. `count` need not be whole.
 */
export function poissonHigh(count: number, level: number): number {
  if (count > manyEvents) return approximate(count + 1, normalQuantile(level))
  return bisect((mean) => atMost(Math.floor(count), mean) > level, count * 2 + 60)
}

export function poissonLow(count: number, level: number): number {
  if (count > manyEvents) return approximate(count, -normalQuantile(level))
  return count < 1 ? 0 : bisect((mean) => 1 - atMost(Math.floor(count) - 1, mean) < level, count * 2 + 60)
}

/** The least number of events that has a chance of at most `level` where `mean` are expected. */
export function rareCount(mean: number, level: number): number {
  let count = 1
  while (1 - atMost(count - 1, mean) > level) count += 1
  return count
}

/** Wilson and Hilferty (1931): within 0.01 % here, and as fast for a million events. */
function approximate(count: number, z: number): number {
  return count * (1 - 1 / (9 * count) + z / (3 * Math.sqrt(count))) ** 3
}

/** P(N <= count). In logarithms: exp(-mean) alone is 0 from a mean of 746 on. */
function atMost(count: number, mean: number): number {
  if (mean === 0) return 1
  let logTerm = -mean
  let sum = Math.exp(logTerm)
  for (let i = 1; i <= count; i++) {
    logTerm += Math.log(mean / i)
    sum += Math.exp(logTerm)
  }
  return Math.min(1, sum)
}
