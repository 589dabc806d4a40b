import { allOf, celField, type CelValue, celText } from '../cel.ts'
import { re2Problem } from '../../lib/re2.ts'
import type { InputNode } from '../input-node.ts'
import type { Job } from './job.ts'

/** Takes out lines for which all that is given holds. */
export function drop(options: InputNode, { chain }: Job): void {
  const expression = options.get('expression')?.text()
  const value = options.get('value')?.text()
  const sources = options.get('source')?.texts() ?? []
  const longer = options.get('longer_than')?.text()
  const older = options.get('older_than')
  options.get('drop_counter_reason')?.use()
  const separator = options.get('separator')?.text() ?? ';'
  if (older !== undefined) {
    chain.draft.gap(
      options,
      'lines are not taken out by their age',
      'let Loki refuse them (reject_old_samples), or leave it out',
    )
    return
  }
  const problem = expression === undefined ? undefined : re2Problem(expression)
  if (problem !== undefined) {
    chain.draft.gap(options, `the pattern cannot be read: ${problem}`, 'write it without what RE2 does not have')
    return
  }
  if (sources.length === 0 && longer === undefined && expression !== undefined) {
    chain.then('filter', options, { exclude_regex: [expression] }, `${chain.name}_drop`)
    return
  }
  const { value: asked, present } = valueOf(sources, separator)
  const conditions = [...present]
  if (expression !== undefined) conditions.push(`${asked}.matches(${celText(expression)})`)
  else if (value !== undefined) conditions.push(`${asked} == ${celText(value)}`)
  if (longer !== undefined) conditions.push(`size(text) > ${bytesOf(longer)}`)
  if (conditions.length === 0) {
    chain.draft.gap(options, 'it says of no line that it is dropped', 'leave it out')
    return
  }
  chain.then('filter', options, { where: `!(${allOf(conditions)})` }, `${chain.name}_drop`)
}

function valueOf(sources: readonly string[], separator: string): CelValue {
  if (sources.length === 0) return { value: 'text', present: [] }
  const fields = sources.map(celField)
  const joined = fields.map(({ value }) => `string(${value})`).join(` + ${celText(separator)} + `)
  return { value: fields.length > 1 ? `(${joined})` : joined, present: fields.flatMap(({ present }) => present) }
}

/** `8kb`: Promtail's sizes are powers of 1024. */
function bytesOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)i?b?$/i.exec(text)
  if (match === null) return 0
  return Math.round(Number(match[1]) * 1024 ** ['', 'k', 'm', 'g'].indexOf(match[2]!.toLowerCase()))
}
