/**
 * How many neighbouring residuals say as much as one independent one, at least 1: the larger of what the first autocorrelation gives for a
 * process that forgets steadily (AR(1), corrected for the bias of a fitted line), and of the sum of autocorrelations up to five times itself
 * (Sokal 1989), which sees slower ones as well.
 */
export function correlationLength(residuals: readonly number[]): number {
  const { length } = residuals
  const power = covariance(residuals, 0)
  if (power === 0) return 1
  const first = covariance(residuals, 1) / power
  const unbiased = Math.min(0.999, Math.max(0, first + (2 + 4 * Math.max(0, first)) / length))
  return Math.max((1 + unbiased) / (1 - unbiased), summed(residuals, power))
}

function summed(residuals: readonly number[], power: number): number {
  let length = 1
  for (let lag = 1; lag < residuals.length / 3; lag++) {
    length += (2 * covariance(residuals, lag)) / power
    if (lag >= 5 * length) break
  }
  return length
}

function covariance(residuals: readonly number[], lag: number): number {
  let sum = 0
  for (let i = lag; i < residuals.length; i++) sum += residuals[i]! * residuals[i - lag]!
  return sum
}
