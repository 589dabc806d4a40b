import type { RunRecord } from '../run-record.ts'
import { panelElement } from './charts/file.ts'
import type { Figure, Panel } from './charts/figure.ts'
import { element, escapeMarkup } from './charts/svg.ts'
import { type Block, type Cell, type Column, type Table, textOf } from './document.ts'
import { type Report, reportOf } from './report.ts'
import { chartStyle, colours, pageStyle } from './style.ts'

/** The report as one page that needs nothing else: no script, no font, no other file. It is XML as well, so that any parser can check it. */
export function renderHtml(run: RunRecord, baseline?: RunRecord): string {
  return htmlOf(reportOf(run, baseline))
}

export function htmlOf({ title, subtitle, blocks }: Report): string {
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    // Whatever a name contains, nothing is loaded and nothing runs.
    element('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'",
    }),
    element('title', {}, escapeMarkup(title)),
    element('style', {}, `${colours(':root')}${chartStyle}${pageStyle}`),
  )
  const kind = element('p', { class: 'kind' }, `${escapeMarkup(title)}<br/>${escapeMarkup(subtitle)}`)
  const body = element('body', {}, element('main', {}, kind, '\n', ...blocks.map((block) => `${blockOf(block)}\n`)))
  return `<!DOCTYPE html>\n${element('html', { lang: 'en' }, head, '\n', body)}\n`
}

function blockOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return element('h2', {}, escapeMarkup(block.text))
    case 'paragraph':
      return element('p', {}, escapeMarkup(block.text))
    case 'verdict':
      return element(
        'section',
        { class: `verdict ${block.outcome}` },
        element('h1', {}, escapeMarkup(block.headline)),
        element('p', {}, escapeMarkup(block.sentence)),
      )
    case 'table':
      return tableOf(block)
    case 'list':
      return element('ul', {}, ...block.items.map((item) => element('li', {}, escapeMarkup(item))))
    case 'code':
      return element('pre', {}, escapeMarkup(block.text))
    case 'figure':
      return figureOf(block.figure)
  }
}

function tableOf({ caption, head, rows }: Table): string {
  return element(
    'table',
    {},
    element('caption', {}, escapeMarkup(caption)),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...head.map(({ text, isNumber }) =>
          element('th', { scope: 'col', class: isNumber === true ? 'number' : undefined }, escapeMarkup(text)),
        ),
      ),
    ),
    element(
      'tbody',
      {},
      ...rows.map(
        (row) =>
          `${element('tr', {}, ...row.map((cell, i) => (i === 0 ? firstCell(cell) : cellOf(cell, head[i]!))))}\n`,
      ),
    ),
  )
}

/** What the row is of. */
function firstCell(cell: Cell): string {
  return element('th', { scope: 'row' }, escapeMarkup(textOf(cell)))
}

/** On a narrow page each cell says its column. */
function cellOf(cell: Cell, { text: column, isNumber }: Column): string {
  const text = escapeMarkup(textOf(cell))
  const content =
    typeof cell === 'string' ? element('span', {}, text) : element('span', { class: `tone ${cell.tone}` }, text)
  return element('td', { class: isNumber === true ? 'number' : undefined, 'data-column': column }, content)
}

function figureOf({ name, title, caption, legend, panels, narrow }: Figure): string {
  const entries = legend.map(({ swatch, text }) =>
    element('li', {}, element('svg', { viewBox: '0 0 20 12', 'aria-hidden': 'true' }, swatch), escapeMarkup(text)),
  )
  return element(
    'figure',
    {},
    element('figcaption', {}, element('h3', {}, escapeMarkup(title)), element('p', {}, escapeMarkup(caption))),
    element('ul', { class: 'legend' }, ...entries),
    ...(narrow
      ? [
          element('div', { class: 'whole wide' }, ...drawn(panels, name)),
          element('div', { class: 'whole narrow' }, ...drawn(narrow, `${name}-narrow`)),
        ]
      : [element('div', { class: 'panels' }, ...drawn(panels, name))]),
  )
}

function drawn(panels: readonly Panel[], name: string): readonly string[] {
  return panels.map((panel, i) => `${panelElement(panel, `${name}-${i + 1}`)}\n`)
}
