import { describe, expect, test } from 'vitest'
import { ratioOfRates } from './ratio.ts'

describe('the ratio of two rates', () => {
  // Expected: Clopper and Pearson's limits at 1 % each, by bisection over exact binomial sums in another language.
  test.each([
    { now: 10, before: 10, ratio: 1, low: 0.31399, high: 3.18481 },
    { now: 30, before: 10, ratio: 3, low: 1.26653, high: 8.0661 },
    { now: 0, before: 5, ratio: 0, low: 0, high: 1.51189 },
    { now: 7, before: 0, ratio: undefined, low: 1.07446, high: undefined },
    { now: 0, before: 0, ratio: undefined, low: 0, high: undefined },
  ])('$now against $before items', ({ now, before, ratio, low, high }) => {
    const found = ratioOfRates({ count: now, exposure: 1_000 }, { count: before, exposure: 1_000 }, 0.01)
    expect({ ratio: found.ratio, low: found.low, high: found.high }).toEqual({
      ratio: ratio === undefined ? undefined : (expect.closeTo(ratio, 5) as number),
      low: expect.closeTo(low, 4) as number,
      high: high === undefined ? undefined : (expect.closeTo(high, 3) as number),
    })
  })

  test('a longer baseline has a lower rate', () => {
    const { ratio, low } = ratioOfRates({ count: 10, exposure: 1_000 }, { count: 10, exposure: 4_000 }, 0.01)
    expect(ratio).toBeCloseTo(4, 6)
    expect(low).toBeCloseTo(4 * 0.31399, 3)
  })

  test('of many items is as good', () => {
    const { low, high } = ratioOfRates({ count: 20_000, exposure: 1 }, { count: 20_000, exposure: 1 }, 0.01)
    expect(low).toBeCloseTo(0.977, 3)
    expect(high).toBeCloseTo(1.0236, 3)
  })
})
