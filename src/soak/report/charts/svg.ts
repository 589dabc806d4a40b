import { visibleText } from '../../../lib/visible-text.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Plain text as XML and HTML take it, in an attribute too. What XML has no place for is made visible or replaced. */
export function escapeMarkup(text: string): string {
  return visibleText(text)
    .replace(/[\p{Surrogate}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (sign) => entities[sign]!)
}

export type Attributes = Readonly<Record<string, string | number | undefined>>

/** An element; what it contains is markup already. */
export function element(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const list = Object.entries(attributes)
    .map(([key, value]) => {
      if (value === undefined) return ''
      return ` ${key}="${typeof value === 'number' ? tenth(value) : escapeMarkup(value)}"`
    })
    .join('')
  return content.length === 0 ? `<${name}${list}/>` : `<${name}${list}>${content.join('')}</${name}>`
}

export interface TextPlace {
  readonly x: number
  readonly y: number
  readonly class: string
  readonly anchor?: 'middle' | 'end'
}

/** Plain text at its baseline. */
export function label(text: string, { x, y, anchor, class: name }: TextPlace): string {
  return element('text', { x, y, class: name, 'text-anchor': anchor }, escapeMarkup(text))
}

/** To a tenth: finer is not seen, and makes files larger. */
export function tenth(value: number): string {
  return String(Math.round(value * 10) / 10)
}

export type Point = readonly [x: number, y: number]

export function line(points: readonly Point[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${tenth(x)} ${tenth(y)}`).join('')
}

/** From each point level to the next one's place, then up or down to it. */
export function steps(points: readonly Point[]): string {
  return points.map(([x, y], i) => (i === 0 ? `M${tenth(x)} ${tenth(y)}` : `H${tenth(x)}V${tenth(y)}`)).join('')
}

/** For a stroke with round ends: one path instead of a circle for each. */
export function dots(points: readonly Point[]): string {
  return points.map(([x, y]) => `M${tenth(x)} ${tenth(y)}h0`).join('')
}

/** How wide a sign of a wide system font is, in px: in charts, in bold there, and in their titles. */
export const signWidth = { plain: 6.9, bold: 7.7, title: 8.7 } as const

/** Cuts the middle out of a text that is wider than `width`: the end often tells names apart. Signs of East Asia and emblems count twice. */
export function fitted(text: string, width: number, sign: number = signWidth.plain): string {
  const signs = Array.from(visibleText(text))
  const room = Math.max(4, Math.floor(width / sign))
  if (widthOf(signs) <= room) return signs.join('')
  const end: string[] = []
  const start: string[] = []
  while (widthOf(end) < (room - 1) / 3 - 1) end.unshift(signs.pop()!)
  while (widthOf(start) + widthOf(end) < room - 2) start.push(signs.shift()!)
  return `${start.join('')}…${end.join('')}`
}

function widthOf(signs: readonly string[]): number {
  return signs.reduce((sum, sign) => sum + (/[\u1100-\u1fff\u2600-\uffff]/.test(sign) ? 2 : 1), 0)
}
