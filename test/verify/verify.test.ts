import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SimulatedContainer } from '../../src/simulator/container.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import type { Verdict } from '../../src/verify/verify.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

beforeAll(() => ensureBuilt())

let engine: SimulatedEngine
let app: SimulatedContainer
let folder: string

beforeEach(async () => {
  const listen = { socketPath: join(tmpdir(), `${randomUUID()}.sock`) }
  engine = await SimulatedEngine.open({ listen }, new AbortController().signal)
  app = engine.createContainer({ name: 'app' })
  app.start()
  folder = mkdtempSync(join(tmpdir(), 'verify-'))
})
afterEach(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs beside the engine of this process, which has to answer meanwhile. */
async function verify(...words: string[]) {
  await using program = new RunningCommand(['verify', '--settle', '0ms', ...words], { folder }).readOutput()
  const status = await program.status()
  return { status, stdout: program.stdout, stderr: program.stderr }
}

async function verdictOf(...words: string[]) {
  const { status, stdout, stderr } = await verify('--json', ...words)
  if (stderr !== '') throw new Error(stderr)
  return { status, verdict: JSON.parse(stdout) as Verdict }
}

function configuration(sink: string, more = ''): string {
  const text = `data_dir: ${folder}/state
sources: { engine: { type: docker, host: "${engine.host}" } }
${more}
sinks: { out: { type: file, sync_every: 10ms, ${sink} } }
api: { listen: off }
`
  writeFileSync(join(folder, 'config.yaml'), text)
  return text
}

function write(count: number, stream: 'stdout' | 'stderr' = 'stdout'): void {
  for (let i = 0; i < count; i++) app.write(stream, `${stream} line ${i}: "ü" \t\n`)
}

/** Collects all that was written so far, and stops. */
async function collect(text: string, lines: number): Promise<void> {
  await using collector = await RunningCollector.open(() => text, folder)
  await until('all lines are delivered', async () => (await collector.metric('logs_sent_total')) >= lines)
  await collector.stop()
}

const shapes = [
  { name: 'NDJSON', sink: 'inputs: [engine], path: "out/{container.name}.ndjson"' },
  { name: 'text', sink: 'inputs: [engine], path: "out/{container.name}.{stream}.log", format: text' },
  {
    name: 'rotated and compressed',
    sink: 'inputs: [engine], path: "out/all.ndjson", rotate: { size: 8KiB }, compress: gzip',
  },
].map(({ name, sink }) => ({ name, sink: () => sink.replace('out/', `${folder}/out/`) }))

const files = () => readdirSync(join(folder, 'out')).map((name) => join(folder, 'out', name))

/** Changes the lines of the first file that has enough of them, compressed or not. */
function damage(change: (lines: string[]) => string[]): void {
  for (const path of files()) {
    const isCompressed = path.endsWith('.gz')
    const bytes = readFileSync(path)
    const lines = (isCompressed ? gunzipSync(bytes) : bytes).toString().split('\n').slice(0, -1)
    if (lines.length < 20) continue
    const changed = Buffer.from(`${change(lines).join('\n')}\n`)
    writeFileSync(path, isCompressed ? gzipSync(changed) : changed)
    return
  }
  throw new Error('no file has 20 lines')
}

const damages: { kind: 'missing' | 'doubled' | 'altered' | 'outOfOrder'; change: (lines: string[]) => string[] }[] = [
  { kind: 'missing', change: (lines) => lines.filter((_, i) => i !== 7) },
  { kind: 'doubled', change: (lines) => lines.flatMap((line, i) => (i === 7 ? [line, line] : [line])) },
  { kind: 'altered', change: (lines) => lines.map((line, i) => (i === 7 ? line.replace('line', 'lime') : line)) },
  { kind: 'outOfOrder', change: ([one, two, three, ...rest]) => [one!, three!, two!, ...rest] },
]

describe.each(shapes)('$name', ({ sink }) => {
  test('what the collector delivered is whole; each kind of damage is found and named', async () => {
    write(200)
    write(50, 'stderr')
    await collect(configuration(sink()), 250)
    const good = await verify('-c', 'config.yaml')
    expect(good).toMatchObject({ status: 0, stderr: '' })
    expect(good.stdout).toMatch(/^OK: 250 lines of 2 streams/m)

    const kept = new Map(files().map((path) => [path, readFileSync(path)]))
    for (const { kind, change } of damages) {
      damage(change)
      const { status, verdict } = await verdictOf('-c', 'config.yaml')
      const total = (name: 'missing' | 'doubled' | 'altered' | 'outOfOrder') =>
        verdict.streams.reduce((sum, one) => sum + one[name], 0)
      const found = Object.fromEntries(damages.map((one) => [one.kind, total(one.kind)]))
      expect({ status, found }).toEqual({
        status: 1,
        found: { missing: 0, doubled: 0, altered: 0, outOfOrder: 0, [kind]: 1 },
      })
      const examples = verdict.streams.flatMap((one) => one.examples)
      expect(examples).toHaveLength(1)
      expect(examples[0]).toMatchObject({ text: expect.stringMatching(/^std(out|err) line \d+: "ü" \t$/) as string })
      if (kind === 'altered') expect(examples[0]).toMatchObject({ differsAtByte: 9 })
      for (const [path, bytes] of kept) writeFileSync(path, bytes)
    }
  }, 60_000)
})

test('lines that the configuration filters are not missing, and a line that was cut is altered for a known reason', async () => {
  write(40)
  app.write('stdout', `${'x'.repeat(3_000)}\n`)
  const text = configuration(
    `inputs: [only], path: "${folder}/out/{container.name}.ndjson"`,
    'transforms: { only: { type: filter, inputs: [engine], exclude: ["line 3"] } }',
  ).replace('type: docker,', 'type: docker, max_line_bytes: 1KiB,')
  writeFileSync(join(folder, 'config.yaml'), text)
  await collect(text, 30)
  const { status, verdict } = await verdictOf('-c', 'config.yaml')
  expect(status).toBe(1)
  expect(verdict.streams).toMatchObject([{ truth: 30, missing: 0, altered: 1 }])
  expect(verdict.streams[0]!.examples).toMatchObject([
    { kind: 'altered', differsAtByte: 1_024, reason: expect.stringContaining('truncated') as string },
  ])
})

test('a live system is not called faulty for what is on its way', async () => {
  const text = configuration(`inputs: [engine], path: "${folder}/out/{container.name}.ndjson", rotate: { size: 1MiB }`)
  await using collector = await RunningCollector.open(() => text, folder)
  await collector.ready()
  const writing = setInterval(() => write(20), 5)
  try {
    await until('something is delivered', async () => (await collector.metric('logs_sent_total')) > 100)
    const { status, verdict } = await verdictOf('-c', 'config.yaml', '--settle', '2s')
    expect({ status, streams: verdict.streams }).toMatchObject({ status: 0, streams: [{ stream: 'stdout' }] })
  } finally {
    clearInterval(writing)
  }
}, 30_000)

describe('what another collector delivered', () => {
  const others = {
    'as Vector writes it': (at: string, message: string) => ({
      container_created_at: at,
      container_id: app.id,
      container_name: 'app',
      host: 'h',
      image: 'i',
      label: {},
      message,
      source_type: 'docker_logs',
      stream: 'stdout',
      timestamp: at,
    }),
    'as Fluent Bit writes it': (at: string, message: string) => ({
      date: Date.parse(at) / 1000,
      container_id: app.id,
      container_name: '/app',
      log: `${message}\n`,
      source: 'stdout',
    }),
    'with times of its own': (at: string, message: string) => ({
      '@timestamp': new Date(Date.parse(at) + 1_234).toISOString(),
      container: { name: 'app' },
      message,
    }),
  }
  test.each(Object.entries(others))('%s', async (_name, recordOf) => {
    write(100)
    const text = configuration(`inputs: [engine], path: "${folder}/own/{container.name}.ndjson"`)
    await collect(text, 100)
    const own = readFileSync(join(folder, 'own', 'app.ndjson'), 'utf8')
      .split('\n')
      .slice(0, -1)
    const records = own.map((line) => {
      const { timestamp, message } = JSON.parse(line) as { timestamp: string; message: string }
      return JSON.stringify(recordOf(timestamp, message))
    })
    const other = join(folder, 'other.json')
    writeFileSync(other, `${records.join('\n')}\n`)
    const words = ['--engine', engine.host, '--files', other]
    expect((await verdictOf(...words)).status).toBe(0)
    writeFileSync(other, `${[...records.slice(0, 50), ...records.slice(60), records[99]!].join('\n')}\n`)
    const { status, verdict } = await verdictOf(...words)
    expect({ status, streams: verdict.streams }).toMatchObject({ status: 1, streams: [{ missing: 10, doubled: 1 }] })
  })
})

describe('what cannot be compared is never called good', () => {
  test.each([
    ['nothing in common', () => ['--engine', engine.host, '--files', 'empty.ndjson'], /NOTHING COMPARED/],
    ['no such file', () => ['--engine', engine.host, '--files', 'nowhere.ndjson'], /no file matches/],
    ['no such engine', () => ['--engine', 'unix:///nowhere.sock', '--files', 'empty.ndjson'], /nowhere\.sock|ENOENT/],
    ['no such container', () => ['--engine', engine.host, '--files', '.', '--container', 'x'], /no container "x"/],
  ])('%s', async (_name, words, said) => {
    writeFileSync(join(folder, 'empty.ndjson'), '')
    const { status, stdout, stderr } = await verify(...words())
    expect(stdout + stderr).toMatch(said)
    expect(status).toBe(3)
  })

  test('flags that do not go together', async () => {
    expect(await verify('--engine', engine.host)).toMatchObject({ status: 2 })
  })
})

test.each([
  'all.ndjson',
  '{container.name}.ndjson',
])('posted lines that lie beside those of the engine, in %s, are no matter of it', async (path) => {
  const text = configuration(`inputs: [engine, posted], path: "${folder}/out/${path}"`)
    .replace('sources: {', 'sources: { posted: { type: push },')
    .replace('listen: off', 'listen: "127.0.0.1:0"')
  writeFileSync(join(folder, 'config.yaml'), text)
  write(20)
  await using running = await RunningCollector.open(() => text, folder)
  const { host, port } = running.collector.listen!
  const headers = { 'content-type': 'application/x-ndjson' }
  const body = '{"text":"stdout line 1","container":"app"}\n{"text":"of a job","container":"job"}\n'
  expect((await fetch(`http://${host}:${port}/api/v1/logs`, { method: 'POST', headers, body })).status).toBe(200)
  await until('all lines are delivered', async () => (await running.metric('logs_sent_total')) >= 22)
  await running.stop()
  const { status, verdict } = await verdictOf('-c', 'config.yaml')
  expect(status).toBe(0)
  expect(verdict.streams).toMatchObject([{ judged: 20, missing: 0, doubled: 0, altered: 0, extra: 1 }])
})
