import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SimulatedContainer } from '../../src/simulator/container.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { ensureBuilt, RunningCommand } from '../helpers/command.ts'
import { freePort } from '../../src/lab/target/free-port.ts'
import { until } from '../helpers/until.ts'
import { generousLimits } from '../receivers/loki/limits.ts'
import { LokiReceiver } from '../receivers/loki/loki-receiver.ts'
import { inTurn } from '../receivers/loki/misbehaviour.ts'

let folder: string
let engine: SimulatedEngine
let container: SimulatedContainer
let receiver: LokiReceiver
let written: number

beforeAll(ensureBuilt, 120_000)
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dlq-'))
  const socketPath = join(tmpdir(), `${randomUUID()}.sock`)
  engine = await SimulatedEngine.open({ listen: { socketPath } }, new AbortController().signal)
  container = engine.createContainer({ name: 'app' })
  container.start()
  receiver = await LokiReceiver.open({ limits: generousLimits })
  written = 0
})
afterEach(async () => {
  await receiver[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** The destination refuses everything for good. */
const refuse = () => receiver.misbehave({ kind: 'answers', answers: inTurn([{ status: 400, text: 'no such thing' }]) })

function configure({ port, sink = 'logs' }: { readonly port?: number; readonly sink?: string } = {}): void {
  writeFileSync(
    join(folder, 'log-capturer.yaml'),
    `data_dir: state
api: { listen: ${port === undefined ? 'off' : `"127.0.0.1:${port}"`} }
sources: { engine: { type: docker, host: "${engine.host}" } }
sinks: { ${sink}: { type: loki, inputs: [engine], url: "${receiver.url}", batch: { max_age: 250ms } } }
`,
  )
}

function write(count: number): void {
  for (let i = 0; i < count; i++) container.write('stdout', `line ${written++}\n`)
}

/** The program to its end, beside the receiver, which lives in this process. */
async function dlq(...words: string[]) {
  await using running = new RunningCommand(['dlq', ...words], { folder }).readOutput()
  const status = await running.status()
  return { status, stdout: running.stdout, stderr: running.stderr }
}

async function letters(): Promise<{ id: string; attempts: number; reason: string; lines: number; sink: string }[]> {
  const { status, stdout } = await dlq('list', '--json')
  expect(status).toBe(0)
  return (JSON.parse(stdout) as { letters: [] }).letters
}

/** Resolves when the letters have so many lines, however many letters that makes. */
async function untilKept(count: number) {
  return until(`${count} lines are kept`, async () => {
    const kept = await letters()
    return sum(kept.map((letter) => letter.lines)) === count && kept
  })
}

const start = () => new RunningCommand(['run'], { folder })

/** Runs a collector until the destination has refused `count` lines of it, and ends it. */
async function collectRefused(count: number): Promise<void> {
  refuse()
  await using collector = start()
  const before = receiver.counts.pushes
  write(count)
  await until('it was refused', () => receiver.counts.pushes > before)
  collector.send('SIGTERM')
  expect(await collector.status()).toBe(0)
}

const stored = () => receiver.streams({ container: 'app' }).flatMap((stream) => stream.texts())
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}`)

describe('dlq, while no collector runs', { timeout: 90_000 }, () => {
  beforeEach(() => configure())

  test('list and show tell what was refused, why and when, and control characters do nothing', async () => {
    refuse()
    await using collector = start()
    container.write('stdout', 'red \u001b[31m alert\n')
    await until('it was refused', () => receiver.counts.pushes > 0)
    collector.send('SIGTERM')
    expect(await collector.status()).toBe(0)
    const [letter] = await letters()
    expect(letter).toMatchObject({
      sink: 'logs',
      lines: 1,
      attempts: 1,
      reason: expect.stringContaining('no such thing') as string,
    })
    const list = await dlq('list')
    expect(list).toMatchObject({ status: 0, stderr: '' })
    expect(list.stdout).toMatch(/^ID +REFUSED AT +TIMES +LINES +BYTES +SINK +REASON$/m)
    expect(list.stdout).toMatch(new RegExp(`^${letter!.id} +20\\d\\d-.*Z +1 +1 .* logs +.*no such thing`, 'm'))
    expect(list.stdout).toContain('logs: 1 letter, 1 line')
    const show = await dlq('show', letter!.id)
    expect(show.status).toBe(0)
    expect(show.stdout).toContain('app')
    expect(show.stdout).toContain('alert')
    expect(show.stdout).not.toContain('\u001b')
    expect((await dlq('list', '--sink', 'others')).stdout).toContain('no dead letters of the sink "others"')
  })

  test('replay sends each letter once: what is refused again stays, and is counted; afterwards every line is there once', async () => {
    await collectRefused(5)
    await collectRefused(4)
    const before = await letters()
    expect(sum(before.map((letter) => letter.lines))).toBe(9)
    const pushes = receiver.counts.pushes
    const refused = await dlq('replay', '--all')
    expect(refused.status).toBe(1)
    expect(refused.stdout).toContain('0 lines delivered, 9 refused once more and kept')
    expect(receiver.counts.pushes - pushes).toBe(before.length)
    expect((await letters()).map(({ attempts }) => attempts)).toEqual(before.map(() => 2))

    receiver.behave()
    const replayed = await dlq('replay', '--all')
    expect(replayed).toMatchObject({ status: 0, stderr: '' })
    expect(replayed.stdout).toContain('9 lines delivered, 0 refused')
    expect(stored()).toEqual(lines(0, 9))
    expect(await letters()).toEqual([])
  })

  test('what was too long for a destination arrives once when its limit is mended, and what was taken is not sent again', async () => {
    await receiver[Symbol.asyncDispose]()
    receiver = await LokiReceiver.open({ limits: { ...generousLimits, maxLineBytes: 20 } })
    configure()
    await using collector = start()
    for (let i = 0; i < 4; i++) container.write('stdout', `${'long '.repeat(5)}${i}\nshort ${i}\n`)
    await until('the short ones are there', () => stored().length === 4)
    collector.send('SIGTERM')
    expect(await collector.status()).toBe(0)
    const refused = await letters()
    expect(refused.map(({ reason }) => reason)).toEqual(refused.map(() => 'line too long'))

    await receiver[Symbol.asyncDispose]()
    receiver = await LokiReceiver.open({ limits: generousLimits })
    configure()
    expect(await dlq('replay', '--sink', 'logs')).toMatchObject({ status: 0, stderr: '' })
    expect(stored()).toEqual([0, 1, 2, 3].map((i) => `${'long '.repeat(5)}${i}`))
    expect(await letters()).toEqual([])
  })

  test('replay keeps to its rate', async () => {
    for (let i = 0; i < 3; i++) await collectRefused(2)
    const counts = (await letters()).map((letter) => letter.lines)
    receiver.behave()
    const startedAtMs = performance.now()
    expect((await dlq('replay', '--all', '--rate', '4')).status).toBe(0)
    // However slow the machine: the last letter is not sent before those before it have had their time.
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual((sum(counts.slice(0, -1)) / 4) * 1000)
    expect(stored()).toEqual(lines(0, 6))
  })

  test('replay waits while the destination asks to be left alone', async () => {
    await collectRefused(3)
    const busy = { status: 429, text: 'busy', headers: { 'retry-after': '1' } }
    receiver.misbehave({ kind: 'answers', answers: [busy, busy].values() })
    expect(await dlq('replay', '--sink', 'logs')).toMatchObject({ status: 0 })
    expect(stored()).toEqual(lines(0, 3))
  })

  test('an interrupted replay ends at once, and what was not sent stays', async () => {
    await collectRefused(3)
    receiver.misbehave({ kind: 'silent' })
    const pushes = receiver.counts.pushes
    await using replay = new RunningCommand(['dlq', 'replay', '--all'], { folder }).readOutput()
    await until('it is sending', () => receiver.counts.pushes > pushes)
    replay.send('SIGINT')
    expect(await replay.status()).not.toBe(0)
    receiver.behave()
    expect(await letters()).toMatchObject([{ lines: 3 }])
    expect((await dlq('replay', '--all')).status).toBe(0)
    expect(stored()).toEqual(lines(0, 3))
  })

  test('a sink that is not configured any more keeps its letters', async () => {
    await collectRefused(3)
    configure({ sink: 'renamed' })
    receiver.behave()
    const replayed = await dlq('replay', '--all')
    expect(replayed.status).toBe(1)
    expect(replayed.stderr).toContain('there is no sink "logs" in the configuration')
    expect(await letters()).toHaveLength(1)
  })

  test('where nothing is, each verb says so', async () => {
    expect(await dlq('list')).toMatchObject({ status: 1, stderr: expect.stringContaining('no data_dir') as string })
    receiver.behave()
    await using collector = start()
    await collector.said('connected to the engine')
    collector.send('SIGTERM')
    expect(await collector.status()).toBe(0)
    expect((await dlq('list')).stdout).toMatch(/^There are no dead letters in .*state\.$/m)
    expect(await dlq('replay', '--all')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('no such') as string,
    })
    expect(await dlq('drop', '--all')).toMatchObject({ status: 0, stdout: '0 letters dropped\n' })
  })

  test('drop removes, for good, and mistakes are explained', async () => {
    await collectRefused(3)
    const [letter] = await letters()
    const some = await dlq('show', letter!.id, '--limit', '1')
    expect(some.stdout).toContain(`and ${letter!.lines - 1} line`)
    const shown = JSON.parse((await dlq('show', letter!.id, '--json')).stdout) as { content: object[] }
    expect(shown).toMatchObject({ id: letter!.id, sink: 'logs', attempts: 1, lines: letter!.lines })
    expect(shown.content[0]).toMatchObject({ container: 'app', stream: 'stdout', text: 'line 0' })
    const absent = await dlq('replay', 'z-z')
    expect(absent).toMatchObject({ status: 1, stderr: expect.stringContaining('no dead letter z-z') as string })
    const unknown = await dlq('show', 'z-z')
    expect(unknown.status).toBe(1)
    expect(unknown.stderr).toContain('there is no dead letter z-z')
    const unclear = await dlq('drop')
    expect(unclear.status).toBe(2)
    expect(unclear.stderr).toContain('--all')
    const dropped = await dlq('drop', letter!.id, 'z-z')
    expect(dropped).toMatchObject({ status: 1, stderr: expect.stringContaining('no dead letter z-z') as string })
    expect(dropped.stdout).toContain('1 letter dropped')
    expect(await letters()).not.toContainEqual(letter)
  })
})

describe('dlq, while a collector runs', { timeout: 90_000 }, () => {
  test('asks it: list, replay and drop', async () => {
    configure({ port: await freePort() })
    refuse()
    await using collector = start()
    await collector.said('connected to the engine')
    write(3)
    await untilKept(3)
    expect((await dlq('replay', '--all')).stdout).toContain('0 lines delivered, 3 refused once more and kept')
    const refused = await letters()
    expect(refused.map(({ attempts }) => attempts)).toEqual(refused.map(() => 2))
    const show = await dlq('show', refused.at(-1)!.id)
    expect(show).toMatchObject({ status: 0, stdout: expect.stringContaining('line 2') as string })
    receiver.behave()
    const replayed = await dlq('replay', ...refused.map(({ id }) => id))
    expect(replayed).toMatchObject({ status: 0, stderr: '' })
    expect(stored()).toEqual(lines(0, 3))
    expect(await dlq('show', refused[0]!.id)).toMatchObject({ status: 1, stdout: '' })
    refuse()
    write(2)
    const { length } = await untilKept(2)
    expect((await dlq('drop', '--all')).stdout).toContain(`${length} letter`)
    expect(await letters()).toEqual([])
    collector.send('SIGTERM')
    expect(await collector.status()).toBe(0)
  })

  test('a replay goes on in the collector when who asked for it is interrupted, and waits for the destination there', async () => {
    configure({ port: await freePort() })
    refuse()
    await using collector = start()
    await collector.said('connected to the engine')
    write(3)
    await untilKept(3)
    receiver.misbehave({ kind: 'answers', answers: inTurn([{ status: 429, headers: { 'retry-after': '1' } }]) })
    await using replay = new RunningCommand(['dlq', 'replay', '--all'], { folder }).readOutput()
    await replay.said('waiting: ')
    const second = await dlq('replay', '--all')
    expect(second).toMatchObject({ status: 1, stderr: expect.stringContaining('being replayed already') as string })
    replay.send('SIGINT')
    expect(await replay.status()).toBe(1)
    expect(replay.stderr).toContain('the collector goes on with the replay')
    receiver.behave()
    await until('it has arrived', () => stored().length > 0)
    expect(stored()).toEqual(lines(0, 3))
    await until('it is a letter no more', async () => (await letters()).length === 0)
    collector.send('SIGTERM')
    expect(await collector.status()).toBe(0)
  })

  test('a collector that works elsewhere is not taken for the one of this data_dir', async () => {
    const port = await freePort()
    configure({ port })
    await using elsewhere = start()
    await elsewhere.said('connected to the engine')
    const configured = readFileSync(join(folder, 'log-capturer.yaml'), 'utf8')
    const here = configured.replace('data_dir: state', 'data_dir: other')
    writeFileSync(join(folder, 'silent.yaml'), here.replace(/api: .*/, 'api: { listen: off }'))
    await using silent = new RunningCommand(['run', '-c', 'silent.yaml'], { folder })
    await silent.said('connected to the engine')
    writeFileSync(join(folder, 'log-capturer.yaml'), here)
    const { status, stderr } = await dlq('drop', '--all')
    expect(status).toBe(1)
    expect(stderr).toMatch(/other is in use by process \d+, but what answers at .* has the data_dir .*state/)
  })

  test('without a port it says why it cannot be asked', async () => {
    configure()
    await using collector = start()
    await collector.said('connected to the engine')
    const { status, stderr } = await dlq('list')
    expect(status).toBe(1)
    expect(stderr).toMatch(/in use by process \d+/)
    expect(stderr).toContain('api.listen')
  })
})
