import { rareCount } from './poisson.ts'

/** So many errors in `tries` come by chance once in 10,000 such tests, where each try errs with the chance `level`. */
export function tooMany(tries: number, level: number): number {
  return rareCount(level * tries, 0.0001)
}
