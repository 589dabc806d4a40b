import { incompleteBeta } from './beta.ts'
import { bisect } from './bisect.ts'

/** What one run shows of a count, as in the evidence of its verdict. */
export interface Rises {
  /** What the lasting floor rose by in the judged part. */
  readonly risen: number
  /** Length of the judged part, of both runs in the same unit (operations). */
  readonly exposure: number
  /** Above 1 where rises come in batches: so many say as much as a single one. */
  readonly dispersion: number
}

/** How many times as fast one run leaks as another, with one-sided limits of `level` each. */
export interface RateRatio {
  /** Undefined: nothing rose in the other run. */
  readonly ratio: number | undefined
  readonly low: number
  /** Undefined: there is no limit. */
  readonly high: number | undefined
  readonly level: number
  readonly result: 'faster' | 'slower' | 'no_difference_shown'
}

/**
 * The ratio of two rates, `run` over `baseline`. Of all rises in both runs the share of one is binomial, whatever the rates: the exact limits of that share
 * (Clopper and Pearson 1934) are those of the ratio (Przyborowski and Wilenski 1940). Both exposures have to be above 0.
 */
export function compareRates(run: Rises, baseline: Rises, level: number): RateRatio {
  const dispersion = Math.max(1, run.dispersion, baseline.dispersion)
  const [ours, theirs] = [run.risen / dispersion, baseline.risen / dispersion]
  const ratioOf = (share: number) => (share / (1 - share)) * (baseline.exposure / run.exposure)
  const low = ours === 0 ? 0 : ratioOf(bisect((share) => incompleteBeta(share, ours, theirs + 1) < level, 1))
  const high =
    theirs === 0 ? undefined : ratioOf(bisect((share) => 1 - incompleteBeta(share, ours + 1, theirs) > level, 1))
  return {
    ratio: theirs === 0 ? undefined : ratioOf(ours / (ours + theirs)),
    low,
    high,
    level,
    result: low > 1 ? 'faster' : high !== undefined && high < 1 ? 'slower' : 'no_difference_shown',
  }
}
