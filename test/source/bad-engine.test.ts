import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SimulatedContainer } from '../../src/simulator/container.ts'
import { SimulatedEngine, type SimulatedEngineOptions } from '../../src/simulator/engine.ts'
import { CollectingSource } from '../helpers/collected.ts'
import { until } from '../helpers/until.ts'

let engine: SimulatedEngine
let source: CollectingSource
let container: SimulatedContainer
let written: number

const socketPath = () => join(tmpdir(), `${randomUUID()}.sock`)

async function open(options: Partial<SimulatedEngineOptions> = {}): Promise<void> {
  engine = await SimulatedEngine.open(
    { listen: { socketPath: socketPath() }, ...options },
    new AbortController().signal,
  )
  written = 0
}

function run(body: Record<string, unknown> = {}): void {
  container = engine.createContainer({ name: 'app', body })
  container.start()
}

async function collect(): Promise<void> {
  source = await CollectingSource.open({ host: engine.host })
  await until('the source follows', () => source.status.streams === 1, { seen: () => source.status })
}

function write(count: number): void {
  for (let i = 0; i < count; i++) container.write('stdout', `line ${written++}\n`)
}

/** Every line written so far has come, once and in order. */
async function expectAll(withinMs = 15_000): Promise<void> {
  await until('all lines came', () => source.texts('app').length >= written, {
    withinMs,
    seen: () => [source.status, source.texts('app').length, written],
  })
  expect(source.texts('app')).toEqual(Array.from({ length: written }, (_, i) => `line ${i}`))
}

const metric = async (name: string) =>
  (await source.metrics.registry.getSingleMetric(`log_capturer_${name}`)!.get()).values.reduce(
    (sum, { value }) => sum + value,
    0,
  )

afterEach(async () => {
  await source[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
})

describe('log responses that go wrong', () => {
  beforeEach(async () => {
    await open()
    run()
  })

  for (const kind of ['reset', 'cut-frame', 'garbage-frame', 'huge-frame'] as const) {
    test(`${kind}, again and again, at any byte`, async () => {
      await collect()
      for (let round = 0; round < 5; round++) {
        engine.faults.addBody({ kind, atByte: 100 + round * 37, times: 1 })
        write(50)
        await expectAll()
      }
      expect(engine.counts().faults).toBeGreaterThanOrEqual(kind === 'cut-frame' ? 1 : 5)
    }, 60_000)
  }

  for (const status of [500, 503]) {
    test(`status ${status} for a while`, async () => {
      write(10)
      engine.faults.addRequest({ kind: 'error-status', status, path: /\/logs/, times: 3 })
      source = await CollectingSource.open({ host: engine.host })
      await expectAll()
    })
  }

  test('an answer that is no HTTP', async () => {
    write(10)
    engine.faults.addRequest({ kind: 'not-http', times: 6 })
    source = await CollectingSource.open({ host: engine.host })
    await expectAll()
  })
})

test('a quiet follow that is cut again and again is opened again each time, without growing pauses', async () => {
  await open()
  run()
  await collect()
  const opened = () => metric('container_streams_opened_total')
  // Pauses that double would be 200 ms to 100 s long by then.
  for (let cuts = 1; cuts <= 10; cuts++) {
    engine.resetFollows()
    await until('it follows again', async () => (await opened()) > cuts, { seen: () => source.status })
  }
  write(1)
  await expectAll()
}, 60_000)

test('a rotation that sends its last line again (20.10) repeats nothing', async () => {
  await open({ version: '20.10' })
  const log = { LogConfig: { Type: 'json-file', Config: { 'max-size': '2k', 'max-file': '1' } } }
  run({ HostConfig: log })
  await collect()
  for (let round = 0; round < 20; round++) {
    write(20)
    await until('the lines came', () => source.texts('app').length >= written)
  }
  await expectAll()
  expect(await metric('repeats_dropped_total')).toBeGreaterThan(0)
})

test.each([
  '20.10',
  '28.5',
] as const)('small files that turn over at full speed (%s): what can be read in the end has come, in order', async (version) => {
  await open({ version })
  const log = { LogConfig: { Type: 'json-file', Config: { 'max-size': '20k', 'max-file': '4' } } }
  run({ HostConfig: log })
  await collect()
  for (let round = 0; round < 200; round++) {
    write(50)
    if (round % 10 === 0) await until('lines come', () => source.texts('app').length > 0)
  }
  const last = `line ${written - 1}`
  await until('the last line came', () => source.texts('app').at(-1) === last)
  const came = source.texts('app').map((text) => Number(text.slice(5)))
  expect(came).toEqual([...new Set(came)].sort((a, b) => a - b))
  // Three whole files and a part: some 500 lines.
  expect(came.slice(-400)).toEqual(Array.from({ length: 400 }, (_, i) => written - 400 + i))
})

test('a follow that was held back while files were rotated passes over none of them', async () => {
  await open({ version: '20.10' })
  const log = { LogConfig: { Type: 'json-file', Config: { 'max-size': '4m', 'max-file': '5' } } }
  run({ HostConfig: log })
  await collect()
  write(10)
  await until('the first lines came', () => source.texts('app').length === written)
  const goOn = source.holdBack()
  write(3_000)
  await until('a piece came, after which it reads no more', () => source.texts('app').length > 10)
  const sinceMs = performance.now()
  write(120_000)
  await until('it was held back for long', () => performance.now() - sinceMs > 1_500)
  goOn()
  await expectAll()
})

test('old logs whose reads hang hold up each other, and no container that begins meanwhile', async () => {
  await open()
  const old = Array.from({ length: 6 }, (_, i) => engine.createContainer({ name: `old-${i}` }))
  for (const one of old) {
    one.start()
    one.write('stdout', 'old\n')
    engine.faults.addBody({ kind: 'stall', atByte: 0, container: one.name, times: 1 })
  }
  source = await CollectingSource.open({ host: engine.host })
  // As many as may search logs at the same time.
  await until('four reads hang', () => engine.counts().faults === 4, { seen: () => engine.counts() })
  run()
  write(10)
  await expectAll()
  expect(engine.counts().faults).toBe(4)
})

describe('a follow that falls silent', () => {
  afterEach(() => void vi.useRealTimers())

  test('while the engine has more lines is opened again', async () => {
    await open()
    run()
    await collect()
    write(10)
    await expectAll()
    engine.faults.addBody({ kind: 'stall', atByte: 0, times: 1 })
    write(10)
    await until('the follow is stalled', () => engine.counts().faults === 1)
    // Only the clock that quiet times are read from is moved; everything else takes the time it takes.
    vi.useFakeTimers({ toFake: ['performance'] })
    vi.advanceTimersByTime(40_000)
    const advance = setInterval(() => vi.advanceTimersByTime(500), 500)
    await expectAll(200_000)
    clearInterval(advance)
    expect(await metric('container_streams_closed_total')).toBe(1)
  }, 60_000)
})

describe('an engine that goes', () => {
  beforeEach(async () => {
    await open()
    run()
    await collect()
  })

  test('and comes back with its containers running on', async () => {
    engine.isLiveRestore = true
    for (let round = 0; round < 3; round++) {
      write(20)
      await engine.kill()
      write(20)
      await engine.start()
      write(20)
      await expectAll(20_000)
    }
    expect(await metric('gaps_suspected_total')).toBe(0)
  }, 60_000)

  test('and comes back as another version', async () => {
    engine.isLiveRestore = true
    write(10)
    await expectAll()
    expect(source.status.detail).toContain('API 1.51')
    await engine.restart('20.10')
    write(10)
    await expectAll(20_000)
    await until('the new version is known', () => source.status.detail.includes('API 1.41'), {
      seen: () => source.status,
    })
  })
})

describe('an engine that was away', () => {
  test('a run that began and ended before the collector was back is read', async () => {
    await open()
    run()
    await collect()
    write(20)
    await expectAll()
    for (let round = 0; round < 3; round++) {
      container.exit(0)
      await until('it is at rest', () => source.status.streams === 0)
      await engine.restart()
      container.start()
      write(20)
      container.exit(0)
      await expectAll()
      container.start()
      await until('it is followed', () => source.status.streams === 1)
    }
  })
})

describe('clocks', () => {
  test('an hour back and an hour forth lose and repeat nothing', async () => {
    await open()
    run()
    await collect()
    write(20)
    await expectAll()
    engine.clock.step(3_600)
    write(20)
    await expectAll()
    engine.clock.step(-3_600)
    write(20)
    await expectAll()
  })

  test('an hour back, which is not the first step, is noticed, and nothing lost or repeated', async () => {
    await open()
    run()
    await collect()
    write(300)
    await expectAll()
    engine.clock.step(-3_600)
    write(300)
    await expectAll()
    write(10)
    await expectAll()
  })

  test('an hour back while nobody collects loses and repeats nothing', async () => {
    await open()
    run()
    await collect()
    write(300)
    await expectAll()
    const before = source.texts('app')
    await source.stop()
    engine.clock.step(-3_600)
    write(300)
    source = await CollectingSource.open({ host: engine.host }, source.cursors)
    await until('the new lines came', () => source.texts('app').length >= 300)
    write(10)
    await until('the newest came', () => source.texts('app').at(-1) === `line ${written - 1}`)
    expect([...before, ...source.texts('app')]).toEqual(Array.from({ length: written }, (_, i) => `line ${i}`))
  })

  test.each([
    ['more lines than the first look takes', 300, 10],
    ['lines before and after within one look', 40, 10],
    ['a log that ends with lines of before', 300, 0],
  ])('an hour back and forth again while nobody collects: %s', async (_, back, forth) => {
    await open()
    run()
    await collect()
    write(300)
    await expectAll()
    const before = source.texts('app')
    await source.stop()
    write(20)
    engine.clock.step(-3_600)
    write(back)
    engine.clock.step(3_600)
    write(forth)
    source = await CollectingSource.open({ host: engine.host }, source.cursors)
    await until('the new lines came', () => source.texts('app').length >= 20 + back + forth)
    write(10)
    await until('the newest came', () => source.texts('app').at(-1) === `line ${written - 1}`)
    expect([...before, ...source.texts('app')]).toEqual(Array.from({ length: written }, (_line, i) => `line ${i}`))
  })

  test('an hour back, and a follow that breaks soon afterwards, repeat nothing', async () => {
    await open()
    run()
    await collect()
    write(300)
    await expectAll()
    engine.clock.step(-3_600)
    write(20)
    await expectAll()
    engine.faults.addBody({ kind: 'reset', atByte: 10, times: 1 })
    write(20)
    await expectAll()
    write(20)
    await expectAll()
  })

  test('a clock that ticks in milliseconds, and lines that are all alike', async () => {
    await open()
    engine.clock.coarsen(1_000_000)
    run()
    await collect()
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 200; i++) container.write('stdout', 'tick\n')
      engine.resetFollows()
      for (let i = 0; i < 200; i++) container.write('stdout', 'tick\n')
    }
    await until('all lines came', () => source.texts('app').length >= 1_200, { seen: () => source.texts('app').length })
    container.write('stdout', 'end\n')
    await until('the end came', () => source.texts('app').includes('end'))
    expect(source.texts('app')).toHaveLength(1_201)
    expect(await metric('gaps_suspected_total')).toBe(0)
  })

  test('whole seconds, as Podman has them', async () => {
    await open({ version: 'podman' })
    run()
    await collect()
    for (let round = 0; round < 3; round++) {
      write(40)
      await expectAll()
      engine.resetFollows()
      write(40)
    }
    await expectAll()
  })
})

describe('an address that is no engine', () => {
  let server: Server
  const sockets = new Set<Socket>()
  let path: string

  async function listen(onData: (socket: Socket) => void): Promise<void> {
    path = socketPath()
    server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('data', () => onData(socket))
    }).listen(path)
    await until('it listens', () => server.listening)
    await open()
    source = await CollectingSource.open({ host: `unix://${path}` })
  }

  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  test('something that speaks another protocol is named', async () => {
    await listen((socket) => socket.end('220 mail.example ESMTP\r\n'))
    await until('it is said', () => /HTTP/.test(source.status.detail), { seen: () => source.status })
  })

  test('a web server is named', async () => {
    await listen((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>'))
    await until('it is said', () => /no Docker engine/.test(source.status.detail), { seen: () => source.status })
  })

  test('something that says nothing can be left at any time', async () => {
    await listen(() => undefined)
    await until('a request was sent', () => sockets.size > 0)
    expect(source.status.isConnected).toBe(false)
    await source.stop()
  })
})
