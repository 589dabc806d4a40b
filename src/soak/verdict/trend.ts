import type { Finding, TrendEvidence } from './growth.ts'
import { lineThrough } from './line.ts'
import { poissonHigh, poissonLow } from './poisson.ts'
import { firstAfter } from './warm-up.ts'

/** In correlation lengths: a shorter run cannot tell a trend from a slow wave. */
const effectiveReadingsNeeded = 20

export interface TrendOptions {
  readonly level: number
  /** In units of the axis, from its first place; undefined: a fifth of the run. */
  readonly warmUp: number | undefined
  /** Whether the readings count things, which come one by one and by chance. */
  readonly isCount: boolean
}

/**
 * Judges a series that was read under a load, or whose values are sizes: a line by least squares, with as many readings as are independent,
 * and once more with a step in each
 * place. A leak has to show in all of them; the limits are the outer ones.
 */
export function judgeTrend(at: readonly number[], values: readonly number[], options: TrendOptions): Finding {
  const { level, warmUp, isCount } = options
  const from = firstAfter(at, warmUp)
  const places = at.slice(from)
  const judged = values.slice(from)
  const none: TrendEvidence = {
    rule: 'trend',
    readings: at.length,
    warmUp: from,
    exposure: (places.at(-1) ?? 0) - (places[0] ?? 0),
    effectiveReadings: 0,
    effectiveReadingsNeeded,
    largestStep: 0,
    rateWithoutStep: 0,
    detectableRate: undefined,
  }
  if (judged.length < effectiveReadingsNeeded)
    return {
      kind: 'unjudged',
      reason: `at least ${effectiveReadingsNeeded} readings after the warm-up are needed`,
      evidence: none,
    }
  const { rate, limits, effectiveReadings, largestStep, rateWithoutStep } = lineThrough(places, judged, {
    level,
    readingsNeeded: effectiveReadingsNeeded,
  })
  const evidence = { ...none, effectiveReadings, largestStep, rateWithoutStep }
  if (limits === undefined)
    return {
      kind: 'unjudged',
      reason: 'the readings follow each other so closely that the run is too short to tell a trend from a slow wave',
      evidence,
    }
  const scatter = isCount ? scatterOf(rate, evidence.exposure, level) : { below: 0, above: 0 }
  const low = rate - Math.hypot(rate - limits.low, scatter.below)
  const high = rate + Math.hypot(limits.high - rate, scatter.above)
  return {
    kind: 'growth',
    growth: { rate, low, high, level },
    isLeak: low > 0,
    evidence: { ...evidence, detectableRate: rate - low },
  }
}

/** How far the slope of things that come one by one, by chance, lies from their rate, however smooth their line looks. */
function scatterOf(slope: number, exposure: number, level: number): { readonly below: number; readonly above: number } {
  const net = Math.max(0, Math.round(slope * exposure))
  const slopeOfWalk = Math.sqrt(6 / 5)
  return {
    below: (slopeOfWalk * (net - poissonLow(net, level))) / exposure,
    above: (slopeOfWalk * (poissonHigh(net, level) - net)) / exposure,
  }
}
