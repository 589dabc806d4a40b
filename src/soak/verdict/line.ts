import { correlationLength } from './correlation.ts'
import { type Fit, fits, withoutStep } from './least-squares.ts'
import { studentQuantile } from './student.ts'

/** What a line through readings shows. */
export interface Line {
  /** Of the line without a step. */
  readonly rate: number
  /**
   * The outer ones of the line and of lines with a step in each place; `tailLow` is the lower one where the beginning is left out, too. Undefined: too few
   * readings are independent.
   */
  readonly limits: { readonly low: number; readonly high: number; readonly tailLow: number } | undefined
  /** So many independent readings say as much. */
  readonly effectiveReadings: number
  readonly largestStep: number
  readonly rateWithoutStep: number
}

/**
 * Least squares, with as many readings as are independent: by itself, with a step in each place, and without its beginning. Limits are one-sided at
 * `level` each, and there are none with fewer than `readingsNeeded` independent readings.
 */
export function lineThrough(
  at: readonly number[],
  values: readonly number[],
  { level, readingsNeeded }: { readonly level: number; readonly readingsNeeded: number },
): Line {
  const { whole, stepped, tails } = fits(at, values)
  const best = stepped.reduce((least, fit) => (fit.squares < least.squares ? fit : least))
  const { step, residuals } = withoutStep(at, values, best)
  const effectiveReadings = values.length / correlationLength(residuals)
  const known = { rate: whole.slope, effectiveReadings, largestStep: step, rateWithoutStep: best.slope }
  if (effectiveReadings < readingsNeeded) return { ...known, limits: undefined }
  const halfOf = halfWidths(effectiveReadings / values.length, level)
  const lowOf = (lines: readonly Fit[]) => Math.min(...lines.map((fit) => fit.slope - halfOf(fit)))
  const low = lowOf([whole, ...stepped])
  const high = Math.max(...[whole, ...stepped].map((fit) => fit.slope + halfOf(fit)))
  return { ...known, limits: { low, high, tailLow: Math.min(low, lowOf(tails)) } }
}

/** `independent` is the part of the readings that is. */
function halfWidths(independent: number, level: number): (fit: Fit) => number {
  const quantiles = new Map<number, number>()
  return ({ squares, spread, readings, parameters }) => {
    const freedom = readings * independent - parameters
    const quantile = quantiles.get(freedom) ?? studentQuantile(level, freedom)
    quantiles.set(freedom, quantile)
    return quantile * Math.sqrt(squares / freedom / spread)
  }
}
