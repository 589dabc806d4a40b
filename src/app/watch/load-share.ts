import { correlationLength } from '../../soak/verdict/correlation.ts'
import { studentQuantile } from '../../soak/verdict/student.ts'

/** Of what load can explain at the most, the part that it does explain: limits within 0 and 1. */
export interface Share {
  readonly least: number
  readonly most: number
}

const anything: Share = { least: 0, most: 1 }
/** With fewer independent readings nothing is known of the share. */
const readingsNeeded = 20
/** Of the sum of squares: what is below is rounding. */
const nothingLeft = 1e-9

/**
 * What part of `explained` is in `values`, by regression on it and on time together; each limit is wrong with the chance `level`. Where load rises and falls, the
 * part is known well; where it only goes with time, nothing is known, and the limits are 0 and 1: then growth may be all load, or none of it.
 */
export function shareOf(
  at: readonly number[],
  series: { readonly values: readonly number[]; readonly explained: readonly number[] },
  level: number,
): Share {
  const load = withoutTrend(at, series.explained)
  const held = withoutTrend(at, series.values)
  const spread = dot(load, load)
  const ofExplained = centred(series.explained)
  if (spread <= nothingLeft * dot(ofExplained, ofExplained)) return anything
  const part = dot(load, held) / spread
  const residuals = held.map((value, i) => value - part * load[i]!)
  const independent = residuals.length / correlationLength(residuals)
  if (independent < readingsNeeded) return anything
  const freedom = independent - 3
  const half = studentQuantile(level, freedom) * Math.sqrt(dot(residuals, residuals) / freedom / spread)
  const within = (value: number) => Math.min(1, Math.max(0, value))
  return { least: within(part - half), most: within(part + half) }
}

function withoutTrend(at: readonly number[], values: readonly number[]): readonly number[] {
  const [x, y] = [centred(at), centred(values)]
  const slope = dot(x, y) / dot(x, x)
  return y.map((value, i) => value - slope * x[i]!)
}

function centred(values: readonly number[]): readonly number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, i) => sum + value * other[i]!, 0)
}
