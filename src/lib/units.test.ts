import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './units.ts'

test.each([
  [0, '0s'],
  [250, '250ms'],
  [30_000, '30s'],
  [5_400_000, '1h30m'],
  [604_800_000, '7d'],
])('%i ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test('a formatted time span is read back', () => {
  fc.assert(
    fc.property(fc.nat(), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms)
    }),
  )
})
