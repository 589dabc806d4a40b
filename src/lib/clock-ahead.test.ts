import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clockAhead } from './clock-ahead.ts'

describe('the clock of another', () => {
  // The other clock shows `now` + `ahead` at some moment between request and answer, cut to whole seconds.
  const times = { now: fc.integer({ min: 1, max: 2e9 }), before: fc.nat(60_000), after: fc.nat(60_000) }

  test('that goes as ours does is never thought to differ, however long the answer takes', () => {
    fc.assert(
      fc.property(times.now, times.before, times.after, (now, before, after) => {
        const dateMs = Math.floor(now / 1_000) * 1_000
        expect(clockAhead({ dateMs, sentAtMs: now - before, receivedAtMs: now + after })).toBe(0)
      }),
    )
  })

  test('is never thought to be behind what it shows', () => {
    fc.assert(
      fc.property(
        times.now,
        times.before,
        times.after,
        fc.integer({ min: -1e6, max: -62_000 }),
        (now, before, after, ahead) => {
          const dateMs = Math.floor((now + ahead) / 1_000) * 1_000
          const measured = clockAhead({ dateMs, sentAtMs: now - before, receivedAtMs: now + after })
          expect(measured).toBeLessThan(0)
          expect(measured * 1_000).toBeGreaterThanOrEqual(ahead)
          expect(measured * 1_000).toBeLessThanOrEqual(ahead + before + 1_000)
        },
      ),
    )
  })

  test('counts as ours where the other does not tell', () => {
    expect(clockAhead({ dateMs: NaN, sentAtMs: 0, receivedAtMs: 1 })).toBe(0)
  })
})
