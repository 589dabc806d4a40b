import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shownNanos, shownSeconds } from '../../batch/line-time.ts'
import { BatchMaker } from '../../batch/testing.ts'
import { formatTimestamp, parseTimestamp } from '../../lib/timestamp.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { timeFormatOf } from './format.ts'
import { timestamp } from './timestamp.ts'

type Written = Parameters<typeof timestamp.options.parse>[0]

/** The time that a line goes by which says `time`, and that the engine has at `engine`. */
function shown(time: string | number, written: Written = {}, engine = '2026-11-23T12:42:29Z') {
  const metrics = createMetrics()
  const transform = timestamp.create(timestamp.options.parse(written), { id: 'time', metrics })
  const batch = new BatchMaker().batchOf([{ text: 'x', fields: { time }, ...parseTimestamp(engine)! }, { text: 'y' }])
  const made = transform.apply(batch)
  expect(shownSeconds(made, 1)).toBe(1_795_000_000)
  return formatTimestamp(shownSeconds(made, 0), shownNanos(made, 0)).replace(/\.?0*Z$/, 'Z')
}

const exact = { max_behind: '36500d', max_ahead: '36500d' }

test('the usual form is read as the others are, whatever stands where digits do', () => {
  const seldom = fc.oneof(
    { weight: 40, arbitrary: fc.integer({ min: 0, max: 9 }).map(String) },
    { weight: 1, arbitrary: fc.constantFrom(' ', '.', ':', '-', 'x', '9') },
  )
  const digits = (length: number) =>
    fc.array(seldom, { minLength: length, maxLength: length }).map((all) => all.join(''))
  const parts = fc.tuple(
    fc.constantFrom('20', '19'),
    digits(2),
    fc.constantFrom('0', '1'),
    digits(1),
    fc.constantFrom('0', '2', '3'),
    digits(1),
  )
  const clock = fc.tuple(
    fc.constantFrom('0', '1', '2'),
    digits(1),
    fc.constantFrom('0', '5', '6'),
    digits(1),
    fc.constantFrom('0', '5', '6'),
    digits(1),
  )
  const fraction = fc.oneof(
    fc.constant(''),
    fc.nat(10).chain((length) => digits(length).map((all) => `.${all}`)),
  )
  const [usual, other] = [found(), found()]
  fc.assert(
    fc.property(parts, clock, fraction, ([a, b, c, d, e, f], [g, h, i, j, k, l], rest) => {
      const [date, time] = [`${a}${b}-${c}${d}-${e}${f}`, `${g}${h}:${i}${j}:${k}${l}${rest}`]
      const read = timeFormatOf('rfc3339', (seconds) => seconds)
      expect(read(`${date}T${time}Z`, usual, 0)).toBe(read(`${date}t${time}Z`, other, 0))
      expect(usual).toEqual(other)
    }),
    { numRuns: 2_000 },
  )
})

function found() {
  return { seconds: 0, nanos: 0, resolution: 0 }
}

describe('times are read', () => {
  // The engine has the line just then, so that no digits are filled in.
  test.each<[string, Written, string]>([
    ['2026-11-23T12:42:29Z', {}, '2026-11-23T12:42:29Z'],
    ['2026-11-23 12:42:29,123', {}, '2026-11-23T12:42:29.123Z'],
    ['2026-11-23T13:42:29.123456789+01:00', {}, '2026-11-23T12:42:29.123456789Z'],
    ['2026-11-23 07:12 -0530', {}, '2026-11-23T12:42:00Z'],
    ['1795437749', {}, '2026-11-23T12:42:29Z'],
    ['1795437749.25', {}, '2026-11-23T12:42:29.25Z'],
    ['1795437749250', {}, '2026-11-23T12:42:29.25Z'],
    ['1795437749250001', {}, '2026-11-23T12:42:29.250001Z'],
    ['1795437749250000001', {}, '2026-11-23T12:42:29.250000001Z'],
    ['23/Nov/2026:13:42:29 +0100', { formats: ['clf'] }, '2026-11-23T12:42:29Z'],
    ['Mon, 23 Nov 2026 12:42:29 GMT', { formats: ['http'] }, '2026-11-23T12:42:29Z'],
    ['Nov 23 12:42:29', { formats: ['syslog'] }, '2026-11-23T12:42:29Z'],
    ['Jan  1 00:00:01', { formats: ['syslog'] }, '2027-01-01T00:00:01Z'],
    ['Dec 31 23:59:59', { formats: ['syslog'] }, '2026-12-31T23:59:59Z'],
    ['12:42:29.5', { formats: ['%H:%M:%S.%f'] }, '2026-11-23T12:42:29.5Z'],
    ['23.11.26 01:42:29 pm', { formats: ['%d.%m.%y %I:%M:%S %p'], zone: 'Europe/Berlin' }, '2026-11-23T12:42:29Z'],
    ['20261123-124229', { formats: ['%Y%m%d-%H%M%S'] }, '2026-11-23T12:42:29Z'],
    ['2026-11-23 12:42:29', { zone: 'America/New_York' }, '2026-11-23T17:42:29Z'],
    ['2026-07-01 12:00:00', { zone: 'Europe/Berlin' }, '2026-07-01T10:00:00Z'],
    // The clock is set back at 3:00 to 2:00, and forward at 2:00 to 3:00.
    ['2026-10-25 01:30:00', { zone: 'Europe/Berlin' }, '2026-10-24T23:30:00Z'],
    ['2026-10-25 02:30:00', { zone: 'Europe/Berlin' }, '2026-10-25T00:30:00Z'],
    ['2026-10-25 03:30:00', { zone: 'Europe/Berlin' }, '2026-10-25T02:30:00Z'],
    ['2026-03-29 01:30:00', { zone: 'Europe/Berlin' }, '2026-03-29T00:30:00Z'],
    ['2026-03-29 03:30:00', { zone: 'Europe/Berlin' }, '2026-03-29T01:30:00Z'],
    ['2026-04-05 02:15:00', { zone: 'Australia/Lord_Howe' }, '2026-04-04T15:45:00Z'],
  ])('%s %j', (text, written, expected) => {
    expect(shown(text, Object.assign({}, written, exact), expected)).toBe(expected)
  })

  test('a year that is not said is that of the engine, the one before or after it', () => {
    const written = { formats: ['syslog'] }
    expect(shown('Dec 31 23:59:59', written, '2027-01-01T00:00:00Z')).toMatch(/^2026-12-31T23:59:59/)
    expect(shown('Jan  1 00:00:01', written, '2026-12-31T23:59:59Z')).toBe('2027-01-01T00:00:01.5Z')
    expect(shown('23:59:59', { formats: ['%H:%M:%S'] }, '2027-01-01T00:00:00Z')).toMatch(/^2026-12-31T23:59:59/)
  })

  test.each([
    '',
    'soon',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-11-23T24:00:00Z',
    '12',
    'x'.repeat(1_000),
  ])('%j is no time: the line goes by that of the engine', (text) => {
    expect(shown(text)).toBe('2026-11-23T12:42:29Z')
  })

  test('any time comes back, in any zone', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe')
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000_000, max: 2_000_000_000 }), zones, (seconds, zone) => {
        const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
        const text = wall.format(seconds * 1000)
        const found = shown(text, Object.assign({ zone }, exact), formatTimestamp(seconds, 0))
        // Of the hour that a clock shows twice the first is taken.
        expect(wall.format(Date.parse(found))).toBe(text)
        expect(Date.parse(found) / 1000).toBeLessThanOrEqual(seconds)
      }),
      { numRuns: 300 },
    )
  })
})

describe("what lies too far from the engine's time", () => {
  test.each<[string, Written, string]>([
    ['2026-11-22T12:42:28Z', {}, '2026-11-23T12:42:29Z'],
    ['2026-11-23T12:52:30Z', {}, '2026-11-23T12:42:29Z'],
    ['2026-11-23T12:52:30Z', { outside: 'clamp' }, '2026-11-23T12:52:29Z'],
    ['2026-11-01T00:00:00Z', { outside: 'clamp', max_behind: '1500ms' }, '2026-11-23T12:42:27.5Z'],
    ['2026-11-23T12:52:30Z', { outside: 'keep' }, '2026-11-23T12:52:30.5Z'],
  ])('%s %j', (text, written, expected) => {
    expect(shown(text, written)).toBe(expected)
  })

  test('is counted, and so is what is no time', async () => {
    const metrics = createMetrics()
    const transform = timestamp.create(timestamp.options.parse({}), { id: 'time', metrics })
    const times = ['2020-01-01T00:00:00Z', 'soon', '2026-11-18T11:06:40Z']
    transform.apply(new BatchMaker().batchOf(times.map((time) => ({ text: '', fields: { time } }))))
    expect((await metrics.timesOutside.get()).values).toMatchObject([{ value: 1, labels: { transform: 'time' } }])
    expect((await metrics.parseFailures.get()).values).toMatchObject([{ value: 1, labels: { transform: 'time' } }])
  })
})

describe('the digits below the step of a time', () => {
  const steps = fc.constantFrom(['', 1e9] as const, ['.123', 1e6] as const)
  /** The digits of lines that the engine has so many microseconds after their time. */
  const digitsOf = (fraction: string, micros: readonly number[]) => {
    const text = `2026-11-23T12:42:29${fraction}Z`
    const base = parseTimestamp(text)!
    return micros.map((delay) => {
      const nanos = base.nanos + delay * 1_000
      const engine = formatTimestamp(base.seconds + Math.floor(nanos / 1e9), ((nanos % 1e9) + 1e9) % 1e9)
      const time = parseTimestamp(shown(text, {}, engine))!
      return (time.seconds - base.seconds) * 1e9 + time.nanos - base.nanos
    })
  }

  test('keep lines in order that come within a second', () => {
    const delays = fc.uniqueArray(fc.integer({ min: 0, max: 99_999 }), { minLength: 2, maxLength: 20 })
    fc.assert(
      fc.property(steps, delays, ([fraction, step], tens) => {
        const digits = digitsOf(
          fraction,
          [...tens].sort((a, b) => a - b).map((ten) => ten * 10),
        )
        expect(digits).toEqual([...new Set(digits)].sort((a, b) => a - b))
        expect(digits[0]).toBeGreaterThanOrEqual(0)
        expect(digits.at(-1)).toBeLessThan(step)
      }),
      { numRuns: 50 },
    )
  })

  test('tell lines apart that come long after, or before', () => {
    const begin = fc.oneof(
      fc.integer({ min: 1_000_000, max: 60_000_000_000 }),
      fc.integer({ min: -500_000_000, max: -500 }),
    )
    fc.assert(
      fc.property(steps, begin, ([fraction, step], first) => {
        const digits = digitsOf(
          fraction,
          Array.from({ length: 10 }, (_, i) => first + i * 40),
        )
        expect(new Set(digits).size).toBe(10)
        for (const one of digits) expect(one >= 0 && one < step).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

test.each([
  [{ formats: ['rfc333'] }, /did you mean .*rfc3339/],
  [{ formats: ['%Q'] }, /%Q stands for nothing/],
  [{ formats: ['%d.%m.%Y'] }, /no time of day/],
  [{ formats: ['%H %H'] }, /was read before/],
  [{ zone: 'Berlin' }, /no time zone/],
])('%j is a mistake', (written, expected) => {
  expect(() => timestamp.options.parse(written)).toThrow(expected)
})
