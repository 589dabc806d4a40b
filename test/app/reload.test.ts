import { randomUUID } from 'node:crypto'
import { getEventListeners, once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sleep } from '../../src/lib/wait.ts'
import type { SimulatedContainer } from '../../src/simulator/container.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { countDescriptors } from '../../src/telemetry/process-metrics.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { until } from '../helpers/until.ts'

let engine: SimulatedEngine
let app: SimulatedContainer
let folder: string
let written: number
let text: string
let collector: RunningCollector

beforeEach(async () => {
  const listen = { socketPath: join(tmpdir(), `${randomUUID()}.sock`) }
  engine = await SimulatedEngine.open({ listen }, new AbortController().signal)
  app = engine.createContainer({ name: 'app' })
  app.start()
  folder = mkdtempSync(join(tmpdir(), 'reload-'))
  written = 0
})
afterEach(async () => {
  await collector[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

interface Shape {
  readonly source?: string
  readonly transforms?: string
  readonly sinks?: readonly string[]
  readonly more?: string
}

const shape = ({ source = '', transforms = '', sinks = [disk('one')], more = 'api: { listen: off }' }: Shape) =>
  `data_dir: ${folder}/state
sources: { engine: { type: docker, host: "${engine.host}"${source} } }
transforms: { ${transforms} }
sinks:
${sinks.join('\n')}
${more}
`
const disk = (id: string, { inputs = 'engine', file = id, more = '' } = {}) =>
  `  ${id}: { type: file, inputs: [${inputs}], path: "${folder}/${file}.log", format: text, sync_every: 10ms${more} }`

async function start(first: Shape = {}): Promise<void> {
  text = shape(first)
  collector = await RunningCollector.open(() => text, folder)
  await collector.ready()
}

async function reload(next: Shape) {
  text = shape(next)
  return collector.reload()
}

function write(count: number): void {
  for (let i = 0; i < count; i++) app.write('stdout', `line ${written++}\n`)
}

const linesOf = (file: string) => {
  const path = join(folder, `${file}.log`)
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
}
const allLines = () => Array.from({ length: written }, (_, i) => `line ${i}`)
const opened = () => collector.metric('container_streams_opened_total')

async function expectAll(...files: string[]): Promise<void> {
  const found = () => files.flatMap((file) => linesOf(file))
  await until(`all lines are in ${files.join(', ')}`, () => found().length >= written, {
    seen: () => [found().length, written],
  })
  expect(found()).toEqual(allLines())
}

/** Writes until it is disposed of, a few lines at a time. */
function load(): AsyncDisposable {
  const end = new AbortController()
  const writing = (async () => {
    while (!end.signal.aborted) {
      write(20)
      await sleep(2, end.signal).catch(() => undefined)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      end.abort(new Error('enough'))
      await writing
    },
  }
}

test('a configuration that says the same touches nothing', async () => {
  await start()
  write(10)
  await expectAll('one')
  const before = [await opened(), engine.counts().connections.opened]
  expect(await reload({})).toMatchObject({ failures: [] })
  write(10)
  await expectAll('one')
  expect([await opened(), engine.counts().connections.opened]).toEqual(before)
})

test('a filter that changes under load: every line once by the old or the new one, over the same streams', async () => {
  const filtered = (pattern: string): Shape => ({
    transforms: `only: { type: filter, inputs: [engine], exclude: ["${pattern}"] }`,
    sinks: [disk('one'), disk('some', { inputs: 'only' })],
  })
  await start(filtered('nothing'))
  {
    await using _load = load()
    await until('some lines came', () => linesOf('some').length > 100)
    const before = [await opened(), engine.counts().connections.opened]
    await reload(filtered('line'))
    const kept = linesOf('some').length
    expect(kept).toBeGreaterThan(0)
    await until('others came', () => linesOf('one').length > kept + 500)
    expect([await opened(), engine.counts().connections.opened]).toEqual(before)
  }
  await expectAll('one')
  const some = linesOf('some')
  expect(some.length).toBeLessThan(written)
  expect(some).toEqual(allLines().slice(0, some.length))
})

test('a sink that writes elsewhere goes on exactly where the one before ended, over the same streams', async () => {
  await start()
  {
    await using _load = load()
    await until('some lines came', () => linesOf('one').length > 100)
    const before = await opened()
    await reload({ sinks: [disk('one', { file: 'other' })] })
    await until('more came', () => linesOf('other').length > 100)
    expect(await opened()).toBe(before)
  }
  await expectAll('one', 'other')
})

test('a sink that is added gets what the engine still has, and the first one nothing twice', async () => {
  await start()
  {
    await using _load = load()
    await until('some lines came', () => linesOf('one').length > 100)
    await reload({ sinks: [disk('one'), disk('two')] })
    await until('it came to the other', () => linesOf('two').length > 100)
  }
  await expectAll('two')
  await expectAll('one')
})

test('a sink that is taken out has what came before, and gets the rest when it comes again', async () => {
  await start({ sinks: [disk('one'), disk('two')] })
  {
    await using _load = load()
    await until('some lines came', () => linesOf('two').length > 100)
    await reload({})
    const [two, one] = [linesOf('two').length, linesOf('one').length]
    await until('more came to the one that stays', () => linesOf('one').length > one + 100)
    expect(linesOf('two').length).toBe(two)
    expect(collector.collector.health().sinks.map(({ id }) => id)).toEqual(['one'])
    await reload({ sinks: [disk('one'), disk('two')] })
  }
  await expectAll('two')
  await expectAll('one')
})

test('a source that changes is opened anew and goes on at its cursors', async () => {
  await start()
  {
    await using _load = load()
    await until('some lines came', () => linesOf('one').length > 100)
    const before = await opened()
    await reload({ source: ', max_line_bytes: 2MiB' })
    await until('it is followed again', async () => (await opened()) > before)
  }
  await expectAll('one')
})

test('a sink that takes nothing and is taken out holds back its sources no more', async () => {
  const stuck = disk('two', { file: 'folder/two', more: ', queue: { memory: 64KiB, disk: 0 }' })
  writeFileSync(join(folder, 'folder'), 'a file where the folder should be')
  await start({ sinks: [disk('one'), stuck] })
  write(20_000)
  await until('the source is held back', () => collector.collector.health().sinks[1]!.queuedBytes > 64 * 1024, {
    seen: () => collector.collector.health().sinks,
  })
  await reload({})
  await expectAll('one')
})

test('lines that wait on disk for a sink that is taken out are told of, then and at each start, until the sink is there again', async () => {
  const stuck = disk('two', { file: 'folder/two', more: ', queue: { memory: 64KiB, disk: 100MiB }' })
  const told = () => collector.said.filter(({ msg }) => msg === 'lines wait on disk for a sink that is not configured')
  writeFileSync(join(folder, 'folder'), 'a file where the folder should be')
  await start({ sinks: [disk('one'), stuck] })
  write(5_000)
  await expectAll('one')
  await reload({})
  const hint = expect.stringContaining('configure a sink "two" again') as string
  const waiting = { level: 'warn', sink: 'two', lines: 5_000, folder: join(folder, 'state/queues/two'), hint }
  expect(told()).toMatchObject([waiting])
  await collector.stop()
  await start({})
  expect(told()).toMatchObject([waiting])
  rmSync(join(folder, 'folder'))
  await reload({ sinks: [disk('one'), stuck] })
  await expectAll('folder/two')
  expect(told()).toHaveLength(1)
})

describe('what cannot be done', () => {
  test('a sink that cannot be opened stays as it was, and is named until it works', async () => {
    await start()
    writeFileSync(join(folder, 'state', 'sinks', 'two'), 'a file where the folder should be')
    await using _load = load()
    const { failures } = await reload({ sinks: [disk('one', { file: 'other' }), disk('two')] })
    expect(failures).toEqual([expect.stringContaining('sink "two"') as string])
    await collector.ready()
    expect(collector.collector.health().reasons).toEqual([expect.stringContaining('the last reload failed') as string])
    expect(await collector.metric('config_reload_failed')).toBe(1)
    await until('what does work is in force', () => linesOf('other').length > 10)
    rmSync(join(folder, 'state', 'sinks', 'two'))
    expect(await collector.reload()).toMatchObject({ failures: [] })
    await collector.ready()
    expect(collector.collector.health().reasons).toEqual([])
    await until('it gets lines', () => linesOf('two').length > 100)
  })

  test('a file with mistakes changes nothing and says why', async () => {
    await start()
    text = text.replace('format', 'formatt')
    await expect(collector.reload()).rejects.toThrow('did you mean "format"')
    expect(collector.collector.health().reasons[0]).toContain('did you mean "format"')
    write(10)
    await expectAll('one')
    expect(await reload({})).toMatchObject({ failures: [] })
    expect(collector.collector.health().status).toBe('ok')
  })

  test('data_dir cannot move', async () => {
    await start()
    text = text.replace('/state', '/elsewhere')
    await expect(collector.reload()).rejects.toThrow('data_dir')
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false)
  })
})

test('the port moves; where the new one cannot be had, the old one stays', async () => {
  await start({ more: 'api: { listen: "127.0.0.1:0" }' })
  const answers = async () => {
    const { host, port } = collector.collector.listen!
    return (await fetch(`http://${host}:${port}/health/live`)).status
  }
  expect(await answers()).toBe(200)
  const { port } = collector.collector.listen!
  await reload({ more: `api: { listen: "127.0.0.2:${port}" }` })
  expect(collector.collector.listen).toEqual({ host: '127.0.0.2', port })
  expect(await answers()).toBe(200)
  await using taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const other = (taken.address() as AddressInfo).port
  expect(await reload({ more: `api: { listen: "127.0.0.1:${other}" }` })).toMatchObject({
    failures: [expect.stringContaining(`127.0.0.1:${other}`) as string],
  })
  expect(await answers()).toBe(200)
  await reload({})
  expect(collector.collector.listen).toBe(undefined)
})

describe('over HTTP', () => {
  const api = 'api: { listen: "127.0.0.1:0" }'
  const post = async (headers: Record<string, string> = { 'content-type': 'application/json' }) => {
    const { host, port } = collector.collector.listen!
    const answer = await fetch(`http://${host}:${port}/api/v1/reload`, { method: 'POST', headers })
    return { status: answer.status, body: (await answer.json()) as object }
  }

  test('the answer says what has changed, or why nothing has', async () => {
    await start({ more: api })
    expect(await post()).toEqual({ status: 200, body: { status: 'unchanged', changed: {} } })
    text = shape({ more: api, sinks: [disk('one', { file: 'other' })] })
    expect(await post()).toEqual({ status: 200, body: { status: 'changed', changed: { sinks_replaced: ['one'] } } })
    const good = text
    text = good.replace('format', 'formatt')
    expect(await post()).toMatchObject({
      status: 422,
      body: { status: 'invalid', problems: [{ file: 'test.yaml', path: 'sinks.one.formatt', line: 5 }] },
    })
    text = good.replace('/state', '/elsewhere')
    expect(await post()).toMatchObject({ status: 409, body: { error: expect.stringContaining('data_dir') as string } })
    writeFileSync(join(folder, 'state', 'sinks', 'two'), 'a file where the folder should be')
    text = shape({ more: api, sinks: [disk('one'), disk('two')] })
    expect(await post()).toMatchObject({
      status: 500,
      body: { status: 'failed', failures: [expect.stringContaining('sink "two"') as string] },
    })
    expect(await collector.metric('config_reloads_total', 'result="ok"')).toBe(2)
    expect(await collector.metric('config_reloads_total', 'result="failed"')).toBe(3)
  })

  test('the request that moves the port is answered', async () => {
    await start({ more: api })
    text = shape({ more: 'api: { listen: off }' })
    expect(await post()).toMatchObject({ status: 200, body: { status: 'changed' } })
    expect(collector.collector.listen).toBe(undefined)
  })

  test('a page of another site changes nothing', async () => {
    await start({ more: api })
    text = 'nonsense'
    expect((await post({ 'content-type': 'application/json', origin: 'https://other.example' })).status).toBe(403)
    expect((await post({ 'content-type': 'text/plain' })).status).toBe(415)
    expect(collector.collector.health().status).toBe('ok')
  })
})

test('stopping during a reload ends within the time to drain, and leaves every line once', async () => {
  await start()
  for (let round = 0; round < 5; round++) {
    text = shape({
      source: `, max_line_bytes: ${round + 2}MiB`,
      sinks: [disk('one', { more: `, keep: { files: ${round} }` })],
    })
    const writing = load()
    const reloading = collector.reload().catch(() => undefined)
    await sleep(round, new AbortController().signal)
    expect(await collector.stop()).toEqual([])
    await reloading
    await writing[Symbol.asyncDispose]()
    collector = await RunningCollector.open(() => text, folder)
    await collector.ready()
    await expectAll('one')
  }
})

test('reloading every 50 ms under load loses and doubles nothing, and leaves nothing open', async () => {
  const shapes: Shape[] = [
    {},
    { sinks: [disk('one'), disk('two')] },
    {
      transforms: 'only: { type: filter, inputs: [engine], exclude: ["nothing"] }',
      sinks: [disk('one', { inputs: 'only' }), disk('two')],
    },
    { source: ', max_line_bytes: 2MiB' },
    { sinks: [disk('one', { more: ', queue: { memory: 8MiB }' }), disk('two', { file: 'three' })] },
    { sinks: [disk('one', { more: ', keep: { files: 5 }' })], more: 'api: { listen: "127.0.0.1:0" }' },
  ]
  const never = new AbortController()
  await start()
  write(10)
  await expectAll('one')
  const before = await countDescriptors()
  {
    await using _load = load()
    const endAtMs = performance.now() + 6_000
    for (let i = 0; performance.now() < endAtMs; i++) {
      const { failures } = await reload(shapes[i % shapes.length]!)
      expect(failures).toEqual([])
      await sleep(50, never.signal)
    }
  }
  await reload({ sinks: [disk('one'), disk('two')] })
  await expectAll('one')
  const both = () => [...linesOf('two'), ...linesOf('three')]
  await until('the other has all, too', () => both().length >= written, { seen: () => [both().length, written] })
  const byNumber = (a: string, b: string) => Number(a.slice(5)) - Number(b.slice(5))
  expect(both().sort(byNumber)).toEqual(allLines())
  await reload({})
  let now = before
  await until(
    'descriptors are back',
    async () => {
      now = await countDescriptors()
      return now.get('socket')! <= before.get('socket')! && now.get('file')! <= before.get('file')!
    },
    { seen: () => [[...before], [...now]] },
  )
  expect(getEventListeners(collector.stopSignal, 'abort').length).toBeLessThan(10)
}, 60_000)
