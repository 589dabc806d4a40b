import type { Finding, TrendEvidence } from './growth.ts'
import { lineThrough } from './line.ts'
import { studentQuantile } from './student.ts'

/** The first readings are warm-up, and a fifth of the run where that is more. */
const shortestWarmUp = 4
const usualWarmUp = 0.2
/** Below that a line with a step has no freedom left to tell its error. */
const fewestJudged = 12
const readingsNeeded = 6
/** Chance, one-sided, that a line is taken for one that flattens. */
const settlingLevel = 0.05
const settlingRatio = 0.6

/**
 * Judges an amount (bytes of heap) that was read once a cycle, at rest: a line after the warm-up, which ends where the growth no longer flattens. Such readings
 * are few and nearly independent, other than those under load.
 *
 * `at` are the places on the axis, `amounts` the readings, as many; each limit has the chance `level` of being wrong.
 */
export function judgeAmounts(at: readonly number[], amounts: readonly number[], level: number): Finding {
  const warmUp = settledFrom(at, amounts)
  const places = at.slice(warmUp)
  const judged = amounts.slice(warmUp)
  const none = evidenceOf(at, warmUp)
  if (judged.length < fewestJudged)
    return {
      kind: 'unjudged',
      reason:
        amounts.length - shortestWarmUp < fewestJudged
          ? `at least ${shortestWarmUp + fewestJudged} readings are needed`
          : 'the resource is still settling: its growth flattens all the time',
      evidence: none,
    }
  const { rate, limits, effectiveReadings, largestStep, rateWithoutStep } = lineThrough(places, judged, {
    level,
    readingsNeeded,
  })
  const evidence = { ...none, effectiveReadings, largestStep, rateWithoutStep }
  if (limits === undefined)
    return {
      kind: 'unjudged',
      reason: 'the readings follow each other so closely that the run is too short to tell a trend from a slow wave',
      evidence,
    }
  // A leak goes on: what grew at first only is settling, however slowly.
  const low = limits.tailLow
  return {
    kind: 'growth',
    growth: { rate, low, high: limits.high, level },
    isLeak: low > 0,
    evidence: { ...evidence, detectableRate: rate - low },
  }
}

function evidenceOf(at: readonly number[], warmUp: number): TrendEvidence {
  return {
    rule: 'trend',
    readings: at.length,
    warmUp,
    exposure: Math.max(0, (at.at(-1) ?? 0) - (at[warmUp] ?? 0)),
    effectiveReadings: 0,
    effectiveReadingsNeeded: readingsNeeded,
    largestStep: 0,
    rateWithoutStep: 0,
    detectableRate: undefined,
  }
}

/** The index from which on the growth no longer flattens. */
function settledFrom(at: readonly number[], amounts: readonly number[]): number {
  const { length } = amounts
  const stride = Math.max(1, Math.floor(length / 20))
  let from = Math.max(shortestWarmUp, Math.floor(usualWarmUp * length))
  // A run that is just long enough has no reading to spare.
  if (length - from < fewestJudged) from = shortestWarmUp
  while (length - from >= fewestJudged && isSettling(at.slice(from), amounts.slice(from))) from += stride
  return from
}

/** A parabola that bends down, and whose growth in the later half is so much less. */
function isSettling(at: readonly number[], amounts: readonly number[]): boolean {
  const { length } = at
  const half = at[Math.floor(length / 2)]! - at[0]!
  const x = centred(at.map((place) => place / half))
  const square = centred(x.map((place) => place * place))
  // Orthogonal to the line, so that both are fitted on their own.
  const lean = dot(square, x) / dot(x, x)
  const bend = square.map((value, i) => value - lean * x[i]!)
  const y = centred(amounts)
  const slope = dot(y, x) / dot(x, x)
  const bow = dot(y, bend) / dot(bend, bend)
  const rest = y.map((value, i) => value - slope * x[i]! - bow * bend[i]!)
  const error = Math.sqrt(dot(rest, rest) / (length - 3) / dot(bend, bend))
  if (bow > -studentQuantile(settlingLevel, length - 3) * error) return false
  // The parabola's slope is that of the line half a run from either end.
  const change = (bow * (x.at(-1)! - x[0]!)) / 2
  return slope + change < settlingRatio * (slope - change)
}

function centred(values: readonly number[]): readonly number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0)
}
