import type { RunRecord } from '../../run-record.ts'
import { factsOf, type ResourceFacts, resultOf, thousand } from '../facts.ts'
import { amount, figure, range } from '../figures.ts'
import type { Figure, Panel } from './figure.ts'
import { element, fitted, label, signWidth } from './svg.ts'

interface Row {
  readonly name: string
  readonly facts: ResourceFacts
  readonly isReference: boolean
}

/** Rows are drawn with their names beside the axis, or above it. */
interface Layout {
  readonly width: number
  readonly left: number
  readonly right: number
  readonly rowHeight: number
  /** From the top of a row to its interval. */
  readonly middle: number
}

const narrow: Layout = { width: 340, left: 4, right: 8, rowHeight: 52, middle: 36 }

/** As much room beside the axis as the longest texts take, up to a third of the width. */
function wideLayout(rows: readonly Row[]): Layout {
  const roomFor = (texts: readonly string[], sign: number) =>
    Math.min(340, 30 + sign * Math.max(...texts.map(({ length }) => length)))
  return {
    width: 960,
    left: roomFor(
      rows.map(({ name }) => name),
      signWidth.title,
    ),
    right: roomFor(
      rows.map(({ facts }) => wordsOf(facts)),
      signWidth.plain,
    ),
    rowHeight: 30,
    middle: 15,
  }
}

const top = 26
const bottom = 44

/** The limits of each growth as a multiple of its criterion, so that bytes and items share an axis. Undefined: nothing that is judged has a criterion. */
export function forestFigure({ targets }: RunRecord): Figure | undefined {
  const rows = targets.flatMap((target) =>
    factsOf(target).map(
      (facts): Row => ({
        name: targets.length > 1 ? `${facts.name} · ${target.name}` : facts.name,
        facts,
        isReference: target.role === 'reference',
      }),
    ),
  )
  const order = [...new Set(rows.map(({ facts }) => facts.name))]
  const drawn = order
    .flatMap((name) => rows.filter(({ facts }) => facts.name === name))
    .filter(({ facts }) => (facts.verdict.criterion?.below ?? 0) > 0)
  if (!drawn.some(({ facts }) => facts.growth)) return undefined
  return {
    name: 'limits',
    title: 'Limits of growth against the criteria',
    caption:
      'Left of the line at 1 the criterion is met, right of it it is not; an interval across the line leaves it open. A lower limit above 0 is a leak. The scale is linear near 0 and logarithmic far from it.',
    legend: [
      { swatch: element('path', { class: 'limits', d: 'M1 6H19M1 3v6M19 3v6' }), text: 'limits' },
      { swatch: element('rect', { class: 'estimate', x: 7, y: 3, width: 6, height: 6 }), text: 'growth' },
      ...(drawn.some(({ isReference }) => isReference)
        ? [
            {
              swatch: element('circle', { class: 'estimate reference', cx: 10, cy: 6, r: 3 }),
              text: 'growth of a reference',
            },
          ]
        : []),
      { swatch: element('path', { class: 'criterion', d: 'M10 0V12' }), text: 'criterion' },
    ],
    panels: [panelOf(drawn, wideLayout(drawn))],
    narrow: [panelOf(drawn, narrow)],
  }
}

function panelOf(rows: readonly Row[], layout: Layout): Panel {
  const { width, left, right, rowHeight } = layout
  const shares = rows.flatMap(({ facts }) =>
    facts.growth ? [shareOf(facts, facts.growth.low), shareOf(facts, facts.growth.high)] : [],
  )
  const place = placing([Math.min(0, ...shares), Math.max(1.2, ...shares)], [left, width - right])
  const height = top + rows.length * rowHeight + bottom
  const end = top + rows.length * rowHeight
  const ticks = ticksOf([Math.min(0, ...shares), Math.max(1.2, ...shares)], place)
  return {
    width,
    height,
    title: 'Limits of growth against the criteria',
    description: rows.map(({ name, facts }) => `${name}: ${wordsOf(facts)}`).join('. '),
    body: [
      element('path', { class: 'grid', d: ticks.map((tick) => `M${tenthOf(place(tick))} ${top}V${end}`).join('') }),
      element('path', { class: 'axis', d: `M${left} ${end}H${width - right}M${tenthOf(place(0))} ${top}V${end}` }),
      element('path', { class: 'criterion', d: `M${tenthOf(place(1))} ${top - 6}V${end}` }),
      label('criterion', { x: place(1), y: top - 10, anchor: 'middle', class: 'name' }),
      ...ticks.map((tick) => label(figure(tick), { x: place(tick), y: end + 15, anchor: 'middle', class: 'tick' })),
      label('growth as a multiple of the criterion', {
        x: (left + width - right) / 2,
        y: end + 33,
        anchor: 'middle',
        class: 'name',
      }),
      ...rows.flatMap((row, i) => rowMarks(row, top + i * rowHeight, layout, place)),
    ].join(''),
  }
}

function rowMarks(
  { name, facts, isReference }: Row,
  y: number,
  layout: Layout,
  place: (share: number) => number,
): readonly string[] {
  const { width, left, middle } = layout
  const at = y + middle
  const isStacked = layout === narrow
  const text = isStacked ? shortWordsOf(facts) : wordsOf(facts)
  const names = isStacked
    ? [
        label(fitted(name, 130, isReference ? signWidth.plain : signWidth.title), {
          x: 0,
          y: y + 16,
          class: isReference ? 'name' : 'row',
        }),
        label(fitted(text, 208), { x: width - layout.right, y: y + 16, anchor: 'end', class: 'name' }),
      ]
    : [
        label(fitted(name, left - 20, isReference ? signWidth.plain : signWidth.title), {
          x: 0,
          y: at + 4,
          class: isReference ? 'name' : 'row',
        }),
        label(fitted(text, layout.right - 20), { x: width - layout.right + 20, y: at + 4, class: 'name' }),
      ]
  const { growth } = facts
  if (!growth) return names
  const [low, rate, high] = [growth.low, growth.rate, growth.high].map((one) => place(shareOf(facts, one)))
  const tone = { met: 'good', missed: 'bad', not_judged: 'open' }[resultOf(facts)]
  return [
    ...names,
    element('path', {
      class: `limits ${tone}`,
      d: `M${tenthOf(low!)} ${at}H${tenthOf(high!)}M${tenthOf(low!)} ${at - 4}v8M${tenthOf(high!)} ${at - 4}v8`,
    }),
    isReference
      ? element('circle', { class: `estimate reference ${tone}`, cx: rate!, cy: at, r: 4 })
      : element('rect', { class: `estimate ${tone}`, x: rate! - 4, y: at - 4, width: 8, height: 8 }),
  ]
}

const resultWords = { met: 'met', missed: 'NOT MET', not_judged: 'not judged' } as const

function wordsOf(facts: ResourceFacts): string {
  const { growth, unit, verdict } = facts
  const below = amount(verdict.criterion!.below * thousand, unit)
  return growth
    ? `${range(growth.low * thousand, growth.high * thousand, unit)}, criterion ${below}: ${resultWords[resultOf(facts)]}`
    : 'not judged'
}

function shortWordsOf(facts: ResourceFacts): string {
  const { growth, unit } = facts
  return growth
    ? `${range(growth.low * thousand, growth.high * thousand, unit)}: ${resultWords[resultOf(facts)]}`
    : 'not judged'
}

function shareOf({ verdict }: ResourceFacts, perOperation: number): number {
  return perOperation / verdict.criterion!.below
}

/** Linear near 0, logarithmic far from it: a leak of a hundred times the criterion and an interval below it are both seen. */
function placing([from, to]: readonly [number, number], [start, end]: readonly [number, number]) {
  const bend = (share: number) => Math.asinh(share * 2)
  return (share: number) => start + ((bend(share) - bend(from)) / (bend(to) - bend(from))) * (end - start)
}

/** 0 and 1, and of the others what has room. */
function ticksOf([from, to]: readonly [number, number], place: (share: number) => number): readonly number[] {
  const sizes = [0.5, 2, 5, 10, 20, 50, 100, 1_000, 10_000, 100_000, 1e6]
  const ticks = [0, 1]
  for (const tick of sizes.flatMap((size) => [size, -size]))
    if (tick >= from && tick <= to && ticks.every((other) => Math.abs(place(other) - place(tick)) > 34))
      ticks.push(tick)
  return ticks
}

function tenthOf(value: number): number {
  return Math.round(value * 10) / 10
}
