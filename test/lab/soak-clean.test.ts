import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../helpers/command.ts'
import { outcomes, runWithinMs, seen, soak } from './run-soak.ts'

const folder = mkdtempSync(join(tmpdir(), 'soak-'))

beforeAll(ensureBuilt)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test(
  'this collector on a simulated engine: no leak, and less than 0.66 descriptors in 1,000 operations',
  async () => {
    const report = join(folder, 'report')
    const criteria = join(folder, 'criteria.yaml')
    writeFileSync(criteria, 'resources: { descriptors: { below: 0.66/1000 operations, kind: count } }\n')
    // A fifth is warm-up, and the last three cycles count as one: 0.64 in 1,000 when nothing rises. Fewer cycles need more operations, more cycles more rests.
    const work = ['--cycles', '24', '--ops', '800', '--containers', '100']
    const result = await soak([...work, '--criteria', criteria, '--report', report])
    expect(result.unmet, JSON.stringify(seen(result))).toEqual([])
    expect(outcomes(result.underTest), JSON.stringify(seen(result))).toEqual({ descriptors: 'clean' })
    expect(result.status).toBe(0)
    const { growth } = result.underTest.verdict.resources[0]!
    expect(growth!.high * 1_000).toBeLessThan(0.66)
    const { exposure } = result.underTest
    expect(exposure.linesDelivered).toBe(exposure.linesWritten)
    // All but those of the containers that stand throughout.
    expect(exposure.streamsClosed).toBe(exposure.streamsOpened! - 10)
    expect(exposure.streamsClosed!).toBeGreaterThanOrEqual(exposure.operations)
    for (const name of ['report.md', 'report.html', 'run.json']) expect(existsSync(join(report, name))).toBe(true)
    expect(readFileSync(join(report, 'report.html'), 'utf8')).toContain('descriptors')
  },
  runWithinMs,
)
