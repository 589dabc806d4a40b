import pc from 'picocolors'
import type { TriedLine } from '../../app/try-lines/line-trial.ts'
import { visibleText, withEscapes } from '../../lib/visible-text.ts'
import { hasColors } from '../colors.ts'

export interface TriedForm {
  /** Then nothing of a line may move, erase or colour anything. */
  readonly isTerminal: boolean
  readonly isJson: boolean
  readonly withDropped: boolean
}

/** What is printed of lines, with its line feeds. */
export function triedText(lines: readonly TriedLine[], form: TriedForm): string {
  const shown = form.withDropped ? lines : lines.filter(({ dropped }) => dropped !== true)
  return shown.map((line) => `${form.isJson ? jsonOf(line, form) : textOf(line, form)}\n`).join('')
}

/** Fields are JSON already, with the digits that their numbers have. */
function jsonOf({ fields, ...rest }: TriedLine, { isTerminal }: TriedForm): string {
  const json = JSON.stringify(rest)
  const whole = fields === undefined ? json : `${json.slice(0, -1)},"fields":${fields}}`
  return isTerminal ? withEscapes(whole) : whole
}

/** `[output] text  {"fields":"as JSON"}`; the fields, with the line's own time, stand behind two blanks. */
function textOf({ text, fields, time, output, dropped }: TriedLine, { isTerminal }: TriedForm): string {
  const { dim, cyan, yellow } = pc.createColors(hasColors())
  const shown = isTerminal ? visibleText(text.replace(/\r$/, '')) : text
  const head = dropped === true ? yellow('[dropped] ') : output === undefined ? '' : `${cyan(`[${output}]`)} `
  const at = time === undefined ? '' : `  ${dim(time)}`
  const json = fields === undefined ? '' : `  ${cyan(isTerminal ? withEscapes(fields) : fields)}`
  return `${head}${shown}${at}${json}`
}
