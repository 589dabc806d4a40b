import { correlationLength } from './correlation.ts'
import { type Fit, fits, withoutStep } from './least-squares.ts'
import { studentQuantile } from './student.ts'

/** What a line through readings shows, by itself and with a step in each place. */
export interface Line {
  /** Of the line without a step. */
  readonly rate: number
  /** The outer ones of all lines; undefined: too few readings are independent. */
  readonly limits: { readonly low: number; readonly high: number } | undefined
  /** So many independent readings say as much. */
  readonly effectiveReadings: number
  readonly largestStep: number
  readonly rateWithoutStep: number
}

/**
 * Least squares, with as many readings as are independent: by itself, and with a step in each place. `values` are at least 8; limits are one-sided at
 * `level` each, and there are none with fewer than `readingsNeeded` independent readings.
 */
export function lineThrough(
  at: readonly number[],
  values: readonly number[],
  { level, readingsNeeded }: { readonly level: number; readonly readingsNeeded: number },
): Line {
  const all = fits(at, values)
  const [whole, ...stepped] = all
  const best = stepped.reduce((least, fit) => (fit.squares < least.squares ? fit : least))
  const { step, residuals } = withoutStep(at, values, best)
  const effectiveReadings = values.length / correlationLength(residuals)
  const known = { rate: whole.slope, effectiveReadings, largestStep: step, rateWithoutStep: best.slope }
  if (effectiveReadings < readingsNeeded) return { ...known, limits: undefined }
  const halfOf = halfWidths(effectiveReadings, level)
  const low = Math.min(...all.map((fit) => fit.slope - halfOf(fit)))
  const high = Math.max(...all.map((fit) => fit.slope + halfOf(fit)))
  return { ...known, limits: { low, high } }
}

function halfWidths(effectiveReadings: number, level: number): (fit: Fit) => number {
  const quantiles = new Map<number, number>()
  return ({ squares, spread, parameters }) => {
    const freedom = effectiveReadings - parameters
    const quantile = quantiles.get(parameters) ?? studentQuantile(level, freedom)
    quantiles.set(parameters, quantile)
    return quantile * Math.sqrt(squares / freedom / spread)
  }
}
