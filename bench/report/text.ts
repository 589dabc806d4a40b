import type { Result, RowResult } from '../run-rows.ts'
import { spreadText } from './number.ts'
import { judge } from './targets.ts'

/** For the terminal: every row with its medians, then the targets that these rows answer. */
export function formatResult(result: Result): string {
  const rows = result.rows.flatMap((row) => [row.name, ...figureTexts(row).map((text) => `    ${text}`)])
  const targets = judge(result.rows).flatMap(({ what, target, measured, verdict }) =>
    measured === undefined ? [] : [`${verdict}: ${what}: ${measured} (target ${target})`],
  )
  return [...rows, '', ...targets, ''].join('\n')
}

/** A text for each figure of a row, or why there is none. */
export function figureTexts({ figures, obstacle, failure }: RowResult): string[] {
  if (failure !== undefined) return [`FAILED: ${failure}`]
  if (obstacle !== undefined) return [`not measured: ${obstacle}`]
  return Object.entries(figures).map(([unit, spread]) => `${spreadText(spread)} ${unit}`)
}
