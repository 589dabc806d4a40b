import { describe, expect, test } from 'vitest'
import { judge } from './judge.ts'
import { levelAfter } from './projection.ts'
import type { Criteria, Series } from './series.ts'

const cycles = Array.from({ length: 40 }, (_, i) => i + 1)
const steady = cycles.map(() => 100)
const growing = cycles.map((i) => 100 + i)

function seriesOf(columns: Readonly<Record<string, readonly number[]>>, more: Partial<Series> = {}): Series {
  const resources = Object.entries(columns).map(([name, values]) => ({ name, values }))
  return { unit: 'cycle', at: cycles, resources, unread: [], identities: [], ...more }
}

function below(limits: Readonly<Record<string, number | undefined>>, more: Partial<Criteria> = {}): Criteria {
  const resources = Object.entries(limits).map(([name, limit]) => ({ name, below: limit, kind: undefined }))
  return { alpha: 0.01, look: undefined, warmUp: undefined, resources, ...more }
}

describe('the verdict', () => {
  test.each([
    { name: 'met', columns: { a: steady }, limits: { a: 1 }, outcome: 'clean', result: 'met' },
    { name: 'open', columns: { a: steady }, limits: { a: 0.1 }, outcome: 'not_enough_evidence', result: 'not_judged' },
    { name: 'missed', columns: { a: growing }, limits: { a: 0.1 }, outcome: 'leak', result: 'missed' },
    { name: 'a leak within its criterion', columns: { a: growing }, limits: { a: 10 }, outcome: 'leak', result: 'met' },
    {
      name: 'a leak about its criterion',
      columns: { a: growing },
      limits: { a: 1 },
      outcome: 'leak',
      result: 'not_judged',
    },
  ])('$name', ({ columns, limits, outcome, result }) => {
    const verdict = judge(seriesOf(columns), below(limits))
    expect(verdict).toMatchObject({ outcome, resources: [{ outcome, criterion: { result } }] })
  })

  test('without a criterion nothing is clean', () => {
    const verdict = judge(seriesOf({ a: steady, b: growing }), below({}))
    expect(verdict.resources.map(({ outcome }) => outcome)).toEqual(['not_enough_evidence', 'leak'])
    expect(verdict.outcome).toBe('leak')
  })

  test('what no criterion names is not judged, and what is not there is invalid', () => {
    const verdict = judge(seriesOf({ a: steady, requests: growing }), below({ a: 1, b: 1 }))
    expect(verdict).toMatchObject({ outcome: 'invalid', notJudged: ['requests'] })
    expect(verdict.resources[1]).toMatchObject({ outcome: 'invalid', reason: 'the series has no such column' })
  })

  test('the chance to be wrong is shared among resources, and among looks', () => {
    const series = seriesOf({ a: steady, b: steady })
    expect(judge(series, below({ a: 1 })).level).toBe(0.01)
    expect(judge(series, below({ a: 1, b: 1 })).level).toBe(0.005)
    expect(judge(series, below({ a: 1 }, { look: 3 })).level).toBeCloseTo(0.01 / 12)
  })

  test('as much more as is said is enough', () => {
    const [short] = judge(seriesOf({ a: steady }), below({ a: 0.1 })).resources
    const longer = Array.from({ length: 40 + Math.ceil(short!.moreNeeded!) + 1 }, (_, i) => i + 1)
    const series = seriesOf({ a: longer.map(() => 100) }, { at: longer })
    expect(judge(series, below({ a: 0.1 })).outcome).toBe('clean')
  })
})

describe('by operations', () => {
  const operations = cycles.map((i) => i * 500)

  test('one reading a cycle is judged as cycles are, and the rates are of an operation', () => {
    const [byCycle] = judge(seriesOf({ a: growing }), below({ a: 0.1 })).resources
    const [resource] = judge(
      seriesOf({ a: growing }, { unit: 'operation', at: operations }),
      below({ a: 0.1 / 500 }),
    ).resources
    expect(resource).toMatchObject({ outcome: 'leak', criterion: { result: 'missed' }, evidence: { rule: 'rises' } })
    expect(resource!.growth!.high).toBeCloseTo(byCycle!.growth!.high / 500, 12)
  })

  test('cycles need not have the same number of operations', () => {
    const at = cycles.map((i) => i * 500 + (i % 2) * 200)
    expect(judge(seriesOf({ a: steady }, { unit: 'operation', at }), below({ a: 1 })).outcome).toBe('clean')
  })

  test('no operation between two readings is invalid', () => {
    const at = operations.map((place, i) => (i < 20 ? place : operations[19]!))
    const verdict = judge(seriesOf({ a: steady }, { unit: 'operation', at }), below({ a: 1 }))
    expect(verdict).toMatchObject({
      outcome: 'invalid',
      faults: ['the operation does not increase from reading 20 to 21'],
    })
  })
})

describe('what is invalid', () => {
  const without = (from: number, to: number) => cycles.filter((i) => i < from || i >= to)
  test.each([
    {
      name: 'a clock that goes back',
      more: { at: cycles.map((i) => (i === 20 ? 18.5 : i)) },
      fault: /does not increase from reading 19 to 20/,
    },
    { name: 'a gap', more: { at: without(20, 24) }, fault: /no reading between cycle 19 and 24/ },
    { name: 'missing readings', more: { at: cycles.filter((i) => i % 8 !== 0) }, fault: /35 readings of 39/ },
    { name: 'a restart', more: { identities: [{ name: 'pid', values: ['7', '7', '9'] }] }, fault: /"pid" changes/ },
  ])('$name', ({ more, fault }) => {
    const at = more.at ?? cycles
    const verdict = judge(seriesOf({ a: at.map(() => 100) }, more), below({ a: 1 }))
    expect(verdict.outcome).toBe('invalid')
    expect(verdict.faults.join()).toMatch(fault)
    expect(verdict.resources[0]!.criterion!.result).toBe('not_judged')
  })

  test.each([
    { name: 'zero throughout', values: cycles.map(() => 0), reason: /zero throughout/ },
    { name: 'below zero', values: cycles.map((i) => 10 - i), reason: /below zero/ },
    { name: 'too few values', values: cycles.map((i) => (i < 5 ? NaN : 7)), reason: /36 of 40 readings/ },
    { name: 'no value at the end', values: cycles.map((i) => (i < 40 ? 7 : NaN)), reason: /may have ended/ },
    { name: 'an amount that never moves', values: cycles.map(() => 1.5), reason: /stands still/ },
    { name: 'empty', values: cycles.map(() => NaN), reason: /0 of 40 readings/ },
  ])('$name', ({ values, reason }) => {
    const [resource] = judge(seriesOf({ a: values }), below({ a: 1 })).resources
    expect(resource).toMatchObject({ outcome: 'invalid', growth: undefined })
    expect(resource!.reason).toMatch(reason)
  })

  test('a leak is one, whatever else is invalid', () => {
    expect(judge(seriesOf({ a: growing, b: cycles.map(() => 0) }), below({ a: 1, b: 1 })).outcome).toBe('leak')
  })
})

// Descriptors above the first reading, every two minutes of a run of which (last - first) / time was called a falling rate of growth.
describe('eight readings that rise, level off and step down', () => {
  const at = [0, 2, 4, 6, 8, 10, 12, 14]
  const descriptors = [0, 8, 11, 12, 12, 9, 9, 9].map((more) => 40 + more)
  const inTime = (limit: number) =>
    judge(seriesOf({ descriptors }, { unit: 'minute', at }), below({ descriptors: limit }))

  test.each([
    { limit: 5, result: 'met' },
    { limit: 2, result: 'met' },
    { limit: 0.1, result: 'not_judged' },
  ])('are below $limit a minute: $result, and not enough evidence of a leak or of none', ({ limit, result }) => {
    const [resource] = inTime(limit).resources
    expect(resource).toMatchObject({
      outcome: 'not_enough_evidence',
      criterion: { result },
      evidence: { rule: 'bound' },
    })
  })

  test('a limit of 0.1 a minute takes 46 steady minutes, 36 of them more', () => {
    const [resource] = inTime(0.1).resources
    expect(resource!.growth).toMatchObject({ rate: 0, low: 0 })
    expect(resource!.growth!.high).toBeCloseTo(1.09, 2)
    expect(resource!.evidence).toMatchObject({ exposure: 10, steady: { below: 0.1 } })
    expect(resource!.evidence?.rule === 'bound' && resource!.evidence.steady.exposure).toBeCloseTo(46.05, 2)
    expect(resource!.moreNeeded).toBeCloseTo(36.05, 2)
  })

  test('after 30 minutes there are likely as many as now, and at most 17 more', () => {
    const { likely, most } = levelAfter(inTime(2).resources[0]!.growth!, 49, 16)
    expect([likely, Math.floor(most)]).toEqual([49, 66])
  })

  test('are too few at rest', () => {
    const verdict = judge(seriesOf({ descriptors }, { unit: 'cycle', at }), below({ descriptors: 5 }))
    expect(verdict.resources[0]).toMatchObject({ outcome: 'not_enough_evidence', growth: undefined })
  })
})
