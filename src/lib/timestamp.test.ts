import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareTimes, formatEpoch, formatTimestamp, parseTimestamp } from './timestamp.ts'

test('what is formatted is read back, to the nanosecond', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000 }),
      fc.integer({ min: 0, max: 999_999_999 }),
      (seconds, nanos) => {
        expect(parseTimestamp(formatTimestamp(seconds, nanos))).toEqual({ seconds, nanos })
      },
    ),
  )
})

test.each([
  ['2026-11-23T12:48:58Z', 1_795_438_138, 0],
  ['2026-11-23T12:48:58.5Z', 1_795_438_138, 500_000_000],
  ['2026-11-23T12:48:58.320504526Z', 1_795_438_138, 320_504_526],
  ['2026-11-23T14:48:58.000000001+02:00', 1_795_438_138, 1],
  ['2026-11-23T12:48:58.1234567891Z', 1_795_438_138, 123_456_789],
])('%s', (text, seconds, nanos) => {
  expect(parseTimestamp(text)).toEqual({ seconds, nanos })
})

test.each(['', '2026-11-23', '2026-13-23T12:48:58Z', 'yesterday', '2026-11-23T12:48:58'])('"%s" is none', (text) => {
  expect(parseTimestamp(text)).toBeUndefined()
})

test('engines get nine digits, and times compare', () => {
  expect(formatEpoch(7, 50)).toBe('7.000000050')
  expect(compareTimes({ seconds: 1, nanos: 2 }, { seconds: 1, nanos: 3 })).toBeLessThan(0)
})
