import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SimulatedEngine, type SimulatedEngineOptions } from './engine.ts'
import type { BodyFault } from './faults.ts'

let folder: string
let socketPath: string
let engine: SimulatedEngine
let agent: Agent

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulated-'))
  socketPath = join(folder, 'docker.sock')
  agent = new Agent({ connect: { socketPath }, connections: 1 })
})

afterEach(async () => {
  await agent.destroy()
  await engine[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function open(options: Partial<SimulatedEngineOptions> = {}): Promise<void> {
  engine = await SimulatedEngine.open({ listen: { socketPath }, seed: 1, ...options }, AbortSignal.timeout(5_000))
}

async function get(path: string) {
  const { statusCode, headers, body } = await agent.request({ origin: 'http://engine', method: 'GET', path })
  return { status: statusCode, headers, text: await body.text() }
}

/** Bytes as they come from the socket, until the connection or the body ends. */
function raw(path: string): { text: () => string; closed: Promise<void> } {
  const socket = connect(socketPath)
  let text = ''
  socket.on('data', (bytes) => (text += bytes.toString('latin1')))
  socket.write(`GET ${path} HTTP/1.1\r\nHost: d\r\n\r\n`)
  return {
    text: () => text,
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  }
}

const twoLines = '\x01\0\0\0\0\0\0\x04one\n\x02\0\0\0\0\0\0\x04two\n'

/** A container that has written two lines of four bytes and has ended. */
function endedContainer(name = 'web') {
  const container = engine.createContainer({ name })
  container.start()
  container.write('stdout', 'one\n')
  container.write('stderr', 'two\n')
  container.exit(0)
  return container
}

describe('counts', () => {
  test('are those of what was done, to the byte', async () => {
    await open()
    const container = engine.createContainer({ name: 'web' })
    container.start()
    container.write('stdout', 'one\n')
    const { body } = await agent.request({
      origin: 'http://engine',
      method: 'GET',
      path: '/containers/web/logs?stdout=1&stderr=1&follow=1',
    })
    expect(engine.counts().follows).toEqual({ opened: 1, closed: 0 })
    container.write('stderr', 'two\n')
    container.exit(0)
    expect(await body.text()).toBe(twoLines)
    expect((await get('/_ping')).status).toBe(200)
    expect(engine.counts()).toEqual({
      requests: 2,
      connections: { opened: 1, closed: 0 },
      follows: { opened: 1, closed: 1 },
      reads: { opened: 0, closed: 0 },
      containers: { created: 1, removed: 0 },
      events: 3,
      bodyBytes: twoLines.length,
      faults: 0,
      stdout: { lines: 1, bytes: 4 },
      stderr: { lines: 1, bytes: 4 },
    })
    container.remove({ isForced: false })
    expect(engine.counts()).toMatchObject({ containers: { created: 1, removed: 1 }, stdout: { lines: 1, bytes: 4 } })
  })

  test('descriptors and goroutines in /info follow the follows', async () => {
    await open()
    engine.createContainer({ name: 'web' }).start()
    const info = async () => JSON.parse((await get('/info')).text) as { NFd: number; NGoroutines: number }
    expect(await info()).toMatchObject({ NFd: 29, NGoroutines: 38 })
    const follow = raw('/containers/web/logs?stdout=1&follow=1')
    await expect.poll(follow.text).toContain('200 OK')
    expect(await info()).toMatchObject({ NFd: 32, NGoroutines: 43 })
    engine.resetFollows()
    await follow.closed
    expect(await info()).toMatchObject({ NFd: 29, NGoroutines: 38 })
  })
})

describe('faults of requests', () => {
  test('an error status strikes as often as told, and only the path it is for', async () => {
    await open()
    engine.faults.addRequest({ kind: 'error-status', status: 500, path: /^\/containers\/json/, times: 2 })
    expect((await get('/_ping')).status).toBe(200)
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await get('/v1.51/containers/json')).status)
    expect([statuses, engine.counts().faults]).toEqual([[500, 500, 200], 2])
  })

  test('an answer that is no HTTP', async () => {
    await open()
    engine.faults.addRequest({ kind: 'not-http', times: 1 })
    const { text, closed } = raw('/_ping')
    await closed
    expect(text()).toBe('SSH-2.0-OpenSSH_9.2p1\r\n')
  })

  test('silence', async () => {
    await open()
    engine.faults.addRequest({ kind: 'silence', times: 1 })
    const { text } = raw('/_ping')
    await expect.poll(() => engine.counts().requests).toBe(1)
    expect((await get('/_ping')).status).toBe(200)
    expect(text()).toBe('')
  })
})

describe('faults of bodies', () => {
  const body = (text: string) => text.slice(text.indexOf('\r\n\r\n') + 4)
  const first = 'c\r\n\x01\0\0\0\0\0\0\x04one\n\r\n'
  const second = 'c\r\n\x02\0\0\0\0\0\0\x04two\n\r\n'
  const end = '0\r\n\r\n'

  const struck = async (fault: Omit<BodyFault, 'times'>, expected: string) => {
    await open()
    endedContainer()
    engine.faults.addBody({ ...fault, times: 1 })
    const path = '/containers/web/logs?stdout=1&stderr=1&follow=1'
    const { text } = raw(path)
    await expect.poll(() => body(text())).toBe(expected)
    expect(engine.counts().faults).toBe(1)
    expect((await get(path)).text).toBe(twoLines)
  }

  test('a reset before the first byte', () => struck({ kind: 'reset', atByte: 0 }, 'c\r\n'))
  test('a reset within a frame', () => struck({ kind: 'reset', atByte: 17 }, `${first}c\r\n\x02\0\0\0\0`))
  test('a stall', () => struck({ kind: 'stall', atByte: 14, container: 'web' }, `${first}c\r\n\x02\0`))
  test('a cut frame', () => struck({ kind: 'cut-frame', atByte: 17 }, `${first}5\r\n\x02\0\0\0\0\r\n${end}`))
  test('a huge frame', () =>
    struck({ kind: 'huge-frame', atByte: 12 }, `${first}8\r\n\x01\0\0\0\xff\xff\xff\xff\r\n${second}${end}`))
  test('a garbage frame', () =>
    struck(
      { kind: 'garbage-frame', atByte: 0 },
      `10\r\n\x7f\xde\xad\xbe\xef\0\xff\x13garbage\n\r\n${first}${second}${end}`,
    ))

  test('one container is struck, the other is not', async () => {
    await open()
    endedContainer('web')
    endedContainer('other')
    engine.faults.addBody({ kind: 'cut-frame', atByte: 0, container: 'web', times: 1 })
    expect((await get('/containers/other/logs?stdout=1&stderr=1')).text).toBe(twoLines)
    expect((await get('/containers/web/logs?stdout=1&stderr=1')).text).toBe('')
  })
})

describe('the clock', () => {
  test('a step back shows in the log', async () => {
    await open()
    const container = engine.createContainer({ name: 'web' })
    container.start()
    container.write('stdout', 'before\n')
    engine.clock.step(-3_600)
    container.write('stdout', 'after\n')
    container.exit(0)
    const { text } = await get('/containers/web/logs?stdout=1&timestamps=1')
    const [before, after] = [...text.matchAll(/\d{4}-\S+Z/g)].map(([time]) => Date.parse(time))
    expect(Math.round((before! - after!) / 1000)).toBe(3_600)
  })
})

describe('memory', () => {
  test('a log without rotation loses its oldest lines at the limit', async () => {
    await open({ maxLogBytes: 1_000_000 })
    const container = engine.createContainer({ name: 'web' })
    container.start()
    const line = Buffer.from(`${'x'.repeat(99)}\n`)
    for (let i = 0; i < 50_000; i++) container.write('stdout', line)
    expect(container.log!.heldBytes).toBeLessThan(1_000_000 + 300_000)
    expect(container.output.stdout).toMatchObject({ lines: 50_000, bytes: 5_000_000 })
    container.exit(0)
    const { text } = await get('/containers/web/logs?stdout=1')
    expect(text.length % 108).toBe(0)
    expect(text.length).toBeGreaterThan(500_000)
  })

  test('a program that meets a full pipe waits, and loses nothing', async () => {
    await open({ isLiveRestore: true })
    const cmd = ['sim', 'lines', '--count', '20000', '--rate', '1000000', '--pad', '50']
    const container = engine.createContainer({ name: 'web', body: { Cmd: cmd } })
    await engine.stop()
    container.start()
    await new Promise((resolve) => setImmediate(resolve))
    expect(container.output.stdout.lines).toBe(0)
    await engine.start()
    await expect.poll(() => container.status).toBe('exited')
    expect(container.output.stdout).toMatchObject({ lines: 20_000, bytes: 20_000 * 51 })
  })
})

describe('the engine 20.10', () => {
  test('sends the last line of a full file again', async () => {
    await open({ version: '20.10' })
    const body = { HostConfig: { LogConfig: { Type: 'json-file', Config: { 'max-size': '100', 'max-file': '2' } } } }
    const container = engine.createContainer({ name: 'web', body })
    container.start()
    const follow = raw('/containers/web/logs?stdout=1&follow=1')
    await expect.poll(follow.text).toContain('200 OK')
    for (const line of ['1\n', '2\n', '3\n', '4\n']) container.write('stdout', line)
    container.exit(0)
    await expect.poll(follow.text).toContain('0\r\n\r\n')
    expect([...follow.text().matchAll(/(\d)\n\r\n/g)].map(([, digit]) => digit)).toEqual(['1', '2', '2', '3', '4'])
  })

  test('keeps back an unterminated tail of some follows, never of a read', async () => {
    await open({ version: '20.10' })
    let lost = 0
    for (let i = 0; i < 40; i++) {
      const container = engine.createContainer({ name: `c-${i}` })
      container.start()
      const follow = raw(`/containers/c-${i}/logs?stdout=1&follow=1`)
      await expect.poll(follow.text, { interval: 1 }).toContain('200 OK')
      container.write('stdout', 'tail')
      container.exit(0)
      await expect.poll(follow.text, { interval: 1 }).toContain('0\r\n\r\n')
      if (!follow.text().includes('tail')) lost += 1
      expect((await get(`/containers/c-${i}/logs?stdout=1`)).text).toContain('tail')
    }
    expect(lost).toBeGreaterThan(5)
    expect(lost).toBeLessThan(30)
  })
})

describe('Podman', () => {
  test('shows whole seconds, cuts at 8192 bytes and has errors of its own form', async () => {
    await open({ version: 'podman' })
    const container = engine.createContainer({ name: 'web' })
    container.start()
    container.write('stdout', Buffer.alloc(10_000, 'x'))
    container.write('stdout', '\n')
    container.exit(0)
    const { headers, text } = await get('/containers/web/logs?stdout=1&timestamps=1')
    expect(headers).toMatchObject({ 'content-type': 'application/octet-stream', 'libpod-api-version': '4.3.1' })
    const heads = [...text.matchAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /g)].map(({ index }) => index)
    expect(heads).toEqual([8, 8_221 + 8, 8_221 + 1_837 + 8])
    expect((await get('/containers/none/json')).text).toContain('"response":404')
  })
})

test('a newer engine speaks ndjson and drops the old fields of events', async () => {
  await open({ version: '29.0' })
  endedContainer()
  const { headers, text } = await get('/events?since=1&until=2000')
  expect([headers['content-type'], text]).toEqual(['application/x-ndjson', ''])
  const events = raw('/events?since=1')
  await expect.poll(events.text).toContain('"Action":"die"')
  expect(events.text()).not.toContain('"status"')
})

test('listens on TCP, on a port of its own choice that it keeps over restarts', async () => {
  await open({ listen: { host: '127.0.0.1', port: 0 } })
  const { host } = engine
  await engine.restart('29.0')
  expect(engine.host).toBe(host)
  const response = await fetch(`${host.replace('tcp:', 'http:')}/_ping`)
  expect([response.headers.get('api-version'), await response.text()]).toEqual(['1.52', 'OK'])
})
