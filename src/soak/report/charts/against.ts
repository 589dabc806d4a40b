import type { ResourceRecord, TargetRecord } from '../../run-record.ts'
import { factsOf, judgedFrom } from '../facts.ts'
import { amount } from '../figures.ts'
import type { Figure, LegendEntry, Panel } from './figure.ts'
import { inner, small, smallChart, smallScales } from './frame.ts'
import { envelopeOf } from './readings.ts'
import { extentOf, thinned } from './scale.ts'
import { element, type Point, steps } from './svg.ts'

/** A program beside others, by the name that the chart gives it. */
export interface Contestant {
  readonly name: string
  readonly target: TargetRecord
}

const styles = 6

/** What each program holds more than at the end of its warm-up, over its operations: of every resource that two of them have. Undefined: there is none. */
export function againstFigure(contestants: readonly Contestant[]): Figure | undefined {
  const names = contestants[0]?.target.verdict.resources.map(({ name }) => name) ?? []
  const panels = names.flatMap((name) => panelOf(name, contestants))
  if (contestants.length < 2 || panels.length === 0) return undefined
  return {
    name: 'against',
    title: 'Held beyond the warm-up, program against program',
    caption: 'Of counts the floor that lasts, of amounts the readings at rest, less where judging begins.',
    legend: contestants.map(
      ({ name }, i): LegendEntry => ({
        swatch: element('path', { class: `program program-${i % styles}`, d: 'M0 6H20' }),
        text: name,
      }),
    ),
    panels,
    narrow: undefined,
  }
}

interface Series {
  readonly style: number
  readonly name: string
  readonly record: ResourceRecord
  readonly points: readonly { readonly operations: number; readonly value: number }[]
}

function panelOf(name: string, contestants: readonly Contestant[]): readonly Panel[] {
  const all = contestants.flatMap((one, i) => seriesOf(name, one, i % styles))
  if (all.length < 2) return []
  const unit = all[0]!.record.unit
  const most = Math.max(...all.map(({ points }) => points.at(-1)!.operations))
  const extent = extentOf(all.flatMap(({ points }) => points.map(({ value }) => value)))!
  const room = Math.max((extent[1] - extent[0]) * 0.06, 0.5)
  const { x, y } = smallScales([0, most / 1_000], [extent[0] - room, extent[1] + room], unit)
  const ends = all.map((one) => `${one.name} ${signed(amount(one.points.at(-1)!.value, unit))}`).join(', ')
  return [
    {
      width: small.width,
      height: small.height,
      title: name,
      description: `${name}, at the end: ${ends}.`,
      body: smallChart({
        title: name,
        subtitle: `at the end: ${all.map(({ points }) => signed(amount(points.at(-1)!.value, unit))).join(', ')}`,
        tone: 'open',
        x,
        xName: 'thousand operations after the warm-up',
        y,
        unit,
        yName: unit === 'items' ? 'items more' : 'more',
        marks: all
          .map(({ style, points }) =>
            element('path', {
              class: `program program-${style}`,
              d: steps(points.map(({ operations, value }): Point => [x.place(operations / 1_000), y.place(value)])),
            }),
          )
          // The program under test lies above the others.
          .reverse(),
      }),
    },
  ]
}

function seriesOf(name: string, contestant: Contestant, style: number): readonly Series[] {
  const { target } = contestant
  const facts = factsOf(target).find((one) => one.name === name)
  const start = facts && judgedFrom(facts)
  if (!facts?.record || start === undefined) return []
  const { record } = facts
  const rests = target.cycles.flatMap(({ operations }, i) => {
    const value = record.floors[i]
    return i < start || value === null || value === undefined ? [] : [{ operations, value }]
  })
  const [first, ...rest] = facts.verdict.evidence?.rule === 'rises' ? envelopeOf(rests) : rests
  if (!first || rest.length === 0) return []
  const points = [first, ...rest].map(({ operations, value }) => ({
    operations: operations - first.operations,
    value: value - first.value,
  }))
  return [{ style, name: contestant.name, record, points: thinned(points, ({ value }) => value, inner.width / 2) }]
}

function signed(text: string): string {
  return text.startsWith('\u2212') ? text : `+${text}`
}
