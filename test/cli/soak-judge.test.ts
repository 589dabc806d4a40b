import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command, ensureBuilt } from '../helpers/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'soak-judge-'))
beforeAll(() => {
  ensureBuilt()
  writeFileSync(join(folder, 'cycle.yaml'), 'resources:\n  descriptors: { below: 0.3/cycle }\n')
  writeFileSync(
    join(folder, 'minute.yaml'),
    'resources:\n  goroutines: { below: 10/min }\n  descriptors: { below: 5/min }\n',
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const judge = (input: string, ...words: string[]) => command(['soak', 'judge', '-', ...words], { folder, input })

function cycles(count: number, held: (cycle: number) => number): string {
  const lines = Array.from({ length: count }, (_, i) => `${i + 1},${held(i + 1)},${i * 100}`)
  return `cycle,descriptors,requests\n${lines.join('\n')}\n`
}

/** A reading every 10 seconds for 40 minutes, with some noise that is the same each time. */
function minutes(leakPerMinute: number): string {
  const noise = (i: number) => ((i * 7_919) % 101) % 7
  const lines = Array.from(
    { length: 241 },
    (_, i) => `${i * 10},${60 + noise(i)},${40 + noise(i + 5) + Math.floor((i * leakPerMinute) / 6)}`,
  )
  return `seconds,goroutines,descriptors\n${lines.join('\n')}\n`
}

describe('soak judge', () => {
  test('a leak ends with 1 and is told with its limits', () => {
    const { status, stdout } = judge(
      cycles(40, (i) => 100 + Math.floor(i / 2)),
      '--criteria',
      'cycle.yaml',
    )
    expect(stdout).toMatch(/^descriptors +0\.5\d* .* below 0\.3: not judged +LEAK$/m)
    expect(stdout).toMatch(/^descriptors: a leak of about 0\.5\d* a cycle, at least 0\.\d+ and at most/m)
    expect(stdout).toMatch(/^Not judged, as no criterion names them: requests$/m)
    expect(stdout).toMatch(/^Observational: /m)
    expect(status).toBe(1)
  })

  test('a clean series ends with 0', () => {
    const { status, stdout } = judge(
      cycles(40, (i) => 100 + (i % 5 === 0 ? 2 : 0)),
      '--criteria',
      'cycle.yaml',
    )
    expect(stdout).toMatch(/^descriptors: no growth of 0\.2 a cycle or more, and the criterion is 0\.3/m)
    expect(stdout).toMatch(/^CLEAN: 40 readings, 1 clean/m)
    expect(status).toBe(0)
  })

  test('a series that is too short ends with 2', () => {
    const { status, stdout } = judge(
      cycles(8, () => 100),
      '--criteria',
      'cycle.yaml',
    )
    expect(stdout).toMatch(/^descriptors: at least 12 readings are needed/m)
    expect(status).toBe(2)
  })

  test('a series that could show less says how much more it takes, and ends with 2', () => {
    const { status, stdout } = judge(
      cycles(20, () => 100),
      '--criteria',
      'cycle.yaml',
    )
    expect(stdout).toMatch(
      /growth as fast as the criterion is not ruled out; about 9\.\d+ cycles more of the same would show it/,
    )
    expect(status).toBe(2)
  })

  // A run that was called free of leaks because its growth, (last - first) / time, fell.
  test('eight readings under load meet their criteria, and are not enough to look for a leak', () => {
    const readings = [0, 8, 11, 12, 12, 9, 9, 9].map((more, i) => `${i * 2},${40 + more},${60 + more}`)
    const { status, stdout } = judge(
      `minutes,descriptors,goroutines\n${readings.join('\n')}\n`,
      '--criteria',
      'minute.yaml',
    )
    expect(stdout).toMatch(/^descriptors .* below 5: met +NOT ENOUGH EVIDENCE$/m)
    expect(stdout).toMatch(
      /^descriptors: too few readings .* below 1\.\d+ a minute \(a limit of 0\.1 a minute takes 52\.98 steady/m,
    )
    expect(stdout).toMatch(/^Observational: /m)
    expect(status).toBe(2)
  })

  test('a run by operations is told per 1,000 of them', () => {
    const readings = Array.from({ length: 40 }, (_, i) => `${(i + 1) * 500},${100 + i}`)
    writeFileSync(join(folder, 'operations.yaml'), 'resources:\n  descriptors: { below: 0.66/1000 operations }\n')
    const { status, stdout } = judge(
      `operations,descriptors\n${readings.join('\n')}\n`,
      '--criteria',
      'operations.yaml',
    )
    expect(stdout).toMatch(/^descriptors +2 .* below 0\.66: missed +LEAK$/m)
    expect(stdout).toMatch(/^descriptors: a leak of about 2 per 1,000 operations/m)
    expect(status).toBe(1)
  })

  test.each([
    { leak: 0, status: 0, said: ['clean', 'clean'], results: ['met', 'met'] },
    { leak: 1, status: 1, said: ['clean', 'leak'], results: ['met', 'met'] },
    { leak: 9, status: 1, said: ['clean', 'leak'], results: ['met', 'missed'] },
  ])('readings in time that leak $leak a minute: $said, as JSON', ({ leak, status, said, results }) => {
    const result = judge(minutes(leak), '--criteria', 'minute.yaml', '--json')
    const verdict = JSON.parse(result.stdout) as {
      note: string
      unit: string
      level: number
      resources: { outcome: string; criterion: { result: string }; growth: { low: number; high: number } }[]
    }
    expect(verdict).toMatchObject({
      unit: 'minute',
      level: 0.005,
      note: expect.stringContaining('Observational') as string,
    })
    expect(verdict.resources.map(({ outcome }) => outcome)).toEqual(said)
    expect(verdict.resources.map(({ criterion }) => criterion.result)).toEqual(results)
    expect(verdict.resources[1]!.growth.low).toBeLessThanOrEqual(leak)
    expect(verdict.resources[1]!.growth.high).toBeGreaterThanOrEqual(leak)
    expect(result.status).toBe(status)
  })

  test.each([
    {
      name: 'a restart',
      input: 'cycle,pid,descriptors\n1,7,3\n2,9,3\n',
      words: [],
      out: /INVALID: "pid" changes/,
      err: /^$/,
    },
    {
      name: 'a broken file',
      input: 'cycle,descriptors\n1,2\n2,two\n',
      words: [],
      out: /^$/,
      err: /<stdin>:3:3: "descriptors" is no number: "two"/,
    },
    { name: 'no axis', input: 'a,b\n1,2\n', words: [], out: /^$/, err: /name it with --time/ },
    {
      name: 'criteria of another unit',
      input: cycles(9, () => 1),
      words: ['--criteria', 'minute.yaml'],
      out: /^$/,
      err: /write it per cycle/,
    },
    {
      name: 'no criteria',
      input: 'cycle,a\n1,2\n',
      words: ['--criteria', 'none.yaml'],
      out: /^$/,
      err: /none\.yaml: the file cannot be read: ENOENT/,
    },
    { name: 'a flag that is none', input: '', words: ['--crteria', 'x'], out: /^$/, err: /Did you mean --criteria\?/ },
  ])('$name ends with 3', ({ input, words, out, err }) => {
    const { status, stdout, stderr } = judge(input, ...words)
    expect(stdout).toMatch(out)
    expect(stderr).toMatch(err)
    expect(status).toBe(3)
  })

  test('a file that is not there ends with 3', () => {
    const { status, stderr } = command(['soak', 'judge', 'none.csv'], { folder })
    expect(stderr).toMatch(/none\.csv: the file cannot be read: ENOENT/)
    expect(status).toBe(3)
  })

  test('help tells the exit statuses, and completion knows the verb', () => {
    expect(command(['soak', 'judge', '--help']).stdout).toMatch(/2 not enough evidence/)
    for (const shell of ['bash', 'zsh', 'fish'])
      expect(command(['completion', shell]).stdout).toMatch(/soak[^]*judge[^]*criteria/)
  })
})
