/** The whole matrix, for `npm run faults`: rows, runs and the first seed come in the environment. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../helpers/command.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { writeReport } from './report.ts'
import type { Result } from './row.ts'
import { rows } from './rows.ts'
import { runRow } from './run-row.ts'

const chosen = (process.env['FAULTS_ROWS'] ?? '').split(',').filter((name) => name !== '')
const runs = Number(process.env['FAULTS_RUNS'] ?? 3)
const firstSeed = Number(process.env['FAULTS_SEED'])

describeWithEngine('faults', () => {
  const results: Result[] = []
  beforeAll(ensureBuilt, 120_000)

  for (const [index, row] of rows.entries()) {
    if (chosen.length > 0 && !chosen.includes(row.name)) continue
    for (let run = 0; run < runs; run++) {
      test(`${row.name}, run ${run + 1}`, { timeout: 900_000 }, async () => {
        const { result, faults } = await runRow(row, firstSeed + 100 * index + run)
        results.push(result)
        expect(faults).toEqual([])
      })
    }
  }

  // Fewer runs are for looking, not for showing.
  afterAll(() => {
    if (runs >= 3) writeReport(rows, results)
  })
})
