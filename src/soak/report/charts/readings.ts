import type { TargetRecord } from '../../run-record.ts'
import type { Outcome } from '../../verdict/judge.ts'
import { floorsOf } from '../../verdict/rises.ts'
import { factsOf, judgedFrom, type ResourceFacts, thousand } from '../facts.ts'
import { range } from '../figures.ts'
import type { Figure, Panel } from './figure.ts'
import { inner, small, smallChart, smallScales } from './frame.ts'
import { extentOf, type Scale, thinned } from './scale.ts'
import { dots, element, line, type Point, steps } from './svg.ts'

/** Of each resource: readings under load, at rest, the floor that lasts, and where its growth may go. */
export function readingsFigure(target: TargetRecord, name: string): Figure {
  const facts = factsOf(target)
  const informative = target.resources
    .filter((record) => !facts.some((one) => one.name === record.name))
    .map((record): ResourceFacts => ({ ...unjudged, name: record.name, unit: record.unit, record }))
  const panels = [...facts, ...informative].flatMap((one) => (one.record ? [panelOf(target, one)] : []))
  return {
    name,
    title: `Readings of ${target.name}`,
    caption:
      'The floor that lasts is the least of a reading at rest and all later ones. The fan spans the limits of the growth, which are told per 1,000 operations, from where judging begins; readings before it are warm-up. Readings under load may be cut off.',
    legend: [
      { swatch: element('path', { class: 'raw', d: 'M0 8L4 3L8 9L12 4L16 8L20 5' }), text: 'under load' },
      {
        swatch: element('path', {
          class: 'floor',
          d: dots([
            [4, 6],
            [10, 7],
            [16, 5],
          ]),
        }),
        text: 'at rest',
      },
      { swatch: element('path', { class: 'envelope', d: 'M0 9H8V4H20' }), text: 'floor that lasts' },
      {
        swatch: `${element('path', { class: 'fan', d: 'M0 9L20 1V8Z' })}${element('path', { class: 'slope', d: 'M0 9L20 5' })}`,
        text: 'growth, with limits',
      },
      { swatch: element('rect', { class: 'warm-up', width: 20, height: 12 }), text: 'warm-up, not judged' },
    ],
    panels,
    narrow: undefined,
  }
}

const unjudged = {
  verdict: {
    name: '',
    kind: 'size',
    outcome: 'invalid',
    criterion: undefined,
    growth: undefined,
    evidence: undefined,
    moreNeeded: undefined,
    reason: undefined,
  },
  outcome: 'invalid',
  growth: undefined,
  detectable: undefined,
} as const

const tones: Readonly<Record<Outcome, 'good' | 'bad' | 'open'>> = {
  clean: 'good',
  leak: 'bad',
  not_enough_evidence: 'open',
  invalid: 'open',
}

const words: Readonly<Record<Outcome, string>> = {
  clean: 'no leak',
  leak: 'LEAK',
  not_enough_evidence: 'not enough evidence',
  invalid: 'not judged',
}

/** A cycle's reading at rest. */
interface Rest {
  readonly index: number
  readonly atSeconds: number
  readonly operations: number
  readonly value: number
}

function panelOf(target: TargetRecord, facts: ResourceFacts): Panel {
  const record = facts.record!
  const rests = target.cycles.flatMap(({ atSeconds, operations }, index): Rest[] => {
    const value = record.floors[index]
    return value === null || value === undefined ? [] : [{ index, atSeconds, operations, value }]
  })
  const start = judgedFrom(facts)
  const fan = fanOf(
    facts,
    rests.filter(({ index }) => start !== undefined && index >= start),
  )
  const end = Math.max(rests.at(-1)?.atSeconds ?? 0, record.raw.at(-1)?.atSeconds ?? 0)
  const time =
    end > 3 * 3_600
      ? { divisor: 3_600, name: 'hours since the start' }
      : { divisor: 60, name: 'minutes since the start' }
  const { x, y } = smallScales(
    [0, end / time.divisor],
    valuesOf(
      record.raw.map(({ value }) => value),
      rests,
      fan,
    ),
    facts.unit,
  )
  const at = (seconds: number, value: number): Point => [x.place(seconds / time.divisor), y.place(value)]
  const subtitle = facts.growth
    ? `${words[facts.outcome]}, ${range(facts.growth.low * thousand, facts.growth.high * thousand, facts.unit)} per 1,000`
    : record.isInformative
      ? 'read, not judged'
      : words[facts.outcome]
  return {
    width: small.width,
    height: small.height,
    title: facts.name,
    description: `${facts.name}, ${rests.length} readings at rest. ${subtitle}.`,
    body: smallChart({
      title: facts.name,
      subtitle,
      tone: tones[facts.outcome],
      x,
      y,
      unit: facts.unit,
      xName: time.name,
      yName: facts.unit === 'items' ? 'items' : 'held',
      marks: marksOf({ facts, rests, fan, start, at, x }),
    }),
  }
}

interface Drawing {
  readonly facts: ResourceFacts
  readonly rests: readonly Rest[]
  readonly fan: Fan | undefined
  readonly start: number | undefined
  readonly at: (seconds: number, value: number) => Point
  readonly x: Scale
}

function marksOf({ facts, rests, fan, start, at }: Drawing): readonly string[] {
  const record = facts.record!
  const raw = thinned(record.raw, ({ value }) => value, inner.width)
  const first = rests.find(({ index }) => index === start)
  const marks = [
    first && element('rect', { class: 'warm-up', x: 0, y: 0, width: at(first.atSeconds, 0)[0], height: inner.height }),
    fan &&
      element('path', {
        class: 'fan',
        d: `${line([...fan.high, ...[...fan.low].reverse()].map((one) => at(...one)))}Z`,
      }),
    raw.length > 0 &&
      element('path', { class: 'raw', d: line(raw.map(({ atSeconds, value }) => at(atSeconds, value))) }),
    fan && element('path', { class: 'slope', d: line(fan.rate.map((one) => at(...one))) }),
    element('path', {
      class: rests.length > 60 ? 'floor many' : 'floor',
      d: dots(
        thinned(rests, ({ value }) => value, inner.width / 2).map(({ atSeconds, value }) => at(atSeconds, value)),
      ),
    }),
    facts.verdict.evidence?.rule === 'rises' &&
      element('path', {
        class: 'envelope',
        d: steps(envelopeOf(rests).map(({ atSeconds, value }) => at(atSeconds, value))),
      }),
  ]
  return marks.filter((mark) => mark !== undefined && mark !== false)
}

/** As the rule for counts sees them. */
export function envelopeOf<Reading extends { readonly value: number }>(rests: readonly Reading[]): readonly Reading[] {
  const floors = floorsOf(
    rests.map(({ value }) => value),
    Math.max(0, rests.length - 3),
  )
  return rests.map((rest, i) => ({ ...rest, value: floors[i]! }))
}

/** Lines in seconds and values. */
interface Fan {
  readonly low: readonly Point[]
  readonly rate: readonly Point[]
  readonly high: readonly Point[]
}

/** A count grows from its lasting floor; a trend goes through the middle of its readings. */
function fanOf({ growth, verdict }: ResourceFacts, judged: readonly Rest[]): Fan | undefined {
  const [first] = judged
  if (!growth || !first) return undefined
  const isCount = verdict.evidence?.rule === 'rises'
  const pivot = isCount
    ? { operations: first.operations, value: Math.min(...judged.map(({ value }) => value)) }
    : {
        operations: meanOf(judged.map(({ operations }) => operations)),
        value: meanOf(judged.map(({ value }) => value)),
      }
  const lineOf = (rate: number) =>
    thinned(judged, ({ operations }) => operations, 40).map(
      ({ atSeconds, operations }): Point => [atSeconds, pivot.value + rate * (operations - pivot.operations)],
    )
  // Towards the past the line that grows least is the upper one.
  return { low: lineOf(growth.low), rate: lineOf(growth.rate), high: lineOf(growth.high) }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** All readings at rest and the fan near them, and of the load as much as does not flatten them. */
function valuesOf(raw: readonly number[], rests: readonly Rest[], fan: Fan | undefined): readonly [number, number] {
  const [low, high] = extentOf(rests.map(({ value }) => value)) ?? extentOf(raw) ?? [0, 1]
  const range = Math.max(high - low, 1)
  const fanned = extentOf([...(fan ? [...fan.low, ...fan.high].map(([, value]) => value) : []), low, high])!
  const bottom = Math.max(fanned[0], low - range)
  const top = Math.min(fanned[1], high + 3 * range)
  const loaded = extentOf([...raw, top])![1]
  const room = (top - bottom) * 0.05
  return [bottom - room, Math.min(loaded, bottom + 5 * (top - bottom)) + room]
}
