import { correlationLength } from './correlation.ts'
import type { BoundEvidence, Finding } from './growth.ts'
import { fits, residualsOf } from './least-squares.ts'
import { poissonHigh } from './poisson.ts'
import { studentQuantile } from './student.ts'
import { firstAfter } from './warm-up.ts'

const fewestJudged = 6
/** Of readings that few no more than the fourth part is taken to be independent, or there is no error to tell. */
const leastIndependent = 4
/** The slope of a walk has this times the error of its end. */
const slopeOfWalk = Math.sqrt(6 / 5)
/** The rate, a minute, of which it is said how long a look at it takes. */
const closeRate = 0.1

/**
 * The upper limit of a count's growth where too few readings were taken, under load, to look for a trend. It never shows a leak.
 *
 * Two limits, and the larger of both: how far the line may err, by its residuals and by things that come one by one; and what the lasting floor rose by, as so
 * many things may come by chance, with the largest fall that was seen on top, because as much may hide at the end. The first one errs where growth is slow,
 * the second where it is fast.
 */
export function boundGrowth(
  at: readonly number[],
  counts: readonly number[],
  { level, warmUp }: { readonly level: number; readonly warmUp: number | undefined },
): Finding {
  const from = firstAfter(at, warmUp)
  const places = at.slice(from)
  const judged = counts.slice(from)
  const exposure = (places.at(-1) ?? 0) - (places[0] ?? 0)
  const risen = Math.max(0, (judged.at(-1) ?? 0) - Math.min(...judged, Infinity))
  const evidence: BoundEvidence = {
    rule: 'bound',
    readings: at.length,
    warmUp: from,
    exposure,
    risen: judged.length === 0 ? 0 : risen,
    largestFall: largestFallOf(judged),
    steady: { below: closeRate, exposure: poissonHigh(0, level) / closeRate },
    detectableRate: undefined,
  }
  if (judged.length < fewestJudged)
    return { kind: 'unjudged', reason: `at least ${fewestJudged} readings after the warm-up are needed`, evidence }
  const { rate, high } = lineLimit(places, judged, level)
  const floorHigh = (poissonHigh(risen, level) + evidence.largestFall) / exposure
  return {
    kind: 'growth',
    growth: { rate, low: 0, high: Math.max(high, floorHigh), level },
    isLeak: false,
    evidence,
  }
}

/** A fall is no negative growth: what came down was there before. */
function lineLimit(at: readonly number[], counts: readonly number[], level: number) {
  const { whole } = fits(at, counts)
  const length = Math.min(correlationLength(residualsOf(at, counts, whole.slope)), counts.length / leastIndependent)
  const freedom = counts.length / length - whole.parameters
  const error = studentQuantile(level, freedom) * Math.sqrt(whole.squares / freedom / whole.spread)
  const rate = Math.max(0, whole.slope)
  const exposure = at.at(-1)! - at[0]!
  const net = Math.round(rate * exposure)
  const scatter = (slopeOfWalk * (poissonHigh(net, level) - net)) / exposure
  return { rate, high: rate + Math.hypot(error, scatter) }
}

/** From any reading to a later one. */
function largestFallOf(counts: readonly number[]): number {
  let highest = -Infinity
  let fall = 0
  for (const count of counts) {
    highest = Math.max(highest, count)
    fall = Math.max(fall, highest - count)
  }
  return fall
}
