import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeAmounts } from './amounts.ts'
import type { Finding } from './growth.ts'
import { judgeRises } from './rises.ts'
import { judgeTrend } from './trend.ts'

const level = 0.01
const cycles = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
const rises = (counts: readonly number[]) => judgeRises(cycles(counts.length), counts, level)
const said = (finding: Finding) => (finding.kind === 'unjudged' ? 'unjudged' : finding.isLeak ? 'leak' : 'none')

describe('rises', () => {
  test.each([
    { name: 'constant', of: () => 100, says: 'none' },
    { name: 'one more a cycle', of: (i: number) => 100 + i, says: 'leak' },
    { name: 'one more in five cycles', of: (i: number) => 100 + Math.floor(i / 5), says: 'leak' },
    { name: 'a single large step', of: (i: number) => (i < 20 ? 100 : 150), says: 'none' },
    { name: 'two steps', of: (i: number) => 100 + (i > 12 ? 5 : 0) + (i > 25 ? 5 : 0), says: 'none' },
    { name: 'stragglers now and then', of: (i: number) => 100 + (i % 7 === 0 ? 9 : 0), says: 'none' },
    { name: 'a warm-up of a few cycles', of: (i: number) => Math.round(130 - 30 * Math.exp(-i)), says: 'none' },
    { name: 'falling', of: (i: number) => 200 - i, says: 'none' },
    { name: 'a saw-tooth', of: (i: number) => 100 + (i % 10), says: 'none' },
    { name: 'settling all the time', of: (i: number) => Math.round(300 - 200 * Math.exp(-i / 12)), says: 'unjudged' },
  ])('$name: $says', ({ of, says }) => {
    expect(said(rises(cycles(40).map(of)))).toBe(says)
  })

  test('without rises the limit is that of one event in the judged cycles', () => {
    const finding = rises(cycles(107).map(() => 100))
    expect(finding).toMatchObject({ isLeak: false, growth: { rate: 0, low: 0 }, evidence: { exposure: 100, risen: 0 } })
    expect(finding.kind === 'growth' && finding.growth.high).toBeCloseTo(6.638 / 100, 4)
  })

  test('a smaller level asks for more rises', () => {
    const counts = cycles(40).map((i) => 100 + [12, 20, 28].filter((at) => i > at).length)
    expect(said(judgeRises(cycles(40), counts, 0.01))).toBe('leak')
    expect(judgeRises(cycles(40), counts, 0.001)).toMatchObject({
      isLeak: false,
      evidence: { rises: 3, risesNeeded: 5 },
    })
  })

  test('too short to judge', () => {
    expect(said(rises([1, 2, 3]))).toBe('unjudged')
    expect(said(rises([]))).toBe('unjudged')
  })
})

const minutes = Array.from({ length: 181 }, (_, i) => i / 6)
const trend = (values: readonly number[]) => judgeTrend(minutes, values, { level, warmUp: undefined, isCount: false })
/** Without order, and the same each time. */
const jitter = (i: number) => ((i * 7_919) % 101) / 101 - 0.5

describe('trend', () => {
  test.each([
    { name: 'noise', of: (i: number) => 100 + jitter(i), says: 'none' },
    { name: 'a slope in noise', of: (i: number) => 100 + jitter(i) + i / 60, says: 'leak' },
    { name: 'a step', of: (i: number) => 100 + jitter(i) + (i > 100 ? 5 : 0), says: 'none' },
    { name: 'a step close to the end', of: (i: number) => 100 + jitter(i) + (i > 172 ? 5 : 0), says: 'none' },
    { name: 'a step in the warm-up', of: (i: number) => 100 + jitter(i) + (i > 30 ? 50 : 0), says: 'none' },
    { name: 'a saw-tooth', of: (i: number) => 100 + jitter(i) + (i % 12), says: 'none' },
    { name: 'a saw-tooth on a slope', of: (i: number) => 100 + jitter(i) + (i % 12) + i / 6, says: 'leak' },
    { name: 'a wave as long as the run', of: (i: number) => 100 + jitter(i) + 20 * Math.sin(i / 29), says: 'unjudged' },
  ])('$name: $says', ({ of, says }) => {
    expect(said(trend(minutes.map((_, i) => of(i))))).toBe(says)
  })
})

describe('amounts at rest', () => {
  const amounts = (count: number, of: (i: number) => number) =>
    said(judgeAmounts(cycles(count), cycles(count).map(of), level))

  test.each([
    { name: 'noise', of: (i: number) => 100 + jitter(i), says: 'none' },
    { name: 'a slope in noise', of: (i: number) => 100 + jitter(i) + i, says: 'leak' },
    { name: 'a slope without noise', of: (i: number) => 100.5 + i, says: 'leak' },
    { name: 'a step', of: (i: number) => 100 + jitter(i) + (i > 20 ? 50 : 0), says: 'none' },
    { name: 'a step close to the end', of: (i: number) => 100 + jitter(i) + (i > 38 ? 50 : 0), says: 'none' },
    { name: 'falling', of: (i: number) => 100 + jitter(i) - i, says: 'none' },
    { name: 'a warm-up', of: (i: number) => 100 + jitter(i) - 50 * Math.exp(-i / 3), says: 'none' },
    { name: 'settling all the time', of: (i: number) => 100 + jitter(i) - 500 * Math.exp(-i / 30), says: 'unjudged' },
  ])('$name: $says', ({ of, says }) => {
    expect(amounts(40, of)).toBe(says)
  })

  test('17 readings are judged, and a large leak is found in them; 15 are too few', () => {
    expect(amounts(17, (i) => 100 + jitter(i))).toBe('none')
    expect(amounts(17, (i) => 100 + jitter(i) + 3 * i)).toBe('leak')
    expect(amounts(15, (i) => 100 + jitter(i))).toBe('unjudged')
    expect(amounts(0, () => 0)).toBe('unjudged')
  })
})

describe('all rules', () => {
  const series = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 40, maxLength: 120 })
  const all = (at: readonly number[], values: readonly number[]) => [
    judgeRises(at, values, level),
    judgeTrend(at, values, { level, warmUp: undefined, isCount: true }),
    judgeAmounts(at, values, level),
  ]

  test('limits enclose the estimate, and a leak has a lower limit above zero', () => {
    fc.assert(
      fc.property(series, (values) => {
        for (const finding of all(cycles(values.length), values)) {
          if (finding.kind === 'unjudged') continue
          const { rate, low, high } = finding.growth
          expect(low).toBeLessThanOrEqual(rate + 1e-9)
          expect(high).toBeGreaterThanOrEqual(rate - 1e-9)
          if (finding.isLeak) expect(low).toBeGreaterThan(0)
        }
      }),
    )
  })

  test('how high a series stands changes nothing, and a stretched axis divides the rate', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 1_000 }), (values, offset) => {
        const at = cycles(values.length)
        const raised = all(
          at,
          values.map((value) => value + offset),
        )
        const stretched = all(
          at.map((place) => place * 4),
          values,
        )
        for (const [i, finding] of all(at, values).entries()) {
          expect(said(raised[i]!)).toBe(said(finding))
          const other = stretched[i]!
          if (finding.kind === 'growth' && other.kind === 'growth')
            expect(other.growth.rate).toBeCloseTo(finding.growth.rate / 4, 6)
        }
      }),
    )
  })
})
