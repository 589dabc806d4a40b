import { describe, expect, test } from 'vitest'
import { judgeAmounts } from './amounts.ts'
import type { Finding } from './growth.ts'
import { judgeRises } from './rises.ts'
import { judgeTrend } from './trend.ts'
import { tooMany } from './tries.ts'
import {
  type HeapWorld,
  cycleSeries,
  type CycleWorld,
  heapSeries,
  type Random,
  seededRandom,
  timeSeries,
  type TimeWorld,
} from './worlds.ts'

const level = 0.01
const seed = Number(process.env['SEED'] ?? 20)
const runs = 300

function rises(random: Random, world: CycleWorld, options: { cycles: number; leak: number }): Finding {
  const { at, values } = cycleSeries(random, world, options)
  return judgeRises(at, values, level)
}

function trend(random: Random, world: TimeWorld, { minutes, leak }: { minutes: number; leak: number }): Finding {
  const { at, values } = timeSeries(random, world, { minutes, leak, everyMinutes: 1 / 6, correlationMinutes: 1 / 3 })
  return judgeTrend(at, values, { level, warmUp: undefined, isCount: true })
}

function amounts(random: Random, world: HeapWorld, options: { cycles: number; leak: number }): Finding {
  const { at, values } = heapSeries(random, world, options)
  return judgeAmounts(at, values, level)
}

function count(findings: readonly Finding[], is: (finding: Extract<Finding, { kind: 'growth' }>) => boolean): number {
  return findings.filter((finding) => finding.kind === 'growth' && is(finding)).length
}

describe(`error rates, SEED=${seed}`, () => {
  const made = (judged: (random: Random) => Finding) => {
    const random = seededRandom(seed)
    return Array.from({ length: runs }, () => judged(random))
  }

  test.each([
    'bare',
    'drained',
    'warm-up',
    'late step',
    'wandering pool',
  ] as const)('counts without a leak: %s', (world) => {
    for (const cycles of [17, 60]) {
      const findings = made((random) => rises(random, world, { cycles, leak: 0 }))
      expect(count(findings, ({ isLeak }) => isLeak)).toBeLessThan(tooMany(runs, level))
    }
  })

  test.each([0.1, 0.5, 1, 5, 15])('counts that leak %f a cycle: limits hold', (leak) => {
    for (const cycles of [17, 60]) {
      const findings = made((random) => rises(random, 'warm-up', { cycles, leak }))
      expect(count(findings, ({ growth }) => growth.high <= leak)).toBeLessThan(tooMany(runs, level))
      expect(count(findings, ({ growth }) => growth.low > leak)).toBeLessThan(tooMany(runs, level))
    }
  })

  test.each([0.5, 1, 5, 15])('counts that leak %f a cycle, in 60 cycles: found', (leak) => {
    const findings = made((random) => rises(random, 'drained', { cycles: 60, leak }))
    expect(runs - count(findings, ({ isLeak }) => isLeak)).toBeLessThan(tooMany(runs, level))
  })

  test('twelve leaked in 37 judged cycles: found', () => {
    const findings = made((random) => rises(random, 'drained', { cycles: 44, leak: 12 / 37 }))
    expect(runs - count(findings, ({ isLeak }) => isLeak)).toBeLessThan(tooMany(runs, level))
  })

  test.each(['noise', 'correlated', 'warm-up', 'step', 'spikes'] as const)('bytes at rest: %s', (world) => {
    for (const cycles of [17, 60]) {
      const clean = made((random) => amounts(random, world, { cycles, leak: 0 }))
      expect(count(clean, ({ isLeak }) => isLeak)).toBeLessThan(tooMany(runs, level))
      const leaking = made((random) => amounts(random, world, { cycles, leak: 50_000 }))
      expect(count(leaking, ({ growth }) => growth.high <= 50_000)).toBeLessThan(tooMany(runs, level))
    }
  })

  test('bytes at rest that leak as much as the noise in 30 cycles: found', () => {
    const findings = made((random) => amounts(random, 'noise', { cycles: 30, leak: 50_000 }))
    expect(runs - count(findings, ({ isLeak }) => isLeak)).toBeLessThan(tooMany(runs, level))
  })

  test.each(['noise', 'churn', 'step', 'saw-tooth'] as const)('counts under load without a leak: %s', (world) => {
    for (const minutes of [30, 120]) {
      const findings = made((random) => trend(random, world, { minutes, leak: 0 }))
      expect(count(findings, ({ isLeak }) => isLeak)).toBeLessThan(tooMany(runs, level))
    }
  })

  test.each([0.1, 0.5, 1, 5])('counts under load that leak %f a minute: limits hold', (leak) => {
    const findings = made((random) => trend(random, 'churn', { minutes: 120, leak }))
    expect(count(findings, ({ growth }) => growth.high <= leak)).toBeLessThan(tooMany(runs, level))
    expect(count(findings, ({ growth }) => growth.low > leak)).toBeLessThan(tooMany(runs, level))
  })

  test.each([0.5, 1])('counts under load that leak %f a minute, in two hours: found', (leak) => {
    const findings = made((random) => trend(random, 'churn', { minutes: 120, leak }))
    expect(runs - count(findings, ({ isLeak }) => isLeak)).toBeLessThan(tooMany(runs, level))
  })
})
