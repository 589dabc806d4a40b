import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VersionError } from './engine-error.ts'
import { chooseVersion, clockAhead } from './negotiate.ts'

describe('the API version', () => {
  const cases: [engine: string, newest: string, oldest: string | undefined, chosen: string][] = [
    ['Docker 20.10', '1.41', '1.12', '1.41'],
    ['Docker 28.5', '1.51', '1.24', '1.51'],
    ['Docker 29', '1.52', '1.44', '1.51'],
    ['Podman 4.3', '1.41', '1.24', '1.41'],
    ['one that does not say its oldest', '1.43', undefined, '1.43'],
  ]
  test.each(cases)('%s', (_engine, newest, oldest, chosen) => {
    expect(chooseVersion(newest, oldest)).toBe(chosen)
  })

  test('an engine of the far past and one of the far future are refused with the cure', () => {
    expect(() => chooseVersion('1.22', '1.12')).toThrow(VersionError)
    expect(() => chooseVersion('1.99', '1.60')).toThrow(/oldest API version is 1.60/)
  })
})

describe('the clock of the engine', () => {
  // The engine's clock shows `now` + `ahead` at some moment between request and answer, cut to whole seconds.
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

  test('counts as ours where the engine does not tell', () => {
    expect(clockAhead({ dateMs: NaN, sentAtMs: 0, receivedAtMs: 1 })).toBe(0)
  })
})
