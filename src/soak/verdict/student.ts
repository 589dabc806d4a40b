/**
 * The value that Student's t exceeds with the chance `level`, for 10 or more degrees of freedom: the normal quantile by Abramowitz and Stegun 26.2.23
 * (error below 5e-4), then their expansion 26.7.5.
 */
export function studentQuantile(level: number, freedom: number): number {
  const z = normalQuantile(level)
  const z2 = z * z
  const first = (z * (z2 + 1)) / 4
  const second = (z * (5 * z2 * z2 + 16 * z2 + 3)) / 96
  const third = (z * (3 * z2 ** 3 + 19 * z2 * z2 + 17 * z2 - 15)) / 384
  return z + first / freedom + second / freedom ** 2 + third / freedom ** 3
}

export function normalQuantile(level: number): number {
  const t = Math.sqrt(-2 * Math.log(level))
  const above = 2.515517 + t * (0.802853 + t * 0.010328)
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
  return t - above / below
}
