import { incompleteBeta } from './beta.ts'
import { bisect } from './bisect.ts'

/** From so many degrees of freedom on the expansion is good to 1e-3. */
const manyDegrees = 40

/**
 * The value that Student's t exceeds with the chance `level`, below 1/2: from its distribution, and for many degrees of freedom from the normal one by
 * Abramowitz and Stegun 26.7.5.
 */
export function studentQuantile(level: number, freedom: number): number {
  if (freedom < manyDegrees) {
    // freedom / (freedom + t^2) is beta distributed.
    const share = bisect((x) => incompleteBeta(x, freedom / 2, 0.5) / 2 < level, 1)
    return Math.sqrt(freedom * (1 / share - 1))
  }
  const z = normalQuantile(level)
  const z2 = z * z
  const first = (z * (z2 + 1)) / 4
  const second = (z * (5 * z2 * z2 + 16 * z2 + 3)) / 96
  const third = (z * (3 * z2 ** 3 + 19 * z2 * z2 + 17 * z2 - 15)) / 384
  return z + first / freedom + second / freedom ** 2 + third / freedom ** 3
}

/** Abramowitz and Stegun 26.2.23, with an error below 5e-4. */
export function normalQuantile(level: number): number {
  const t = Math.sqrt(-2 * Math.log(level))
  const above = 2.515517 + t * (0.802853 + t * 0.010328)
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
  return t - above / below
}
