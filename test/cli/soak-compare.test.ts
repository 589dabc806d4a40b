import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordOf } from '../../src/soak/report/testing.ts'
import { command, ensureBuilt } from '../helpers/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'soak-compare-'))
const slow = recordOf({ seed: 3, cycles: 60, target: { leaks: { descriptors: 0.3 } } })
const runs = {
  clean: recordOf({ seed: 5, cycles: 60 }),
  slow,
  fast: recordOf({ seed: 4, cycles: 60, target: { leaks: { descriptors: 3 } } }),
  short: recordOf({ cycles: 14 }),
  invalid: recordOf({ cycles: 60, target: { unmetGate: '5 of 6 lines' } }),
  other: { ...slow, workload: { ...slow.workload, containers: 5 } },
  elsewhere: { ...slow, host: { ...slow.host, kernel: '5.10.0' } },
}
beforeAll(() => {
  ensureBuilt()
  for (const [name, run] of Object.entries(runs)) writeFileSync(join(folder, `${name}.json`), JSON.stringify(run))
  writeFileSync(join(folder, 'cut.json'), JSON.stringify(slow).slice(0, 900))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const soak = (...words: string[]) => command(['soak', ...words], { folder })

describe('soak compare', () => {
  test.each([
    {
      baseline: 'slow',
      current: 'fast',
      status: 1,
      says: /^descriptors .* FASTER$[^]*^FASTER: something grows faster/m,
    },
    { baseline: 'fast', current: 'slow', status: 0, says: /^descriptors .* slower$[^]*^NO FASTER: /m },
    { baseline: 'clean', current: 'clean', status: 0, says: /^threads .* below its criterion$/m },
    { baseline: 'clean', current: 'short', status: 2, says: /^descriptors .* open$[^]*^NOT ENOUGH EVIDENCE: /m },
    {
      baseline: 'clean',
      current: 'invalid',
      status: 3,
      says: /^INVALID: the current run is invalid \(lines delivered: 5 of 6 lines\)$/m,
    },
    {
      baseline: 'slow',
      current: 'other',
      status: 3,
      says: /^INVALID: the number of containers differs: 20 in the baseline, 5 in the current run$/m,
    },
    {
      baseline: 'slow',
      current: 'elsewhere',
      status: 2,
      says: /^Different: kernel: 6\.1\.0-37-amd64 before, 5\.10\.0 now$/m,
    },
  ])('$current beside $baseline ends with $status', ({ baseline, current, status, says }) => {
    const result = soak('compare', `${baseline}.json`, `${current}.json`)
    expect(result.stdout).toMatch(says)
    expect(result.status).toBe(status)
  })

  test('as JSON: the ratio with its limits, which hold the truth', () => {
    const { stdout, status } = soak('compare', 'slow.json', 'fast.json', '--json')
    const comparison = JSON.parse(stdout) as {
      outcome: string
      resources: { name: string; rule: string; ratio: { ratio: number; low: number; high: number; level: number } }[]
    }
    expect(status).toBe(1)
    expect(comparison.outcome).toBe('faster')
    expect(comparison.resources[0]).toMatchObject({ name: 'descriptors', rule: 'exact' })
    const { low, high } = comparison.resources[0]!.ratio
    expect(low).toBeLessThan(10)
    expect(high).toBeGreaterThan(10)
  })

  test.each([
    { words: ['compare', 'slow.json', 'cut.json'], err: /^log-capturer: cut\.json:1:\d+: this is no JSON: /m },
    { words: ['compare', 'slow.json', 'none.json'], err: /none\.json: the file cannot be read: ENOENT/ },
    { words: ['compare', 'slow.json'], err: /current\.json/ },
    { words: ['report', 'slow.json'], err: /--output/ },
  ])('$words ends with 3', ({ words, err }) => {
    const { status, stderr } = soak(...words)
    expect(stderr).toMatch(err)
    expect(status).toBe(3)
  })
})

test('soak report writes a report again, beside a baseline', () => {
  const { status, stdout } = soak('report', 'fast.json', '--output', 'again', '--baseline', 'slow.json')
  expect(stdout).toBe('again/report.html\n')
  expect(status).toBe(0)
  const markdown = readFileSync(join(folder, 'again/report.md'), 'utf8')
  expect(markdown).toMatch(/^\| descriptors \| the baseline \| .* \| GROWS FASTER \|$/m)
  for (const file of ['report.html', 'run.json', 'charts/against.svg'])
    expect(existsSync(join(folder, 'again', file))).toBe(true)
  expect(JSON.parse(readFileSync(join(folder, 'again/run.json'), 'utf8'))).toMatchObject({ seed: 4 })
})
