import { expect, test } from 'vitest'
import { BackOff } from './back-off.ts'

test('each wait is between half and the whole of a delay that doubles up to the most', () => {
  for (const [random, share] of [
    [0, 0.5],
    [0.999999, 1],
  ] as const) {
    const backOff = new BackOff({ firstMs: 100, maxMs: 1_000, random: () => random })
    const waits = Array.from({ length: 8 }, () => Math.round(backOff.next()))
    expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000].map((whole) => whole * share))
    backOff.reset()
    expect(Math.round(backOff.next())).toBe(100 * share)
  }
})

test('a thousand failures are still a finite wait', () => {
  const backOff = new BackOff({ firstMs: 100, maxMs: 30_000 })
  for (let i = 0; i < 1_000; i++) expect(backOff.next()).toBeLessThanOrEqual(30_000)
})
