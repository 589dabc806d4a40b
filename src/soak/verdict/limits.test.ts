import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { poissonHigh, poissonLow, rareCount } from './poisson.ts'
import { studentQuantile } from './student.ts'

describe('limits of a Poisson mean', () => {
  // Half of chi-square quantiles, from tables.
  test.each([
    { count: 0, level: 0.01, low: 0, high: 4.605 },
    { count: 1, level: 0.01, low: 0.01005, high: 6.638 },
    { count: 3, level: 0.025, low: 0.6187, high: 8.767 },
    { count: 10, level: 0.025, low: 4.795, high: 18.39 },
    { count: 100, level: 0.025, low: 81.36, high: 121.63 },
  ])('after $count events at $level', ({ count, level, low, high }) => {
    expect(poissonLow(count, level)).toBeCloseTo(low, 2)
    expect(poissonHigh(count, level)).toBeCloseTo(high, 2)
  })

  test('enclose the count, widen as the level falls, and grow with the count', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5_000 }),
        fc.double({ min: 1e-5, max: 0.1, noNaN: true }),
        (count, level) => {
          const [low, high] = [poissonLow(count, level), poissonHigh(count, level)]
          expect(low).toBeLessThanOrEqual(count)
          expect(high).toBeGreaterThan(count)
          expect(poissonHigh(count, level / 2)).toBeGreaterThan(high)
          expect(poissonHigh(count + 1, level)).toBeGreaterThan(high)
          expect(poissonLow(count + 1, level)).toBeGreaterThan(low)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('a smaller level asks for more events', () => {
    expect([0.011, 0.005, 0.0005, 0.00005].map((level) => rareCount(0.436, level))).toEqual([3, 4, 5, 6])
  })
})

// Tables of Student's t.
test.each([
  { level: 0.01, freedom: 18, value: 2.552 },
  { level: 0.005, freedom: 18, value: 2.878 },
  { level: 0.01, freedom: 60, value: 2.39 },
  { level: 0.001, freedom: 30, value: 3.385 },
  { level: 0.01, freedom: 1e6, value: 2.326 },
])("Student's t at $level with $freedom degrees of freedom", ({ level, freedom, value }) => {
  expect(Math.abs(studentQuantile(level, freedom) - value)).toBeLessThan(0.006)
})
