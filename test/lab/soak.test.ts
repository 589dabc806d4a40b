import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRun } from '../../src/soak/read-run.ts'
import { ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { freePort } from '../../src/lab/target/free-port.ts'
import { until } from '../helpers/until.ts'
import { writeProgram } from './programs.ts'
import { runWithinMs, seen, soak } from './run-soak.ts'

const folder = mkdtempSync(join(tmpdir(), 'soak-'))

beforeAll(ensureBuilt)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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
