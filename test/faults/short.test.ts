/** A part of the fault matrix that fits in the tests; `npm run faults` runs the whole. */
import { beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../helpers/command.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { rows } from './rows.ts'
import { runRow } from './run-row.ts'

const chosen = ['sigkill-loki', 'engine-restart', 'rotation-full-speed', 'refused-for-good', 'answer-lost', 'disk-full']

describeWithEngine('faults, in short', () => {
  beforeAll(ensureBuilt, 120_000)

  for (const name of chosen) {
    test(name, { timeout: 120_000 }, async () => {
      const row = rows.find((one) => one.name === name)!
      const { faults } = await runRow(row, Number(process.env['SEED'] ?? Date.now() % 1_000_000))
      expect(faults).toEqual([])
    })
  }
})
