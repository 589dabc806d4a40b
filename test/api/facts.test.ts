import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { operations } from '../../src/api/v1/operations.ts'
import * as schemas from '../../src/api/v1/schemas.ts'
import { logFilePath } from '../../src/log-file/list-files.ts'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { until } from '../helpers/until.ts'
import { TailReader } from '../helpers/tail-reader.ts'

const never = new AbortController().signal

describe('what the API tells of a running collector', () => {
  const folder = mkdtempSync(join(tmpdir(), 'facts-'))
  let engine: SimulatedEngine
  let collector: RunningCollector
  let web: ReturnType<SimulatedEngine['createContainer']>
  let url: string

  const configuration = () => `
data_dir: ${folder}/state
sources: { engine: { type: docker, host: "${engine.host}", exclude: { names: [other] } } }
transforms: { quiet: { type: filter, inputs: [engine], exclude: [noise] } }
sinks:
  disk: { type: file, inputs: [quiet], path: "${folder}/out.log" }
  away: { type: loki, inputs: [engine], url: "http://me:hunter2@127.0.0.1:1", auth: { username: me, password: hunter3 } }
api: { listen: "127.0.0.1:0" }`

  beforeAll(async () => {
    engine = await SimulatedEngine.open(
      { listen: { socketPath: join(folder, 'engine.sock') }, rootFolder: folder },
      never,
    )
    web = engine.createContainer({ name: 'web' })
    web.start()
    engine.createContainer({ name: 'other' }).start()
    engine.createContainer({ name: 'mute', body: { HostConfig: { LogConfig: { Type: 'none' } } } }).start()
    collector = await RunningCollector.open(configuration, folder)
    await collector.ready()
    const { host, port } = collector.collector.listen!
    url = `http://${host}:${port}`
  })
  afterAll(async () => {
    await collector[Symbol.asyncDispose]()
    await engine[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  async function ask<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
    const answer = await fetch(`${url}/api/v1/${path}`)
    return schema.parse(await answer.json())
  }
  const written = async (lines: number) => {
    await until('lines are delivered', async () => (await collector.metric('logs_sent_total', 'sink="disk"')) >= lines)
  }

  test('figures are those of the metrics, and every answer is as its schema says', async () => {
    for (let i = 0; i < 10; i++) web.write('stdout', `line ${i}\n`)
    web.write('stderr', 'noise\n')
    await written(10)
    const overview = await ask('overview', schemas.overview)
    expect(overview.lines.in.total).toBe(await collector.metric('logs_collected_total'))
    expect(overview.lines.out.total).toBe(await collector.metric('logs_sent_total'))
    expect(overview).toMatchObject({
      status: 'degraded',
      engines: [{ source: 'engine', isConnected: true, product: 'Docker' }],
      containers: { following: 1 },
    })
    expect((await ask('diagnostics', schemas.diagnostics)).connections[0]!.opened).toBeGreaterThan(0)
    const { containers } = await ask('containers', schemas.containers)
    expect(containers.find(({ name }) => name === 'web')).toMatchObject({
      ...{ state: 'following', reader: 'api', streams: ['stdout', 'stderr'], lines: { total: 11 }, gaps: 0 },
    })
    expect(containers.find(({ name }) => name === 'other')).toMatchObject({
      ...{ state: 'left_out', reader: null, lastLineAt: null },
      reason: 'include or exclude of the source leave it out',
    })
    // One of its sinks is away.
    expect(containers.find(({ name }) => name === 'web')!.lagSeconds).toBeGreaterThan(0)
    const mute = await until('the log of none is found to be unreadable', async () => {
      const found = await ask('containers', schemas.containers)
      return found.containers.find(({ name, state }) => name === 'mute' && state === 'unreadable')
    })
    expect(mute).toMatchObject({
      reader: null,
      streams: [],
      reason: expect.stringContaining('does not support reading') as string,
    })
    const { components } = await ask('pipeline', schemas.pipeline)
    expect(components.map(({ id, kind, lines }) => [id, kind, lines.total])).toEqual([
      ['engine', 'source', 11],
      ['quiet', 'transform', 10],
      ['disk', 'sink', 10],
      ['away', 'sink', 0],
    ])
    expect(components[1]?.drops).toMatchObject([{ reason: 'taken out', lines: { total: 1 } }])
    const { sinks } = await ask('sinks', schemas.sinks)
    expect(sinks.find(({ id }) => id === 'away')?.trouble).toContain('ECONNREFUSED')
    expect(sinks.find(({ id }) => id === 'disk')).toMatchObject({ lines: { total: 10 }, trouble: null })
  })

  test('a container whose log files are there is read from them', async () => {
    const filed = engine.createContainer({ name: 'filed' })
    const path = logFilePath(folder, filed.id)
    mkdirSync(dirname(path), { recursive: true })
    const record = { log: 'from a file\n', stream: 'stderr', time: new Date().toISOString() }
    writeFileSync(path, `${JSON.stringify(record)}\n`)
    filed.start()
    const found = await until('its line is read', async () => {
      const { containers } = await ask('containers', schemas.containers)
      return containers.find(({ name, lines }) => name === 'filed' && lines.total === 1)
    })
    expect(found).toMatchObject({ state: 'following', reader: 'files', streams: ['stderr'], bytes: { total: 11 } })
    expect(Date.parse(found.lastLineAt!)).toBe(Date.parse(record.time))
  })

  test('speeds are known to whoever asks again', async () => {
    const known = await until('there is a speed', async () => {
      web.write('stdout', 'one more\n')
      const { lines } = await ask('overview', schemas.overview)
      return lines.in.perSecond !== null && lines.in.perSecond > 0
    })
    expect(known).toBe(true)
  })

  test('the configuration in force, without its secrets', async () => {
    const { configuration: shown, yaml } = await ask('configuration', schemas.configuration)
    expect(shown).toMatchObject({
      sources: { engine: { type: 'docker', max_line_bytes: '1MiB', keep_alive: '10s' } },
      sinks: { away: { url: 'http://me:***@127.0.0.1:1', auth: { username: 'me', password: '***' } } },
    })
    expect(yaml).not.toMatch(/hunter/)
  })

  test('a tail that wants the last lines begins with them, in the order of their times, and shows each line once', async () => {
    const [a, b] = ['last-a', 'last-b'].map((name) => engine.createContainer({ name }))
    for (const container of [a!, b!]) container.start()
    for (let i = 0; i < 6; i++) (i % 2 === 0 ? a! : b!).write('stdout', `said ${i}\n`)
    const wanted = () => collector.collector.health().sources[0]!.streams >= 3
    await until('they are followed', wanted, { seen: () => collector.collector.health().sources })
    await using tail = await TailReader.open(url, 'container=last-*&last=2')
    await until('the last lines are there', () => tail.lines.length >= 4, { seen: () => tail.lines })
    for (let i = 6; i < 9; i++) a!.write('stdout', `said ${i}\n`)
    await until('and then what comes', () => tail.texts.includes('said 8'), { seen: () => tail.lines })
    expect(tail.texts).toEqual([2, 3, 4, 5, 6, 7, 8].map((i) => `said ${i}`))
    const refused = await fetch(`${url}/api/v1/tail?last=2&at=quiet`)
    expect(refused.status).toBe(400)
    expect((await fetch(`${url}/api/v1/tail?last=0`)).status).toBe(400)
  })

  test('a tail shows what is wanted of what passes from now on, behind a transform, too', async () => {
    const db = engine.createContainer({ name: 'db' })
    db.start()
    await using all = await TailReader.open(url, 'container=d?&exclude=silly')
    await using filtered = await TailReader.open(url, 'at=quiet&stream=stdout&container=db')
    db.write('stdout', 'silly\n')
    db.write('stdout', 'noise\n')
    db.write('stderr', 'wanted\n')
    db.write('stdout', 'the last\n')
    await until('both have it', () => all.texts.includes('the last') && filtered.texts.includes('the last'))
    expect([...all.texts].sort()).toEqual(['noise', 'the last', 'wanted'])
    expect(filtered.texts).toEqual(['silly', 'the last'])
    expect(all.lines[0]).toMatchObject({ at: 'engine', container: 'db' })
  })

  test('a reader that does not read holds nobody back, and is told what it missed', async () => {
    const busy = engine.createContainer({ name: 'busy' })
    busy.start()
    await using slow = await TailReader.open(url, 'container=busy', 'paused')
    const text = 'x'.repeat(1_000)
    // Far more than sockets and feed hold together, and all of it is delivered meanwhile.
    const before = await collector.metric('logs_sent_total', 'sink="disk"')
    for (let i = 0; i < 30_000; i++) busy.write('stdout', `${i} ${text}\n`)
    await written(before + 30_000)
    slow.goOn()
    await until('it is told of every line, shown or not', () => slow.lines.length + slow.skipped === 30_000, {
      seen: () => [slow.lines.length, slow.skipped],
    })
    expect(slow.skipped).toBeGreaterThan(10_000)
  })

  test('so many may look at a time, and who has gone makes room', async () => {
    // Who asks for the head, or has gone before the answer, takes no place.
    for (let i = 0; i < 20; i++) expect((await fetch(`${url}/api/v1/tail`, { method: 'HEAD' })).status).toBe(200)
    for (let i = 0; i < 20; i++)
      await fetch(`${url}/api/v1/tail`, { signal: AbortSignal.abort() }).catch(() => undefined)
    const readers = []
    for (let i = 0; i < 16; i++) readers.push(await TailReader.open(url))
    await expect(TailReader.open(url)).rejects.toThrow('16 others look at lines already')
    await readers.pop()![Symbol.asyncDispose]()
    await using again = await until('there is room', () => TailReader.open(url).catch(() => undefined))
    expect(again.skipped).toBe(0)
    for (const reader of readers) await reader[Symbol.asyncDispose]()
  })

  test('what is not understood is refused', async () => {
    const refused = async (query: string) => {
      const answer = await fetch(`${url}/api/v1/tail?${query}`)
      return [answer.status, ((await answer.json()) as { error: string }).error]
    }
    expect(await refused('at=nothing')).toEqual([404, 'there is no source or transform "nothing" to look behind'])
    expect(await refused('stream=both')).toEqual([400, expect.stringContaining('stream')])
    expect(await refused('color=red')).toEqual([400, expect.stringContaining('color')])
  })

  test('the description names every operation, and each that only tells answers', async () => {
    const { paths } = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as { paths: Record<string, object> }
    expect(Object.keys(paths)).toEqual([...new Set(operations.map(({ path }) => path))])
    for (const { path, method, answer } of operations) {
      if (method !== 'get' || answer.type !== 'json' || path.includes('{')) continue
      const answered = await fetch(`${url}${path}`)
      expect([path, answered.status]).toEqual([path, 200])
      expect(answer.schema.safeParse(await answered.json()).error).toBeUndefined()
    }
  })
})
