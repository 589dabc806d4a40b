import { describe, expect, test } from 'vitest'
import { detectableRate } from './detectable.ts'
import { judgeRises } from './rises.ts'
import { cycleSeries, seededRandom } from './worlds.ts'

const seed = 11
const runs = 300

describe(`the growth that would be found (seed ${seed})`, () => {
  test.each([
    { cycles: 40, level: 0.01 },
    { cycles: 120, level: 0.01 },
    { cycles: 120, level: 0.0001 },
  ])('$cycles cycles at $level: leaks of it are found, those of a third often not', ({ cycles, level }) => {
    const random = seededRandom(seed)
    const judged = (leak: number) => {
      const { at, values } = cycleSeries(random, 'drained', { cycles, leak })
      return judgeRises(at, values, level)
    }
    const clean = judgeRises(...quiet(cycles), level)
    const rate = clean.kind === 'growth' ? detectableRate(clean.evidence, clean.growth)! : NaN
    const found = (leak: number) =>
      Array.from({ length: runs }, () => judged(leak)).filter((one) => one.kind === 'growth' && one.isLeak).length /
      runs
    expect(found(rate)).toBeGreaterThan(0.965)
    expect(found(rate / 3)).toBeLessThan(0.8)
  })

  test('of too few readings there is none', () => {
    const finding = judgeRises(...quiet(12), 1e-12)
    expect(finding.kind === 'growth' && detectableRate(finding.evidence, finding.growth)).toBeUndefined()
  })
})

function quiet(cycles: number): [readonly number[], readonly number[]] {
  const at = Array.from({ length: cycles }, (_, i) => i + 1)
  return [at, at.map(() => 100)]
}
