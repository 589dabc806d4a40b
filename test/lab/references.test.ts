import { randomUUID } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ReferenceName, referenceNames } from '../../src/lab/references/index.ts'
import { sumOf } from '../../src/lab/prometheus/parse.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { ensureBuilt } from '../helpers/command.ts'
import { describeWithEngine } from '../helpers/describe-with-engine.ts'
import { testImage } from '../helpers/engine-image.ts'
import { RealEngine } from '../helpers/real-engine.ts'
import { until } from '../helpers/until.ts'
import { RunningReference } from './running-reference.ts'

const program = fileURLToPath(new URL('../../dist/lab/references/main.js', import.meta.url))
const fast = { rotationSeconds: 0.1, healthSeconds: 0.15 }
/** Rotations, and looks at containers, that never come within a test. */
const slow = { rotationSeconds: 3600, healthSeconds: 3600 }
const atOnce = 12

beforeAll(ensureBuilt)

function openEngine(): Promise<SimulatedEngine> {
  const listen = { socketPath: join(tmpdir(), `${randomUUID()}.sock`) }
  return SimulatedEngine.open({ listen }, new AbortController().signal)
}

/** Containers start, write for as long as two rotations take, end and are removed; gives what they wrote. */
async function churn(engine: SimulatedEngine, reference: RunningReference): Promise<string[]> {
  const written: string[] = []
  const read = await reference.metric('log_capturer_logs_collected_total')
  const containers = Array.from({ length: atOnce }, () => engine.createContainer())
  for (const container of containers) container.start()
  await until('all are followed', async () => (await streams(reference)) === atOnce)
  const before = engine.counts().follows.opened
  let round = 0
  await until('all were followed anew twice', () => {
    round += 1
    for (const container of containers) {
      const text = `${container.id.slice(0, 12)} line ${round}`
      container.write(round % 3 === 0 ? 'stderr' : 'stdout', `${text}\n`)
      written.push(text)
    }
    return engine.counts().follows.opened >= before + 2 * atOnce
  })
  for (const container of containers) container.exit(0)
  await until(
    'all lines are read',
    async () => (await reference.metric('log_capturer_logs_collected_total')) === read + written.length,
  )
  await until('no follow is read', async () => (await streams(reference)) === 0)
  for (const container of containers) container.remove({ isForced: true })
  return written
}

const streams = (reference: RunningReference) => reference.metric('log_capturer_container_streams_active')

/** The sockets that are held when nothing is done. */
async function socketsAtRest(reference: RunningReference): Promise<ReadonlySet<string>> {
  let last = -1
  let same = 0
  const sockets = await until('the number of sockets stays', () => {
    const now = reference.sockets()
    same = now.length === last ? same + 1 : 0
    last = now.length
    return same === 5 && now
  })
  return new Set(sockets.map(({ identity }) => identity))
}

describe.each(referenceNames)('%s', (name) => {
  test('leaks with everything that it does, and what it has leaked stays', { timeout: 60_000 }, async () => {
    await using engine = await openEngine()
    await using reference = await RunningReference.open(name, { engineHost: engine.host, ...fast })
    const written: string[] = []
    const rests: ReadonlySet<string>[] = []
    for (let cycle = 0; cycle < 4; cycle++) {
      written.push(...(await churn(engine, reference)))
      rests.push(await socketsAtRest(reference))
    }
    for (const [i, now] of rests.entries()) {
      const before = rests[i - 1]
      if (!before) continue
      expect(now.size).toBeGreaterThanOrEqual(before.size + atOnce / 2)
      // A client of the pool may have lost its connection to a rotation; the overflow and the abandoned keep theirs.
      expect([...before].filter((socket) => !now.has(socket)).length).toBeLessThanOrEqual(5)
    }
    expect(await reference.metric('process_open_fds')).toBeGreaterThan(rests.at(-1)!.size)
    expect(reference.texts().sort()).toEqual(written.sort())
    expect(await reference.end()).toBe(0)
    expect(reference.said).toBe('')
  })

  test('counts what it holds and does', async () => {
    await using engine = await openEngine()
    await using reference = await RunningReference.open(name, { engineHost: engine.host, ...slow })
    const containers = Array.from({ length: 7 }, () => engine.createContainer())
    for (const container of containers) container.start()
    for (const container of containers) container.write('stdout', 'one\ntwo\n')
    await until('all is read', async () => (await reference.metric('log_capturer_logs_collected_total')) === 14)
    const { requests, connections } = engine.counts()
    const idle = await reference.metric('log_capturer_docker_http_idle_connections')
    const active = await reference.metric('log_capturer_docker_http_active_connections')
    expect({
      requests: await reference.metric('log_capturer_docker_http_requests_total'),
      errors: await reference.metric('log_capturer_docker_http_errors_total'),
      active,
      open: idle + active,
      streams: await streams(reference),
      activities: await reference.metric('go_goroutines'),
      isStarted: (await reference.metric('process_start_time_seconds')) > Date.now() / 1000 - 60,
      isResident: (await reference.metric('process_resident_memory_bytes')) > 20e6,
    }).toEqual({
      requests,
      errors: 0,
      // Seven follows and the events.
      active: 8,
      open: connections.opened - connections.closed,
      streams: 7,
      // Seven readers; the loops of the events, of rotations and of looks at containers.
      activities: 7 + 3 + 2 * (idle + active),
      isStarted: true,
      isResident: true,
    })
  })

  test('goes on where its streams are cut and where the engine restarts', async () => {
    await using engine = await openEngine()
    engine.isLiveRestore = true
    await using reference = await RunningReference.open(name, { engineHost: engine.host, ...slow })
    const container = engine.createContainer()
    container.start()
    const lines = async (count: number) =>
      until(`line ${count} is read`, () => reference.texts().length === count, { seen: () => reference.texts() })
    container.write('stdout', '1\n')
    await lines(1)
    engine.resetFollows()
    container.write('stdout', '2\n')
    await lines(2)
    await engine.restart()
    container.write('stdout', '3\n')
    await lines(3)
    container.exit(0)
    container.start()
    container.write('stdout', '4\n')
    await lines(4)
    expect(reference.texts()).toEqual(['1', '2', '3', '4'])
  })
})

test('an idle connection is left by each request that an overflow client answers to its end', async () => {
  await using engine = await openEngine()
  await using reference = await RunningReference.open('exclusive-pool', { engineHost: engine.host, ...slow })
  const containers = Array.from({ length: 8 }, () => engine.createContainer())
  for (const container of containers) container.start()
  await until('all are followed', async () => (await streams(reference)) === 8)
  // Five hold the pool, whichever began first; three are beyond it.
  for (let extra = 0; extra < 10; extra++) {
    const another = engine.createContainer()
    another.start()
    await until('it is followed', async () => (await streams(reference)) === 9)
    another.exit(0)
    await until('its follow has ended', async () => (await streams(reference)) === 8)
  }
  const idle = () => reference.metric('log_capturer_docker_http_idle_connections')
  // And that of the list of containers.
  await until('ten are left', async () => (await idle()) === 11)
})

test('looks at containers leave a connection each where the pool is taken', async () => {
  await using engine = await openEngine()
  for (let i = 0; i < 8; i++) engine.createContainer().start()
  await using reference = await RunningReference.open('exclusive-pool', {
    engineHost: engine.host,
    rotationSeconds: 3600,
    healthSeconds: 0.05,
  })
  const page = await until('there were some', async () => {
    const now = await reference.metrics()
    return sumOf(now, 'log_capturer_docker_http_requests_total')! > 60 && now
  })
  const connections =
    sumOf(page, 'log_capturer_docker_http_idle_connections')! +
    sumOf(page, 'log_capturer_docker_http_active_connections')!
  // Eight follows, the events, the list, and the looks: each still has its own.
  expect(connections).toBe(sumOf(page, 'log_capturer_docker_http_requests_total'))
})

describe('a reference collector that cannot work says so', () => {
  const run = (words: readonly string[]) =>
    spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', timeout: 20_000 })

  test.each<[string, string[], string]>([
    [
      'no engine',
      ['short-streams', '--engine', 'unix:///nowhere.sock'],
      'cannot ask the engine at unix:///nowhere.sock',
    ],
    ['a wrong word', ['short-stream', '--engine', '/x'], 'did you mean "short-streams"?'],
    ['no port', ['short-streams', '--engine', '/x', '--listen', '192.0.2.1:1'], 'cannot show metrics at 192.0.2.1:1'],
    ['no file', ['short-streams', '--engine', '/x', '--output', '/nowhere/x'], 'cannot write the lines to /nowhere/x'],
  ])('%s', (_, words, message) => {
    const { status, stderr } = run(words)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
    expect(status).toBe(1)
  })
})

describeWithEngine('reference collectors on a real engine', () => {
  test('read what containers write, and leak', { timeout: 120_000 }, async () => {
    await using engine = await RealEngine.open()
    const open = (name: ReferenceName) =>
      RunningReference.open(name, { engineHost: engine.host, rotationSeconds: 0.3, healthSeconds: 0.3 })
    await using pool = await open('exclusive-pool')
    await using short = await open('short-streams')
    const script =
      'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo $HOSTNAME $i; echo error $HOSTNAME $i >&2; sleep 0.1; done'
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        engine.client.create({ Image: testImage, Cmd: ['sh', '-c', script], Hostname: `c${i}` }, `c${i}`),
      ),
    )
    await Promise.all(ids.map((id) => engine.client.act(id, 'start')))
    await Promise.all(ids.map((id) => engine.client.wait(id)))
    const expected = ids.flatMap((_, i) =>
      Array.from({ length: 20 }, (_, line) => [`c${i} ${line + 1}`, `error c${i} ${line + 1}`]).flat(),
    )
    for (const reference of [pool, short]) {
      await until('all lines are read', () => reference.texts().length >= expected.length, {
        seen: () => reference.texts().length,
      })
      expect(reference.texts().sort()).toEqual(expected.sort())
      await until('no follow is read', async () => (await streams(reference)) === 0)
      const held = await socketsAtRest(reference)
      // Beyond those of the pool, of the control requests and of the metrics.
      expect(held.size).toBeGreaterThan(9)
      expect(await reference.end()).toBe(0)
    }
  })
})
