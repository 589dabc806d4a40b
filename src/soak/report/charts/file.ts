import { chartStyle, colours } from '../style.ts'
import type { Figure, Panel } from './figure.ts'
import { element, escapeMarkup, fitted, label, signWidth } from './svg.ts'

const gap = 16
const columns = 3

/** A panel as an element of a page; `id` is unique there. */
export function panelElement({ width, height, title, description, body }: Panel, id: string): string {
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-labelledby': `${id}-title ${id}-text` },
    element('title', { id: `${id}-title` }, escapeMarkup(title)),
    element('desc', { id: `${id}-text` }, escapeMarkup(description)),
    body,
  )
}

/** A figure as a file of its own: title, legend, and its panels in rows. */
export function svgFile(figure: Figure): string {
  const { panels, title } = figure
  const perRow = Math.min(columns, panels.length)
  const [panelWidth, panelHeight] = [panels[0]!.width, panels[0]!.height]
  const width = Math.max(perRow * panelWidth + (perRow - 1) * gap, 420) + 2 * gap
  const legend = legendRows(figure, width - 2 * gap)
  const top = 38 + legend.height
  const rows = Math.ceil(panels.length / perRow)
  const height = top + rows * panelHeight + (rows - 1) * gap + gap
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-labelledby': 'title text',
    },
    element('title', { id: 'title' }, escapeMarkup(title)),
    element('desc', { id: 'text' }, escapeMarkup(panels.map(({ description }) => description).join(' '))),
    element('style', {}, `${colours('svg')}${chartStyle}`),
    element('rect', { width, height, style: 'fill:var(--ground)' }),
    label(fitted(title, width - 2 * gap, 10.5), { x: gap, y: 24, class: 'heading' }),
    element('g', { transform: `translate(${gap} 38)` }, ...legend.entries),
    ...panels.map((panel, i) =>
      element(
        'g',
        {
          transform: `translate(${gap + (i % perRow) * (panelWidth + gap)} ${top + Math.floor(i / perRow) * (panelHeight + gap)})`,
        },
        panel.body,
      ),
    ),
  )}\n`
}

/** As many entries in a row as have room. */
function legendRows(
  { legend }: Figure,
  width: number,
): { readonly entries: readonly string[]; readonly height: number } {
  let [x, y] = [0, 0]
  const entries = legend.map(({ swatch, text: whole }) => {
    const text = fitted(whole, 300)
    const room = 20 + 8 + Array.from(text).length * signWidth.plain + 18
    if (x > 0 && x + room > width) [x, y] = [0, y + 18]
    const entry = element(
      'g',
      { transform: `translate(${x} ${y})` },
      swatch,
      label(text, { x: 26, y: 10, class: 'name' }),
    )
    x += room
    return entry
  })
  return { entries, height: y + 24 }
}
