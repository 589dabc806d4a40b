import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRun } from '../../src/soak/read-run.ts'
import type { RunRecord, TargetRecord } from '../../src/soak/run-record.ts'
import { ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { freePort } from '../../src/lab/target/free-port.ts'
import { until } from '../helpers/until.ts'
import { writeProgram } from './programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'soak-'))
const runWithinMs = 400_000

beforeAll(ensureBuilt)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Result {
  readonly status: number | null
  readonly record: RunRecord
  readonly underTest: TargetRecord
  readonly unmet: readonly string[]
}

/** Runs the lab to its end. The seed is in the record's command, which a failure shows. */
async function soak(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> {
  await using run = new RunningCommand(['soak', ...words, '--json'], { env }).readOutput()
  await until('the lab has ended', () => run.hasEnded, { withinMs: runWithinMs, seen: () => run.stderr })
  const status = await run.status()
  if (!run.stdout.startsWith('{')) throw new Error(`the lab gives no record: ${run.stdout}${run.stderr}`)
  const record = readRun('the record', run.stdout)
  const underTest = record.targets[0]!
  return { status, record, underTest, unmet: underTest.gates.filter(({ isMet }) => !isMet).map(({ name }) => name) }
}

const outcomes = ({ verdict }: TargetRecord) =>
  Object.fromEntries(verdict.resources.map(({ name, outcome }) => [name, outcome]))
const seen = ({ record, underTest }: Result) => ({
  command: record.command,
  gates: underTest.gates,
  resources: underTest.resources.map(({ name, floors }) => `${name}: ${floors.join(' ')}`),
})

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

test(
  'planted leaks of every kind are found, and named',
  async () => {
    const leaks = ['descriptors:40', 'sockets:40', 'timers:40', 'listeners:40', 'heap:4000']
    const words = leaks.flatMap((leak) => ['--inject-leak', leak])
    const result = await soak(['--cycles', '24', '--ops', '200', ...words])
    expect(result.unmet, JSON.stringify(seen(result))).toEqual([])
    expect(result.status).toBe(1)
    expect(outcomes(result.underTest), JSON.stringify(seen(result))).toMatchObject({
      descriptors: 'leak',
      timers: 'leak',
      listeners: 'leak',
      // Its first 800 operations are warm-up: a program that is young still fills caches and compiles.
      heap: 'leak',
    })
    expect(outcomes(result.underTest)['threads']).not.toBe('leak')
    const named = result.underTest.survivors
    const has = (kind: string, what: RegExp, least: number) => {
      const amounts = named.filter((one) => one.kind === kind && what.test(one.what)).map(({ amount }) => amount)
      expect(
        amounts.reduce((sum, amount) => sum + amount, 0),
        JSON.stringify(named),
      ).toBeGreaterThanOrEqual(least)
    }
    // 20 cycles after the warm-up, 8 of each in a cycle; descriptors of the last two rests are too young to count.
    has('descriptor', /^\/dev\/null$/, 140)
    has('descriptor', /^tcp to 127\.0\.0\.1:\d+/, 140)
    has('timer', /plantedTimer/, 140)
    has('listener', /planted leak/, 140)
    has('heap', /plant\.js/, 1_000_000)
  },
  runWithinMs,
)

test(
  'another program, started by the lab, which delivers to files',
  async () => {
    const port = await freePort()
    const config = join(folder, 'other.yaml')
    const logs = join(folder, 'logs')
    const program = new URL('../../bin/log-capturer', import.meta.url).pathname
    const socket = join(folder, 'other.sock')
    writeFileSync(
      config,
      JSON.stringify({
        data_dir: join(folder, 'other-state'),
        api: { listen: `127.0.0.1:${port}` },
        sources: { engine: { type: 'docker', host: `unix://${socket}`, keep_alive: '200ms' } },
        sinks: {
          files: { type: 'file', inputs: ['engine'], path: join(logs, '{container.name}.log'), format: 'text' },
        },
      }),
    )
    const target = `cmd:${program} run -c ${config}`
    const result = await soak([
      ...['--engine', `simulated:${socket}`, '--target', target, '--delivered', logs],
      ...['--metrics', `http://127.0.0.1:${port}/metrics`, '--cycles', '3', '--ops', '30'],
    ])
    expect(result.unmet, JSON.stringify(seen(result))).toEqual([])
    expect(result.underTest.exposure).toMatchObject({ operations: 90, linesLost: 0, linesDoubled: 0 })
    expect(result.underTest.gates.map(({ name }) => name)).toContain('metrics alive')
    // Three readings say nothing yet.
    expect(result.status).toBe(2)
  },
  runWithinMs,
)

test(
  'what did no work, died, stood still, never rested or lost its clock is invalid',
  async () => {
    const port = await freePort()
    const run = (name: Parameters<typeof writeProgram>[1], words: readonly string[] = [], env = {}) =>
      soak(
        [
          '--target',
          `cmd:${process.execPath} ${writeProgram(folder, name)} ${port}`,
          '--cycles',
          '3',
          '--ops',
          '10',
          '--containers',
          '10',
          ...words,
        ],
        env,
      )
    const clock = { NODE_OPTIONS: `--import ${writeProgram(folder, 'clock-step')}` }
    const [still, dead, restless, stepped] = await Promise.all([
      run('stands-still', ['--metrics', `http://127.0.0.1:${port}/metrics`]),
      run('dies'),
      run('never-rests', ['--cycles', '1']),
      run('idles', [], clock),
    ])
    for (const { status } of [still, dead, restless, stepped]) expect(status).toBe(3)
    expect(still.unmet).toEqual(expect.arrayContaining(['metrics alive', 'operations done', 'lines delivered']))
    expect(dead.unmet).toContain('same process throughout')
    expect(restless.unmet).toContain('drains at rest')
    expect(stepped.unmet).toContain('steady clock')
  },
  runWithinMs,
)

test(
  'Ctrl-C judges what there is',
  async () => {
    await using run = new RunningCommand(['soak', '--ops', '50', '--json'], {}).readOutput()
    await until('three cycles are done', () => run.stderr.includes('cycle 3 '), { withinMs: 60_000 })
    run.send('SIGINT')
    await until('it has ended', () => run.hasEnded, { withinMs: 30_000, seen: () => run.stderr })
    const record = readRun('the record', run.stdout)
    expect(record.endedEarly).toBe('it was asked to end')
    expect(record.targets[0]!.gates.filter(({ isMet }) => !isMet)).toEqual([])
    expect(await run.status()).toBe(2)
  },
  runWithinMs,
)
