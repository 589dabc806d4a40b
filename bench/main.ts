/** `npm run bench`; docs/performance.md says what is measured, and how. */
import { fileURLToPath } from 'node:url'
import { flagsOf } from '../scripts/flags.mjs'
import { parseDuration } from '../src/lib/units.ts'
import { checkAgainst } from './check.ts'
import { measureEndurance } from './endurance/endurance.ts'
import { rows } from './rows/rows.ts'
import { openBench } from './open-bench.ts'
import { headOf, type Result, runRows } from './run-rows.ts'
import { formatResult } from './report/text.ts'
import { writeReport } from './report/document.ts'

const values = flagsOf('bench', {
  row: { type: 'string', multiple: true, default: [] },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  check: { type: 'string' },
  endurance: { type: 'string' },
})

/** Runs of a row; a median of fewer is not written down. */
const runs = values.quick ? 1 : 5
/** Enough that what is compiled meanwhile, half a second of it, does not count for much. */
const lines = values.quick ? 200_000 : 4_000_000
const steadySeconds = values.quick ? 3 : 10
/** Of what is written down. */
const leastEnduranceMs = 20 * 60_000
const root = fileURLToPath(new URL('..', import.meta.url))

const tell = (text: string) => void process.stderr.write(`bench: ${text}\n`)
const wanted = rows.filter(({ name }) => values.row.length === 0 || values.row.includes(name))
const unknown = values.row.filter((name) => !rows.some((row) => row.name === name))

if (values.list || unknown.length > 0) {
  if (unknown.length > 0) tell(`there is no row ${unknown.join(', ')}; there are:`)
  process.stdout.write(rows.map(({ name, what }) => `${name}: ${what}\n`).join(''))
  process.exitCode = unknown.length > 0 ? 2 : 0
} else if (values.check !== undefined) {
  process.exitCode = (await checkAgainst(values.check, { root, lines, steadySeconds, runs, tell }, values.row)) ? 0 : 1
} else if (values.endurance !== undefined) {
  await endure(parseDuration(values.endurance))
} else {
  await using bench = await openBench({ root, lines, steadySeconds, rows: wanted })
  const result = await runRows(wanted, { bench, runs, tell })
  process.stdout.write(values.json ? `${JSON.stringify(result, undefined, 2)}\n` : formatResult(result))
  if (!values.quick) writeReport(root, result)
  process.exitCode = result.rows.some(({ failure }) => failure !== undefined) ? 1 : 0
}

/** One run, which is too long to be a row among others; a short one is shown and not written down. */
async function endure(durationMs: number | undefined): Promise<void> {
  if (durationMs === undefined) throw new Error('--endurance takes a time, as 30m')
  await using bench = await openBench({ root, lines: 1_000, steadySeconds, rows: [] })
  const { simulated: engine, signal } = bench
  const row = await measureEndurance({ engine, seconds: durationMs / 1000, tell, signal })
  const result: Result = { ...headOf(bench.input), rows: [row] }
  process.stdout.write(values.json ? `${JSON.stringify(result, undefined, 2)}\n` : formatResult(result))
  if (durationMs >= leastEnduranceMs) writeReport(root, result)
}
