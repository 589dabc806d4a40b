import type { Finding, Growth } from '../../soak/verdict/growth.ts'
import { judgeTrend } from '../../soak/verdict/trend.ts'

/** Readings of one resource, with the minutes at which they were taken. */
export interface Readings {
  readonly at: readonly number[]
  readonly values: readonly number[]
}

export interface GrowthOptions {
  readonly level: number
  /** Minutes; undefined: a fifth. */
  readonly warmUp: number | undefined
  readonly isCount: boolean
}

/**
 * Growth that is not explained by load. How much of the resource a unit of load holds is not known, only that it is something between
 * nothing and a most: `whole` are the readings as they are, `withoutLoad` the same without the most that their load can explain. A leak shows in both, and
 * the limits are the outer ones: for all shares between, the line's slope and its error lie between as well, because the first is linear in the share and the
 * second convex.
 */
export function judgeGrowth(whole: Readings, withoutLoad: Readings, options: GrowthOptions): Finding {
  const one = judgeTrend(whole.at, whole.values, options)
  if (one.kind === 'unjudged') return one
  const other = judgeTrend(withoutLoad.at, withoutLoad.values, options)
  if (other.kind === 'unjudged') return other
  const careful = one.growth.low < other.growth.low ? one : other
  const growth: Growth = {
    rate: careful.growth.rate,
    low: careful.growth.low,
    high: Math.max(one.growth.high, other.growth.high),
    level: options.level,
  }
  return { kind: 'growth', growth, isLeak: growth.low > 0, evidence: careful.evidence }
}
