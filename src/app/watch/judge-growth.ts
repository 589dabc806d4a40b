import type { Finding, Growth } from '../../soak/verdict/growth.ts'
import { judgeTrend } from '../../soak/verdict/trend.ts'
import { firstAfter } from '../../soak/verdict/warm-up.ts'
import { seededRandom } from '../../soak/verdict/worlds.ts'
import { shareOf } from './load-share.ts'

/** Readings of one resource. */
export interface Readings {
  /** Minutes. */
  readonly at: readonly number[]
  readonly values: readonly number[]
  /** What the load can explain of each at the most. */
  readonly explained: readonly number[]
}

export interface GrowthOptions {
  /** The chance that a limit is wrong. */
  readonly level: number
  /** Minutes; undefined: a fifth. */
  readonly warmUp: number | undefined
  readonly isCount: boolean
  /** Changes as small as this do not matter; in the unit of the readings. */
  readonly blur: number
}

/**
 * Growth that load does not explain. What load explains is a share of what it can explain at the most, and known within limits: a leak has to show in
 * what is left after the least share, and after the most. For all shares between, the line's slope and its error lie between as well,
 * because the first is linear in the share and the second convex.
 */
export function judgeGrowth({ at, values, explained }: Readings, options: GrowthOptions): Finding {
  const { level, warmUp, isCount, blur } = options
  const from = firstAfter(at, warmUp)
  const places = at.slice(from)
  const judged = { values: blurred(values.slice(from), blur), explained: explained.slice(from) }
  // Three limits: those of the share, and that of the line.
  const each = level / 3
  const share = shareOf(places, judged, each)
  const findingAt = (part: number): Finding => {
    const rest = judged.values.map((value, i) => value - part * judged.explained[i]!)
    return judgeTrend(places, rest, { level: each, warmUp: 0, isCount })
  }
  const one = findingAt(share.least)
  if (one.kind === 'unjudged' || judged.explained.every((value) => value === judged.explained[0])) return one
  const other = findingAt(share.most)
  if (other.kind === 'unjudged') return other
  const careful = one.growth.low < other.growth.low ? one : other
  const growth: Growth = {
    rate: careful.growth.rate,
    low: careful.growth.low,
    high: Math.max(one.growth.high, other.growth.high),
    level,
  }
  return { kind: 'growth', growth, isLeak: growth.low > 0, evidence: careful.evidence }
}

/**
 * The readings with noise between -blur and +blur, the same each time. The steps of a count that grows as regularly as a clock leave errors that are tiny and follow each
 * other closely, and so do pools that breathe: neither can be told from a slow wave, and a wave as small as the noise need not be.
 */
function blurred(values: readonly number[], blur: number): readonly number[] {
  const random = seededRandom(values.length)
  return values.map((value) => value + blur * (2 * random() - 1))
}
