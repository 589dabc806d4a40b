import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SimulatedContainer } from '../../src/simulator/container.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import type { StreamVerdict, Verdict } from '../../src/verify/verify.ts'
import { makeCertificates } from '../helpers/certificates.ts'
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

test('lines that go by times and labels of their own are known by the time of the engine, over a queue on disk as well', async () => {
  await using loki = await LokiReceiver.open()
  const times = [3, 1, 2, 2, 2].map((ago) => new Date(Date.now() - ago * 60_000).toISOString())
  const texts = times.map(
    (ts, i) => `${JSON.stringify({ ts, level: i === 1 ? 'error' : 'info', n: i === 3 ? 4 : i })}\n`,
  )
  for (const text of texts) app.write('stdout', text)
  app.write('stdout', 'no JSON\n')
  const text = configuration(
    loki,
    ', labels: { app: "{container.name}", level: "{fields.level}" }, queue: { memory: 0 MiB, disk: 16 MiB }',
  )
    .replace('inputs: [engine]', 'inputs: [timed]')
    .concat(
      'transforms:\n  found: { type: parse, inputs: [engine], format: json }\n  timed: { type: timestamp, inputs: [found] }\n',
    )
  writeFileSync(join(folder, 'config.yaml'), text)
  await collect(text, 6)
  const entries = entriesIn(loki)
  expect(entries.map(({ labels, metadata }) => [labels['level'], metadata['n']])).toEqual([
    ...['0', '2', '4', '4'].map((n) => ['info', n]),
    ['error', '1'],
    [undefined, undefined],
  ])
  // Two lines of one text and one time are two entries.
  expect(new Set(entries.map(({ time }) => time)).size).toBe(6)
  expect(entries[0]!.time.slice(0, -6)).toBe(String(Date.parse(times[0]!)))
  const { status, verdict } = await verdictOf(['-c', 'config.yaml'])
  expect({ status, ...totals(verdict.streams) }).toEqual({ status: 0, ...whole })
  expect(verdict.streams).toMatchObject([{ judged: 6 }])
}, 30_000)

test('of a tenant behind a login, with labels of its own', async () => {
  const access = { kind: 'basic', user: 'reader', password: 'secret' } as const
  await using loki = await LokiReceiver.open({ hasTenants: true, access })
  write(40)
  const own =
    ', tenant: "{container.name}", auth: { username: reader, password: secret }, labels: { source: "{stream}" }'
  await collect(configuration(loki, own), 40)
  const { status, verdict } = await verdictOf(['-c', 'config.yaml'])
  expect({ status, streams: verdict.streams }).toMatchObject({ status: 0, streams: [{ judged: 40 }] })

  const words = [
    '--engine',
    engine.host,
    '--loki',
    loki.url,
    '--loki-user',
    'reader',
    '--loki-query',
    '{source="stdout"}',
  ]
  const named = await verdictOf([...words, '--loki-tenant', 'app'], { LOKI_PASSWORD: 'secret' })
  expect({ status: named.status, streams: named.verdict.streams }).toMatchObject({
    status: 0,
    streams: [{ judged: 40 }],
  })
  await expect(verdictOf([...words, '--loki-tenant', 'app'])).rejects.toThrow(/401[^]*--loki-user/)
  await expect(verdictOf(words, { LOKI_PASSWORD: 'secret' })).rejects.toThrow(/no org id[^]*--loki-tenant/)
}, 30_000)

test('several containers with the same labels are told apart by metadata, and cannot be without', async () => {
  const other = engine.createContainer({ name: 'other' })
  other.start()
  for (let i = 0; i < 20; i++) other.write('stdout', `other ${i}\n`)
  write(20)
  await using loki = await LokiReceiver.open()
  await collect(configuration(loki, ', labels: { job: docker }'), 40)
  const { status, verdict } = await verdictOf(['-c', 'config.yaml'])
  expect({ status, streams: verdict.streams }).toMatchObject({ status: 0, streams: [{ judged: 20 }, { judged: 20 }] })

  await using without = await lokiWith(entriesIn(loki).map((entry) => ({ ...entry, metadata: {} })))
  configuration(without, ', labels: { job: docker }, structured_metadata: false')
  await expect(verdictOf(['-c', 'config.yaml'])).rejects.toThrow(/do not say of which container/)
}, 30_000)

test('why lines are missing is said where the collector knows it', async () => {
  await using loki = await LokiReceiver.open()
  const hidden = engine.createContainer({
    name: 'hidden',
    body: { Labels: { 'log-capturer.exclude': 'true' } },
  })
  hidden.start()
  write(40)
  app.write('stdout', `${'x'.repeat(300_000)}\n`)
  const filtered = configuration(loki)
    .replace('inputs: [engine]', 'inputs: [only]')
    .replace('sinks:', 'transforms: { only: { type: filter, inputs: [engine], exclude: ["line 3"] } }\nsinks:')
  writeFileSync(join(folder, 'config.yaml'), filtered)
  await collect(filtered, 29)
  const { status, verdict } = await verdictOf(['-c', 'config.yaml'])
  const reason = expect.stringMatching(/^in the dead letters: line too long/) as string
  expect({ status, verdict }).toMatchObject({
    status: 1,
    verdict: {
      notes: [
        'excluded by the configuration, or by their label: hidden',
        '11 lines are taken out by transforms of the configuration',
      ],
      streams: [{ missing: 1, judged: 30, reasons: [{ reason, lines: 1 }], examples: [{ kind: 'missing', reason }] }],
    },
  })
}, 30_000)

test('lines that Loki does not give as a whole are not compared, and nothing is called good', async () => {
  await using loki = await LokiReceiver.open()
  write(40)
  write(5, 'stderr')
  await collect(configuration(loki), 45)
  const second = String((BigInt(Date.now()) / 1000n) * 1_000_000_000n)
  const crowded = entriesIn(loki).map((entry) =>
    entry.labels['stream'] === 'stdout' ? { ...entry, time: second } : entry,
  )
  await using other = await lokiWith(crowded, { queryLimits: { maxEntries: 10 } })
  configuration(other)
  const { status, verdict } = await verdictOf(['-c', 'config.yaml'])
  expect({ status, ...totals(verdict.streams) }).toEqual({ status: 3, ...whole })
  expect(verdict.streams).toMatchObject([
    { judged: 0, incomparable: expect.stringContaining('than Loki gives') as string },
    { judged: 5 },
  ])
}, 30_000)

test('a Loki that is not there', async () => {
  const loki = await LokiReceiver.open()
  await loki.goDown()
  write(1)
  await expect(verdictOf(['--engine', engine.host, '--loki', loki.url])).rejects.toThrow(/cannot be read.*ECONNREFUSED/)
}, 30_000)

test('what the engine has rotated away cannot be judged, and is said to be older', async () => {
  await using loki = await LokiReceiver.open()
  const text = configuration(loki)
  await using collector = await RunningCollector.open(() => text, folder)
  await collector.ready()
  const log = { Type: 'json-file', Config: { 'max-size': '4k', 'max-file': '2' } }
  app = engine.createContainer({ name: 'busy', body: { HostConfig: { LogConfig: log } } })
  app.start()
  for (let round = 1; round <= 10; round++) {
    write(30)
    await until('the lines are delivered', () => loki.stored === round * 30)
  }
  await collector.stop()
  const { status, verdict } = await verdictOf(['-c', 'config.yaml'])
  const { judged, extra, older } = verdict.streams[0]!
  expect({ status, ...totals(verdict.streams) }).toEqual({ status: 0, ...whole })
  expect(judged).toBeLessThan(300)
  expect({ extra, older }).toEqual({ extra: 300 - judged, older: 300 - judged })
}, 30_000)

test('over TLS, with a certificate of its own', async () => {
  const certificates = join(folder, 'certificates')
  makeCertificates(certificates)
  write(20)
  await using plain = await LokiReceiver.open()
  await collect(configuration(plain), 20)
  await using loki = await lokiWith(entriesIn(plain), {}, certificates)
  const file = (name: string) => join(certificates, name)
  const words = ['--engine', engine.host, '--loki', loki.url, '--loki-ca', file('ca.pem')]
  const own = ['--loki-cert', file('cert.pem'), '--loki-key', file('key.pem')]
  const { status, verdict } = await verdictOf([...words, ...own])
  expect({ status, streams: verdict.streams }).toMatchObject({ status: 0, streams: [{ judged: 20 }] })
}, 30_000)

test('a live system is not called faulty for what is on its way', async () => {
  await using loki = await LokiReceiver.open()
  const text = configuration(loki)
  await using collector = await RunningCollector.open(() => text, folder)
  await collector.ready()
  const writing = setInterval(() => write(20), 5)
  try {
    await until('something is delivered', () => loki.stored > 100)
    const { status, verdict } = await verdictOf(['-c', 'config.yaml', '--settle', '2s'])
    expect({ status, streams: verdict.streams }).toMatchObject({ status: 0, streams: [{ stream: 'stdout' }] })
  } finally {
    clearInterval(writing)
  }
}, 30_000)

/** Whatever another collector makes of an entry of ours. */
type Shape = (entry: StoredEntry, index: number) => StoredEntry

describe('what another collector delivered', () => {
  const later = (time: string, nanos: bigint) => String(BigInt(time) + nanos)
  const shapes: Record<string, { shape: Shape; words?: string[] }> = {
    'Promtail or Alloy, from the API': {
      shape: ({ time, line, labels }) => ({
        time,
        line,
        labels: { container: '/app', logstream: labels['stream']!, service_name: 'app' },
        metadata: { detected_level: line.includes('7') ? 'info' : 'unknown' },
      }),
    },
    'Promtail, from the engine’s files': {
      shape: ({ time, line, labels }) => ({
        time,
        line: `${line}\n`,
        labels: { filename: `/var/lib/docker/containers/${app.id}/${app.id}-json.log`, stream: labels['stream']! },
        metadata: {},
      }),
    },
    'Docker’s Loki driver, with times of its own': {
      shape: ({ time, line, labels }, index) => ({
        time: later(time, 1_234_567n + BigInt(index % 3)),
        line,
        labels: { container_name: 'app', source: labels['stream']!, host: 'h' },
        metadata: {},
      }),
    },
    'Fluent Bit, a record in a line': {
      shape: ({ time, line, labels }) => ({
        time: later(time, 5_000_000n),
        line: JSON.stringify({ container_name: '/app', source: labels['stream'], log: line }),
        labels: { job: 'fluent-bit' },
        metadata: {},
      }),
      words: ['--loki-query', '{job="fluent-bit"}', '--format', 'ndjson'],
    },
    'labels that nobody knows': {
      shape: ({ time, line, labels }) => ({ time, line, labels: { c: 'app', s: labels['stream']! }, metadata: {} }),
      words: ['--container-label', 'c', '--stream-label', 's'],
    },
  }
  test.each(Object.entries(shapes))(
    '%s',
    async (_name, { shape, words = [] }) => {
      await using own = await LokiReceiver.open()
      write(100)
      write(20, 'stderr')
      await collect(configuration(own), 120)
      const delivered = entriesIn(own).map(shape)
      await using good = await lokiWith(delivered)
      const { status, verdict } = await verdictOf(['--engine', engine.host, '--loki', good.url, ...words])
      expect({ status, ...totals(verdict.streams), streams: verdict.streams }).toMatchObject({
        ...{ status: 0, ...whole },
        streams: [{ judged: 100 }, { judged: 20 }],
      })

      await using bad = await lokiWith([...delivered.slice(0, 50), ...delivered.slice(60), delivered[65]!])
      const found = await verdictOf(['--engine', engine.host, '--loki', bad.url, ...words])
      expect({ status: found.status, ...totals(found.verdict.streams) }).toEqual({
        ...{ status: 1, ...whole },
        ...{ missing: 10, doubled: 1 },
      })
    },
    30_000,
  )

  test('entries that do not say of which container they are are compared with nothing', async () => {
    await using loki = await lokiWith([{ labels: { job: 'x' }, metadata: {}, time: `${Date.now()}000000`, line: 'x' }])
    write(5)
    engine.createContainer({ name: 'other' })
    const words = ['--engine', engine.host, '--loki', loki.url]
    await expect(verdictOf(words)).rejects.toThrow(/no label of Loki names one of the containers: it has job/)
    await expect(verdictOf([...words, '--loki-query', '{job="x"}'])).rejects.toThrow(
      /of which container they are: job=x/,
    )
    await expect(verdictOf([...words, '--loki-query', 'job'])).rejects.toThrow(/job/)
  }, 30_000)
})
