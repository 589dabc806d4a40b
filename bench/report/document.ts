import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Result, RowResult } from '../run-rows.ts'
import { numberText } from './number.ts'
import { figureTexts } from './text.ts'
import { judge } from './targets.ts'

const begin = '<!-- What follows is written by `npm run bench`. -->'
const end = '<!-- Here it ends. -->'

/** Writes docs/performance.md between its marks. Rows that this run left out stay as they were measured last, in docs/performance.json. */
export function writeReport(root: string, result: Result): void {
  const [page, data] = [join(root, 'docs/performance.md'), join(root, 'docs/performance.json')]
  const earlier = existsSync(data) ? (JSON.parse(readFileSync(data, 'utf8')) as readonly Result[]) : []
  const results = [...earlier.flatMap((old) => without(old, result.rows)), result]
  const text = readFileSync(page, 'utf8')
  const [before, after] = [text.indexOf(begin), text.indexOf(end)]
  if (before < 0 || after < before) throw new Error(`${page} has not the marks that results are written between`)
  writeFileSync(data, `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(page, `${text.slice(0, before + begin.length)}\n\n${textOf(results)}\n${text.slice(after)}`)
}

/** An earlier result without the rows that were measured again; none, if no row is left. */
function without(old: Result, rows: readonly RowResult[]): Result[] {
  const left = old.rows.filter(({ name }) => !rows.some((row) => row.name === name))
  return left.length > 0 ? [{ ...old, rows: left }] : []
}

function textOf(results: readonly Result[]): string {
  const all = results.flatMap(({ rows }) => rows)
  const targets = judge(all).map(({ what, target, measured, verdict }) => [what, target, measured ?? '', verdict])
  return [
    '## Targets\n',
    table(['what', 'target', 'measured', ''], targets),
    ...results.toReversed().map(measurementText),
  ].join('\n')
}

function measurementText({ measuredAt, machine, lines, bytesPerLine, rows }: Result): string {
  const { processor, cores, memoryGb, system, node, load } = machine
  const body = rows.map((row) => [`\`${row.name}\``, row.what, figureTexts(row).join('<br>'), costBeside(row, rows)])
  return [
    `## Measured ${measuredAt.slice(0, 16).replace('T', ' ')} UTC\n`,
    `${cores} cores (${processor}), ${memoryGb} GB, ${system}, Node ${node.slice(1)}; load ${load.toFixed(1)}. ${lines.toLocaleString('en')} lines of ${bytesPerLine} bytes.`,
    ...speedText(rows),
    `${rows.some(({ name }) => name === 'endurance') ? 'One run; beside a growth its limits.' : 'Medians (least to most) of five runs.'}\n`,
    table(['row', 'what', 'figures', 'cost beside `loki`'], body),
  ].join('\n')
}

/** How fast the machine was, for work that is mostly the kernel's. */
function speedText(rows: readonly RowResult[]): string[] {
  const engine = rows.find(({ name }) => name === 'curl-api')?.figures['engine CPU s / 1M lines']
  if (engine === undefined) return []
  return [
    `The engine itself took ${numberText(engine.median)} CPU s to serve a million lines; where the targets were set it took 6.9 to 8.7.`,
  ]
}

/** How often its cost holds that of the first row of the same measurement. */
function costBeside({ figures }: RowResult, rows: readonly RowResult[]): string {
  const cost = figures['CPU s / 1M lines']?.median
  const ours = rows.find(({ name }) => name === 'loki')?.figures['CPU s / 1M lines']?.median
  return cost === undefined || ours === undefined ? '' : `${numberText(cost / ours)} x`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}
