import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { incompleteBeta } from './beta.ts'
import { compareRates } from './compare.ts'
import { projectionOf } from './projection.ts'
import { tooMany } from './tries.ts'
import { poisson, seededRandom } from './worlds.ts'

const level = 0.01
const seed = Number(process.env['SEED'] ?? 20)
const rises = (risen: number, exposure = 1_000, dispersion = 1) => ({ risen, exposure, dispersion })

// Binomial tails, added up by hand: P(X >= 3) of 10 at 0.2, and P(X >= 1) of 5 at 0.5; then arcsine, and a case of many.
test.each([
  { x: 0.2, a: 3, b: 8, value: 0.322_200_5 },
  { x: 0.5, a: 1, b: 5, value: 0.968_75 },
  { x: 0.25, a: 0.5, b: 0.5, value: 1 / 3 },
  { x: 0.5, a: 500, b: 500, value: 0.5 },
])('the incomplete beta function of $x, $a, $b', ({ x, a, b, value }) => {
  expect(incompleteBeta(x, a, b)).toBeCloseTo(value, 6)
})

describe('the ratio of two rates', () => {
  test('the limits solve their equation', () => {
    const { low, high } = compareRates(rises(6), rises(4), level)
    const share = (ratio: number) => ratio / (1 + ratio)
    expect(incompleteBeta(share(low), 6, 5)).toBeCloseTo(level, 6)
    expect(1 - incompleteBeta(share(high!), 7, 4)).toBeCloseTo(level, 6)
  })

  test.each([
    { run: rises(40), baseline: rises(4), result: 'faster' },
    { run: rises(4), baseline: rises(40), result: 'slower' },
    { run: rises(6), baseline: rises(4), result: 'no_difference_shown' },
    { run: rises(40, 10_000), baseline: rises(4), result: 'no_difference_shown' },
    { run: rises(0), baseline: rises(0), result: 'no_difference_shown' },
    { run: rises(9), baseline: rises(0), result: 'faster' },
    { run: rises(40, 1_000, 20), baseline: rises(4), result: 'no_difference_shown' },
  ] as const)('$run.risen in $run.exposure over $baseline.risen in $baseline.exposure: $result', (one) => {
    expect(compareRates(one.run, one.baseline, level).result).toBe(one.result)
  })

  const counts = fc.integer({ min: 0, max: 2_000 })
  const exposures = fc.integer({ min: 1, max: 1_000_000 })

  test('limits enclose the ratio, and the other way round they are its inverse', () => {
    fc.assert(
      fc.property(counts, exposures, counts, exposures, (risen, exposure, otherRisen, otherExposure) => {
        const [run, baseline] = [rises(risen, exposure), rises(otherRisen, otherExposure)]
        const { ratio, low, high } = compareRates(run, baseline, level)
        expect(low).toBeLessThanOrEqual((ratio ?? Infinity) * (1 + 1e-9))
        expect(high ?? Infinity).toBeGreaterThanOrEqual((ratio ?? 0) * (1 - 1e-9))
        const inverse = compareRates(baseline, run, level)
        if (low > 0) expect(inverse.high! * low).toBeCloseTo(1, 6)
        else expect(inverse.high).toBeUndefined()
      }),
    )
  })

  test.each([1, 3, 10])(`holds the truth where one is %f times as fast, SEED=${seed}`, (truth) => {
    const random = seededRandom(seed)
    const runs = 500
    const missed = Array.from({ length: runs }, () =>
      compareRates(rises(poisson(random, 4 * truth), 2_000), rises(poisson(random, 12), 6_000), level),
    ).filter(({ low, high }) => low > truth || (high ?? Infinity) < truth).length
    expect(missed).toBeLessThan(tooMany(runs, 2 * level))
  })
})

describe('the projection', () => {
  const growth = { low: 0.5, rate: 1, high: 4, level }
  const room = { present: 900, ceiling: 1_000 }

  test.each([
    { name: 'a leak', outcome: 'leak', growth, is: { kind: 'reached', soonest: 25, likely: 100, latest: 200 } },
    { name: 'no leak', outcome: 'clean', growth, is: { kind: 'not_before', soonest: 25, level } },
    { name: 'open', outcome: 'not_enough_evidence', growth, is: { kind: 'not_before', soonest: 25, level } },
    {
      name: 'a leak whose lower limit is none',
      outcome: 'leak',
      growth: { ...growth, low: 0 },
      is: { kind: 'reached', soonest: 25, likely: 100, latest: undefined },
    },
    {
      name: 'falling',
      outcome: 'clean',
      growth: { ...growth, low: -3, rate: -2, high: -1 },
      is: { kind: 'not_before', soonest: undefined, level },
    },
    { name: 'not judged', outcome: 'invalid', growth: undefined, is: undefined },
  ] as const)('$name', ({ outcome, growth: grows, is }) => {
    expect(projectionOf({ outcome, growth: grows }, room)).toEqual(is)
  })

  test('at the ceiling it is reached at once', () => {
    expect(projectionOf({ outcome: 'leak', growth }, { present: 10, ceiling: 9 })).toEqual({
      kind: 'reached',
      soonest: 0,
      likely: 0,
      latest: 0,
    })
  })

  test('is in order, whatever the limits', () => {
    const rate = fc.double({ min: 1e-6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(fc.array(rate, { minLength: 3, maxLength: 3 }), (rates) => {
        const [low, middle, high] = [...rates].sort((a, b) => a - b) as [number, number, number]
        const projection = projectionOf({ outcome: 'leak', growth: { low, rate: middle, high, level } }, room)
        if (projection?.kind !== 'reached') throw new Error('a leak reaches its ceiling')
        expect(projection.soonest).toBeLessThanOrEqual(projection.likely!)
        expect(projection.likely!).toBeLessThanOrEqual(projection.latest!)
      }),
    )
  })
})
