import { visibleText } from '../../lib/visible-text.ts'
import type { RunRecord } from '../run-record.ts'
import { type Block, type Table, textOf } from './document.ts'
import { type Report, reportOf } from './report.ts'

/** The report as Markdown (GitHub's, for its tables). Charts are files in `charts/` beside it. */
export function renderMarkdown(run: RunRecord, baseline?: RunRecord): string {
  return markdownOf(reportOf(run, baseline))
}

export function markdownOf({ title, subtitle, blocks }: Report): string {
  return `${[`# ${escapeMarkdown(title)}`, escapeMarkdown(subtitle), ...blocks.map(blockOf)].join('\n\n')}\n`
}

function blockOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `## ${escapeMarkdown(block.text)}`
    case 'paragraph':
      return escapeMarkdown(block.text)
    case 'verdict':
      return `**${escapeMarkdown(block.headline)}**\n\n${escapeMarkdown(block.sentence)}`
    case 'table':
      return tableOf(block)
    case 'list':
      return block.items.map((item) => `- ${escapeMarkdown(item)}`).join('\n')
    case 'code':
      return visibleText(block.text).replace(/^/, '    ')
    case 'figure': {
      const { name, title, caption } = block.figure
      return `![${escapeMarkdown(title)}](charts/${name}.svg)\n\n${escapeMarkdown(caption)}`
    }
  }
}

function tableOf({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(head.map(({ text }) => escapeMarkdown(text))),
    line(head.map(({ isNumber }) => (isNumber === true ? '---:' : '---'))),
    ...rows.map((row) => line(row.map((cell) => escapeMarkdown(textOf(cell))))),
  ].join('\n')
}

/**
 * Plain text that Markdown leaves as it is: no emphasis, link, image, markup, table cell or list comes of it. An address is no link either: a name must not lead
 * the reader anywhere.
 */
export function escapeMarkdown(text: string): string {
  return visibleText(text)
    .replace(/[\\`*_[\]<>|&~#!]/g, (sign) => `\\${sign}`)
    .replace(/^(\s*\d*)([-+.)])(?=\s|$)/, '$1\\$2')
    .replace(/:(?=\/\/)/g, '&#58;')
    .replace(/@/g, '&#64;')
    .replace(/www\./gi, (start) => `${start.slice(0, 3)}&#46;`)
}
