import { byteScale, figure, type Unit } from '../figures.ts'
import { linear, type Scale, wholeTicks } from './scale.ts'
import { element, fitted, label } from './svg.ts'

/** The size of one of many small charts, and of the part of it that is drawn in. */
export const small = { width: 320, height: 196, left: 50, right: 12, top: 46, bottom: 38 } as const

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

/** A small chart's scales: places within the drawn part, from its upper left corner. */
export function smallScales(x: readonly [number, number], y: readonly [number, number]) {
  return { x: linear(x, [0, inner.width], 4), y: linear(y, [inner.height, 0], 4) }
}

/** Axes, their names and units, title and marks. A nested `svg` cuts off what lies outside: it needs no name, which would have to be unique in the page. */
export function smallChart({ title, subtitle, tone, marks, ...axes }: SmallChart): string {
  return [
    label(fitted(title, small.width - 20), { x: 10, y: 16, class: 'title' }),
    label(fitted(subtitle, small.width - 20), { x: 10, y: 31, class: `note ${tone}` }),
    element('g', { transform: `translate(${small.left} ${small.top})` }, ...grid(axes), ...names(axes)),
    element(
      'svg',
      { x: small.left, y: small.top, width: inner.width, height: inner.height, overflow: 'hidden' },
      ...(marks.length > 0 ? marks : ['']),
    ),
  ].join('')
}

function grid({ x, y, unit, xTicks }: Axes): readonly string[] {
  const { divisor } = divisorOf(unit, y)
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
    label(`${yName}${divisorOf(unit, y).name}`, { x: -small.left + 10, y: -4, class: 'name' }),
  ]
}

function divisorOf(unit: Unit, { from, to }: Scale): { readonly divisor: number; readonly name: string } {
  if (unit === 'seconds') return { divisor: 1, name: ', s' }
  if (unit === 'items') return { divisor: 1, name: '' }
  const { divisor, name } = byteScale(Math.max(Math.abs(from), Math.abs(to)))
  return { divisor, name: `, ${name}` }
}

/** All the digits of a tick: they tell it from its neighbours. */
function tickText(value: number): string {
  const rounded = Number(value.toPrecision(5))
  return Math.abs(rounded) >= 10_000 ? rounded.toLocaleString('en-US') : String(rounded)
}
