import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SimulatedContainer } from '../../src/simulator/container.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import type { StreamVerdict, Verdict } from '../../src/verify/verify.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'
import { LokiReceiver } from '../receivers/loki/loki-receiver.ts'
import { entriesIn, lokiWith, type StoredEntry } from './stored-entries.ts'

beforeAll(() => ensureBuilt())

let engine: SimulatedEngine
let app: SimulatedContainer
let folder: string

beforeEach(async () => {
  const listen = { socketPath: join(tmpdir(), `${randomUUID()}.sock`) }
  engine = await SimulatedEngine.open({ listen }, new AbortController().signal)
  app = engine.createContainer({ name: 'app' })
  app.start()
  folder = mkdtempSync(join(tmpdir(), 'verify-loki-'))
})
afterEach(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

function write(count: number, stream: 'stdout' | 'stderr' = 'stdout'): void {
  for (let i = 0; i < count; i++) app.write(stream, `${stream} line ${i}: "ü" \t\n`)
}

/** `sink`: options of the Loki sink besides its address. */
function configuration(loki: LokiReceiver, sink = ''): string {
  const text = `data_dir: ${folder}/state
sources: { engine: { type: docker, host: "${engine.host}" } }
sinks: { loki: { type: loki, inputs: [engine], url: "${loki.url}", batch: { max_age: 10ms }${sink} } }
api: { listen: off }
`
  writeFileSync(join(folder, 'config.yaml'), text)
  return text
}

async function collect(text: string, lines: number): Promise<void> {
  await using collector = await RunningCollector.open(() => text, folder)
  await until('all lines are delivered', async () => (await collector.metric('logs_sent_total')) >= lines)
  await collector.stop()
}

async function verdictOf(words: readonly string[], env: Record<string, string> = {}) {
  await using program = new RunningCommand(['verify', '--settle', '0ms', '--json', ...words], {
    folder,
    env,
  }).readOutput()
  const status = await program.status()
  if (program.stderr !== '') throw new Error(program.stderr)
  return { status, verdict: JSON.parse(program.stdout) as Verdict }
}

type Kind = 'missing' | 'doubled' | 'altered' | 'outOfOrder'
const whole = { missing: 0, doubled: 0, altered: 0, outOfOrder: 0 }

function totals(streams: readonly StreamVerdict[]): Record<Kind, number> {
  const sum = (kind: Kind) => streams.reduce((total, one) => total + one[kind], 0)
  return { missing: sum('missing'), doubled: sum('doubled'), altered: sum('altered'), outOfOrder: sum('outOfOrder') }
}

const damages: readonly { kind: Kind; change: (entries: StoredEntry[]) => StoredEntry[] }[] = [
  { kind: 'missing', change: (entries) => entries.filter((_, i) => i !== 7) },
  { kind: 'doubled', change: (entries) => entries.flatMap((entry, i) => (i === 7 ? [entry, entry] : [entry])) },
  {
    kind: 'altered',
    change: (entries) => entries.map((one, i) => (i === 7 ? { ...one, line: one.line.replace('line', 'lime') } : one)),
  },
  {
    kind: 'outOfOrder',
    change: ([one, two, three, ...rest]) => [
      one!,
      { ...two!, line: three!.line },
      { ...three!, line: two!.line },
      ...rest,
    ],
  },
]

describe('what the collector delivered', () => {
  test('is whole; each kind of damage is found and named', async () => {
    await using loki = await LokiReceiver.open()
    write(200)
    write(50, 'stderr')
    await collect(configuration(loki), 250)
    const { status, verdict } = await verdictOf(['-c', 'config.yaml'])
    expect({ status, ...totals(verdict.streams) }).toEqual({ status: 0, ...whole })
    expect(verdict.streams).toMatchObject([{ judged: 200 }, { judged: 50 }])

    for (const { kind, change } of damages) {
      await using damaged = await lokiWith(change(entriesIn(loki)))
      configuration(damaged)
      const { status, verdict } = await verdictOf(['-c', 'config.yaml'])
      expect({ status, ...totals(verdict.streams) }).toEqual({ status: 1, ...whole, [kind]: 1 })
      const examples = verdict.streams.flatMap((one) => one.examples)
      expect(examples).toHaveLength(1)
      expect(examples[0]!.text).toMatch(/^std(out|err) line \d+: "ü" \t$/)
    }
  }, 60_000)
})
