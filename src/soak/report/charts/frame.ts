import { byteScale, figure, type Unit } from '../figures.ts'
import { linear, type Scale, wholeTicks } from './scale.ts'
import { element, fitted, label, signWidth } from './svg.ts'

/** The size of one of many small charts, and of the part of it that is drawn in. */
export const small = { width: 320, height: 202, left: 44, right: 10, top: 54, bottom: 38 } as const

export const inner = {
  width: small.width - small.left - small.right,
  height: small.height - small.top - small.bottom,
} as const

export interface Axes {
  readonly x: Scale
  readonly xTicks?: readonly { readonly at: number; readonly text: string }[]
  readonly xName: string
  readonly y: Scale
  readonly unit: Unit
  readonly yName: string
}

export interface SmallChart extends Axes {
  readonly title: string
  readonly subtitle: string
  /** Below the title, in the colour of what it says. */
  readonly tone: 'good' | 'bad' | 'open'
  /** Drawn within the axes, cut off at their ends. */
  readonly marks: readonly string[]
}

/** A small chart's scales: places within the drawn part, from its upper left corner. Ticks are round in the unit that they are told in. */
export function smallScales(x: readonly [number, number], y: readonly [number, number], unit: Unit) {
  return { x: linear(x, [0, inner.width], 4), y: verticalScale(y, unit) }
}

export function verticalScale(values: readonly [number, number], unit: Unit): Scale {
  const { divisor } = divisorOf(unit, values)
  const scale = linear([values[0] / divisor, values[1] / divisor], [inner.height, 0], 4)
  return {
    from: scale.from * divisor,
    to: scale.to * divisor,
    place: (value) => scale.place(value / divisor),
    ticks: scale.ticks.map((tick) => tick * divisor),
  }
}

/** Axes, their names and units, title and marks. A nested `svg` cuts off what lies outside: it needs no name, which would have to be unique in the page. */
export function smallChart({ title, subtitle, tone, marks, ...axes }: SmallChart): string {
  return [
    label(fitted(title, small.width, signWidth.title), { x: 0, y: 13, class: 'title' }),
    label(fitted(subtitle, small.width, tone === 'bad' ? signWidth.bold : signWidth.plain), {
      x: 0,
      y: 29,
      class: `note ${tone}`,
    }),
    element('g', { transform: `translate(${small.left} ${small.top})` }, ...grid(axes), ...names(axes)),
    element(
      'svg',
      { x: small.left, y: small.top, width: inner.width, height: inner.height, overflow: 'hidden' },
      ...(marks.length > 0 ? marks : ['']),
    ),
  ].join('')
}

function grid({ x, y, unit, xTicks }: Axes): readonly string[] {
  const { divisor } = divisorOf(unit, [y.from, y.to])
  const ticks = unit === 'items' && y.to - y.from >= 2 ? wholeTicks(y) : y.ticks
  const places = xTicks ?? x.ticks.map((at) => ({ at, text: figure(at) }))
  return [
    element('path', {
      class: 'grid',
      d: ticks.map((tick) => `M0 ${Math.round(y.place(tick) * 10) / 10}H${inner.width}`).join(''),
    }),
    ...ticks.map((tick) =>
      label(tickText(tick / divisor), { x: -6, y: y.place(tick) + 3.5, anchor: 'end', class: 'tick' }),
    ),
    element('path', {
      class: 'axis',
      d: `M0 ${inner.height}H${inner.width}${places.map(({ at }) => `M${Math.round(x.place(at) * 10) / 10} ${inner.height}v4`).join('')}`,
    }),
    ...places.map(({ at, text }) =>
      label(text, { x: x.place(at), y: inner.height + 15, anchor: 'middle', class: 'tick' }),
    ),
  ]
}

function names({ xName, y, unit, yName }: Axes): readonly string[] {
  return [
    label(xName, { x: inner.width / 2, y: inner.height + 31, anchor: 'middle', class: 'name' }),
    label(`${yName}${divisorOf(unit, [y.from, y.to]).name}`, { x: -small.left, y: -8, class: 'name' }),
  ]
}

function divisorOf(
  unit: Unit,
  [from, to]: readonly [number, number],
): { readonly divisor: number; readonly name: string } {
  if (unit === 'seconds') return { divisor: 1, name: ', s' }
  if (unit === 'items') return { divisor: 1, name: '' }
  const { divisor, name } = byteScale(Math.max(Math.abs(from), Math.abs(to)))
  return { divisor, name: `, ${name}` }
}

/** All the digits of a tick: they tell it from its neighbours. */
function tickText(value: number): string {
  const rounded = Number(value.toPrecision(5))
  const text = Math.abs(rounded) >= 10_000 ? rounded.toLocaleString('en-US') : String(rounded)
  return text.replace(/^-/, '\u2212')
}
