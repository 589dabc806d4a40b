import { outcomeOf } from '../../outcome.ts'
import type { Look, TargetRecord } from '../../run-record.ts'
import { factsOf, type ResourceFacts, thousand } from '../facts.ts'
import { amount, range, type Unit } from '../figures.ts'
import type { Figure, Panel } from './figure.ts'
import { inner, small, smallChart, verticalScale } from './frame.ts'
import { linear } from './scale.ts'
import { element } from './svg.ts'

/** Of each resource the limits at each look: they narrow as the run grows. Undefined: there was one look, or the run is invalid. */
export function looksFigure(target: TargetRecord): Figure | undefined {
  const isJudged = target.looks.length > 1 && outcomeOf(target) !== 'invalid'
  const panels = !isJudged ? [] : factsOf(target).flatMap((facts) => panelOf(facts, target.looks))
  if (panels.length === 0) return undefined
  return {
    name: 'looks',
    title: 'Limits at each look',
    caption: 'Each look spends a part of alpha. Limits of early looks may be cut off.',
    legend: [
      { swatch: element('path', { class: 'limits', d: 'M10 0V12M7 0.5h6M7 11.5h6' }), text: 'limits' },
      { swatch: element('rect', { class: 'estimate', x: 7, y: 3, width: 6, height: 6 }), text: 'growth' },
      { swatch: element('path', { class: 'criterion', d: 'M0 6H20' }), text: 'criterion' },
    ],
    panels,
    narrow: undefined,
  }
}

interface Limits {
  readonly place: number
  readonly low: number
  readonly rate: number
  readonly high: number
}

function panelOf(facts: ResourceFacts, looks: readonly Look[]): readonly Panel[] {
  const { name, unit, verdict } = facts
  const limits = looks.flatMap(({ resources }, place): Limits[] => {
    const one = resources.find((resource) => resource.name === name)
    if (one?.low === undefined || one.rate === undefined || one.high === undefined) return []
    return [{ place, low: one.low * thousand, rate: one.rate * thousand, high: one.high * thousand }]
  })
  const last = limits.at(-1)
  if (!last) return []
  const below = verdict.criterion && verdict.criterion.below * thousand
  const x = linear([-0.5, looks.length - 0.5], [0, inner.width], 4)
  const y = verticalScale(spanOf(limits, below), unit)
  const subtitle = `last look: ${range(last.low, last.high, unit)}`
  return [
    {
      width: small.width,
      height: small.height,
      title: name,
      description: `${name}, limits per 1,000 operations: ${limits.map((one) => `after ${looks[one.place]!.cycles} cycles ${range(one.low, one.high, unit)}`).join('; ')}.${criterionText(below, unit)}`,
      body: smallChart({
        title: name,
        subtitle,
        tone: 'open',
        x,
        xTicks: spaced(looks.map(({ cycles }, at) => ({ at, text: String(cycles) }))),
        xName: 'cycles done at the look',
        y,
        unit,
        yName: 'per 1,000 operations',
        marks: [
          ...(below === undefined
            ? []
            : [element('path', { class: 'criterion', d: `M0 ${Math.round(y.place(below))}H${inner.width}` })]),
          element('path', { class: 'axis', d: `M0 ${Math.round(y.place(0))}H${inner.width}` }),
          ...limits.flatMap(({ place, low, rate, high }) => {
            const [at, from, to] = [x.place(place), y.place(low), y.place(high)].map((one) => Math.round(one * 10) / 10)
            return [
              element('path', {
                class: 'limits',
                d: `M${at!} ${from!}V${to!}M${at! - 4} ${from!}h8M${at! - 4} ${to!}h8`,
              }),
              element('rect', { class: 'estimate', x: at! - 3, y: y.place(rate) - 3, width: 6, height: 6 }),
            ]
          }),
        ],
      }),
    },
  ]
}

function criterionText(below: number | undefined, unit: Unit): string {
  return below === undefined ? '' : ` It has to be below ${amount(below, unit)}.`
}

/** The last look's limits and the criterion, with room for the wider ones before. */
function spanOf(limits: readonly Limits[], below: number | undefined): readonly [number, number] {
  const last = limits.at(-1)!
  const width = Math.max(last.high - last.low, (below ?? 0) / 2, 1e-12)
  const low = Math.max(Math.min(0, ...limits.map((one) => one.low)), Math.min(0, last.low - 2 * width))
  const high = Math.min(Math.max(0, ...limits.map((one) => one.high)), Math.max(last.high, below ?? 0) + 3 * width)
  const top = Math.max(high, below ?? 0)
  return [low - (top - low) * 0.06, top + (top - low) * 0.06]
}

/** No more ticks than have room. */
function spaced<Tick>(ticks: readonly Tick[]): readonly Tick[] {
  const stride = Math.ceil(ticks.length / 9)
  return ticks.filter((_, i) => (ticks.length - 1 - i) % stride === 0)
}
