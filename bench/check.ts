import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { spreadOf } from './measure/figures.ts'
import { openBench } from './open-bench.ts'
import { numberText } from './report/number.ts'
import type { Bench, Row } from './rows/row.ts'
import { rows } from './rows/rows.ts'

/** What is compared where no row is named: the ways of a line that most users have. */
const usual = ['loki', 'loki-json', 'file']
const maxRatio = 1.05
const cost = 'CPU s / 1M lines'

export interface CheckSettings {
  readonly root: string
  readonly lines: number
  readonly steadySeconds: number
  readonly runs: number
  readonly tell: (text: string) => void
}

/**
 * Whether this project costs at most 5 % more than the one in another folder, which has to be built. Both run in turns, and what is compared is the median of
 * the ratios of neighbours: a machine that is busy with other things slows both.
 */
export async function checkAgainst(base: string, settings: CheckSettings, names: readonly string[]): Promise<boolean> {
  if (!existsSync(join(base, 'dist/bundle/log-capturer.js')))
    throw new Error(`${base}: there is no log-capturer that was built`)
  const chosen = rows.filter(({ name }) => (names.length > 0 ? names : usual).includes(name))
  await using bench = await openBench({ ...settings, rows: chosen })
  const measure = async (row: Row, root: string) => {
    const figure = (await row.measure(Object.create(bench, { root: { value: root } }) as Bench))[cost]
    if (figure === undefined) throw new Error(`${row.name}: what a line costs is no figure of this row`)
    return figure
  }
  let isGood = true
  for (const row of chosen) {
    const ratios: number[] = []
    for (let run = 0; run < settings.runs; run++) {
      const before = await measure(row, resolve(base))
      const after = await measure(row, settings.root)
      bench.clearFolders()
      ratios.push(after / before)
      settings.tell(`${row.name}: ${numberText(before)} before, ${numberText(after)} now`)
    }
    const { median, min, max } = spreadOf(ratios)
    const isWithin = median <= maxRatio
    isGood &&= isWithin
    const range = `${min.toFixed(3)} to ${max.toFixed(3)}`
    process.stdout.write(`${isWithin ? 'ok' : 'DEARER'} ${row.name}: ${median.toFixed(3)} of what it cost (${range})\n`)
  }
  return isGood
}
