import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PlacedFinding } from '../../src/app/doctor/examine.ts'
import { Owned } from '../../src/lib/owned.ts'
import { logFilePath } from '../../src/log-file/list-files.ts'
import { EngineClock } from '../../src/simulator/clock.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { type CommandOptions, ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { shellContainer } from '../helpers/engine-image.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { LokiReceiver } from '../receivers/loki/loki-receiver.ts'

beforeAll(() => ensureBuilt())

let owned: Owned
let folder: string
beforeEach(() => {
  owned = new Owned()
  folder = mkdtempSync(join(tmpdir(), 'doctor-'))
  owned.defer(() => rmSync(folder, { recursive: true, force: true }))
})
afterEach(() => owned[Symbol.asyncDispose]())

/** Root without its powers: a file or socket of mode 000 is one that it may not use. */
const powerless = ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all']

interface Seen {
  readonly status: number | null
  readonly findings: readonly PlacedFinding[]
}

async function examine(configuration: string, options: CommandOptions = {}): Promise<Seen> {
  const file = join(folder, 'log-capturer.yaml')
  // Not the usual port: another test, or a real collector, may have it.
  const api = configuration.includes('api:') ? '' : 'api: { listen: off }\n'
  writeFileSync(file, `data_dir: "${folder}/state"\n${api}${configuration}`)
  await using doctor = new RunningCommand(['doctor', '-c', file, '--json'], options).readOutput()
  const status = await doctor.status()
  expect(doctor.stderr).toBe('')
  const told = JSON.parse(doctor.stdout) as { status: string; findings: readonly PlacedFinding[] }
  expect(told.status).toBe(status === 0 ? 'ok' : 'mend')
  return { status, findings: told.findings }
}

function openEngine(clock = new EngineClock()): Promise<SimulatedEngine> {
  const listen = { socketPath: join(tmpdir(), `${randomUUID()}.sock`) }
  return SimulatedEngine.open({ listen, rootFolder: folder, clock }, new AbortController().signal).then((engine) =>
    owned.take(engine),
  )
}

const pipeline = (host: string, sink: string, source = '') =>
  `sources: { engine: { type: docker, host: "${host}"${source} } }\nsinks: { out: { ${sink}, inputs: [engine] } }\n`

const faults = ({ findings }: Seen) => findings.filter(({ status }) => status !== 'ok')

test('where all is well it says so, of every part, and has made nothing', async () => {
  const engine = await openEngine()
  const container = engine.createContainer({ name: 'web' })
  container.start()
  const path = logFilePath(folder, container.id)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, '')
  const loki = owned.take(await LokiReceiver.open())
  const { status, findings } = await examine(pipeline(engine.host, `type: loki, url: "${loki.url}"`))
  expect({ status, findings }).toMatchObject({
    status: 0,
    findings: [
      { status: 'ok', subject: 'configuration' },
      {
        component: 'sources.engine',
        subject: 'engine',
        text: expect.stringContaining('Docker 28.5.2 (API 1.51)') as string,
      },
      { component: 'sources.engine', subject: 'clock' },
      {
        component: 'sources.engine',
        subject: 'logs',
        text: "1 container (web) read from the engine's log files, driver json-file",
      },
      { component: 'sinks.out', subject: 'server' },
      { subject: 'data_dir' },
      { subject: 'descriptors' },
      { subject: 'inotify' },
    ],
  })
  expect(new Set(findings.map((finding) => finding.status))).toEqual(new Set(['ok']))
  expect(existsSync(join(folder, 'state'))).toBe(false)
  expect(loki.counts.pushes).toBe(0)
})

test('a driver that cannot be read, and one that the engine reads', async () => {
  const engine = await openEngine()
  for (const [name, driver] of [
    ['deaf', 'none'],
    ['far', 'syslog'],
  ] as const)
    engine.createContainer({ name, body: { HostConfig: { LogConfig: { Type: driver } } } }).start()
  engine.createContainer({ name: 'out', body: { Labels: { 'log-capturer.exclude': 'true' } } }).start()
  const seen = await examine(pipeline(engine.host, 'type: blackhole'))
  expect(faults(seen)).toMatchObject([
    {
      status: 'mend',
      subject: 'logs',
      text: expect.stringMatching(/1 container \(deaf\) cannot be read, driver none: the engine answers 501/) as string,
      cure: expect.stringContaining('log-capturer.exclude=true') as string,
    },
  ])
  expect(seen.findings).toContainEqual(
    expect.objectContaining({ status: 'ok', text: '1 container (far) read through the engine, driver syslog' }),
  )
})

test('an engine that is not there, and one that is too new', async () => {
  const absent = await examine(pipeline(`unix://${folder}/docker.sock`, 'type: blackhole'))
  expect(absent.status).toBe(1)
  expect(faults(absent)).toMatchObject([{ subject: 'engine', text: expect.stringContaining('ENOENT') as string }])
  const engine = await openEngine()
  engine.flavor = { ...engine.flavor, apiVersion: '1.99', minApiVersion: '1.60' }
  expect(faults(await examine(pipeline(engine.host, 'type: blackhole')))).toMatchObject([
    {
      subject: 'engine',
      text: expect.stringContaining('oldest API version is 1.60') as string,
      cure: 'upgrade log-capturer',
    },
  ])
})

test('a port that somebody else has, and certificates that cannot be used', async () => {
  const engine = await openEngine()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  owned.defer(() => void server.close())
  const listen = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const withApi = (api: string) => `${pipeline(engine.host, 'type: blackhole')}api: { listen: "${listen}"${api} }\n`
  expect(faults(await examine(withApi('')))).toMatchObject([
    { status: 'mend', subject: 'api', text: `another program listens at http://${listen}` },
  ])
  expect(faults(await examine(withApi(`, tls: { cert_file: "${folder}/none.pem", key_file: k }`)))).toMatchObject([
    {
      status: 'mend',
      subject: 'api',
      text: expect.stringContaining('none.pem') as string,
      cure: 'check the paths below api.tls',
    },
  ])
})

test('too few descriptors for the containers there are', async () => {
  const engine = await openEngine()
  for (let i = 0; i < 20; i++) engine.createContainer({ name: `c${i}` }).start()
  const through = ['sh', '-c', 'ulimit -n 120; exec "$0" "$@"']
  expect(faults(await examine(pipeline(engine.host, 'type: blackhole'), { through }))).toMatchObject([
    { status: 'mend', subject: 'descriptors', text: expect.stringContaining('20 running containers') as string },
  ])
  expect(faults(await examine(pipeline(engine.host, 'type: blackhole')))).toEqual([])
})

test('a sink that is not there, and an engine whose clock is wrong', async () => {
  const start = { seconds: Math.floor(Date.now() / 1_000) - 3_600, nanos: 0 }
  const engine = await openEngine(new EngineClock({ start }))
  const seen = await examine(pipeline(engine.host, 'type: loki, url: "http://127.0.0.1:1"'))
  expect(faults(seen)).toMatchObject([
    { component: 'sources.engine', subject: 'clock', cure: expect.stringContaining('NTP') as string },
    { component: 'sinks.out', subject: 'server', text: expect.stringContaining('ECONNREFUSED') as string },
  ])
})

test.runIf(process.getuid?.() === 0)('what this user may not use: socket, log files, data_dir, folder', async () => {
  const engine = await openEngine()
  const container = engine.createContainer({ name: 'web' })
  container.start()
  mkdirSync(join(folder, 'containers'), { mode: 0o000 })
  mkdirSync(join(folder, 'state'), { mode: 0o500 })
  const sink = `type: file, path: "${folder}/state/logs/{container.name}.log"`
  const blind = await examine(pipeline(engine.host, sink), { through: powerless })
  expect(faults(blind)).toMatchObject([
    {
      status: 'note',
      subject: 'logs',
      text: expect.stringContaining('EACCES') as string,
      cure: expect.stringContaining('run log-capturer as a user') as string,
    },
    { status: 'mend', component: 'sinks.out', subject: 'folder' },
    { status: 'mend', subject: 'data_dir' },
  ])
  const strict = await examine(pipeline(engine.host, 'type: blackhole', ', read: files'), { through: powerless })
  expect(faults(strict)[0]).toMatchObject({ status: 'mend', subject: 'logs' })
  chmodSync(engine.host.replace('unix://', ''), 0o000)
  const shut = await examine(pipeline(engine.host, 'type: blackhole'), { through: powerless })
  expect(faults(shut)[0]).toMatchObject({
    subject: 'engine',
    text: expect.stringContaining('EACCES') as string,
    cure: expect.stringContaining('group') as string,
  })
})

test('on a terminal or not, every cure stands below what it cures', async () => {
  const file = join(folder, 'c.yaml')
  writeFileSync(file, pipeline(`unix://${folder}/no.sock`, 'type: blackhole'))
  await using doctor = new RunningCommand(['doctor', '-c', file], { folder }).readOutput()
  expect(await doctor.status()).toBe(1)
  expect(doctor.stdout).toMatch(
    /^ok {4}configuration: .* holds\nmend {2}sources\.engine, engine: .*ENOENT.*\n {6}is the engine running/,
  )
  expect(readdirSync(folder)).toEqual(['c.yaml'])
})

describeWithEngine('on a real engine', () => {
  test('every driver is told apart, by reading', async () => {
    const engine = owned.take(await RealEngine.open())
    const script = 'while true; do echo hi; sleep 0.1; done'
    const start = (name: string, LogConfig: object) =>
      engine.client.run(shellContainer(script, { HostConfig: { LogConfig } }), name)
    await start('file', { Type: 'json-file' })
    await start('local', { Type: 'local' })
    await start('none', { Type: 'none' })
    const remote = { 'syslog-address': 'udp://127.0.0.1:1' }
    await start('cached', { Type: 'syslog', Config: remote })
    await start('uncached', { Type: 'syslog', Config: { ...remote, 'cache-disabled': 'true' } })
    const { status, findings } = await examine(pipeline(engine.host, 'type: blackhole'))
    expect(status).toBe(1)
    const told = findings.filter(({ subject }) => subject === 'logs').map((one) => `${one.status}: ${one.text}`)
    expect(told.sort()).toEqual([
      expect.stringMatching(/^mend: 1 container \(none\) cannot be read, driver none: the engine answers 501/),
      expect.stringMatching(/^mend: 1 container \(uncached\) cannot be read, driver syslog: the engine answers 501/),
      'ok: 1 container (cached) read through the engine, driver syslog',
      "ok: 1 container (file) read from the engine's log files, driver json-file",
      "ok: 1 container (local) read from the engine's log files, driver local",
    ])
  })
})

test('a source of posted lines that nobody can reach is found', async () => {
  const configuration = 'sources: { posted: { type: push } }\nsinks: { out: { type: blackhole, inputs: [posted] } }\n'
  const { status, findings } = await examine(configuration)
  expect(status).not.toBe(0)
  expect(findings.find(({ subject }) => subject === 'api')).toMatchObject({
    status: 'mend',
    text: 'nobody can post lines to the source "posted": api.listen is off',
  })
  const reachable = await examine(`${configuration}api: { listen: "127.0.0.1:0" }\n`)
  expect(reachable.findings).toContainEqual(expect.objectContaining({ component: 'sources.posted', status: 'ok' }))
})

test('a table that cannot be read is found before the collector starts', async () => {
  const { status, findings } = await examine(`sources: { posted: { type: push } }
transforms: { owned: { type: enrich, inputs: [posted], file: /nowhere/table.csv, by: "{container.name}" } }
sinks: { out: { type: blackhole, inputs: [owned] } }
api: { listen: "127.0.0.1:0" }
`)
  expect(status).not.toBe(0)
  expect(findings.filter(({ status: one }) => one === 'mend')).toMatchObject([
    {
      component: 'transforms.owned',
      subject: 'enrich',
      text: expect.stringMatching(/cannot read the table/) as string,
    },
  ])
})
