import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { TailReader } from '../helpers/tail-reader.ts'
import { until } from '../helpers/until.ts'

const openEngine = () =>
  SimulatedEngine.open({ listen: { socketPath: join(tmpdir(), `${randomUUID()}.sock`) } }, new AbortController().signal)

/** Sinks of files, by their inputs. */
const sinksOf = (folder: string, sinks: Record<string, string>) =>
  Object.entries(sinks)
    .map(
      ([id, inputs]) => `  ${id}: { type: file, inputs: [${inputs}], path: "${folder}/${id}.log", sync_every: 10ms }\n`,
    )
    .join('')

function messagesOf(folder: string, sink: string): string[] {
  const path = join(folder, `${sink}.log`)
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => (JSON.parse(line) as { message: string }).message)
}

const trace = (number: number) =>
  `ERROR ${number}\njava.lang.IllegalStateException: no\n\tat com.example.Main.run(Main.java:${number})`

test('the last words of a crash arrive though nothing follows them, and every line is accounted for', async () => {
  await using engine = await openEngine()
  const app = engine.createContainer({ name: 'app' })
  app.start()
  await using collector = await RunningCollector.open(
    (folder) => `data_dir: ${folder}/state
api: { listen: 127.0.0.1:0 }
sources: { engine: { type: docker, host: "${engine.host}" } }
transforms:
  whole: { type: multiline, inputs: [engine], flush_after: 200ms }
sinks:
${sinksOf(folder, { events: 'whole', raw: 'engine' })}`,
  )
  const { host, port } = collector.collector.listen!
  const tail = await TailReader.open(`http://${host}:${port}`, 'at=whole')
  const seen = () => messagesOf(collector.folder, 'events')
  app.write('stdout', `INFO 1\n${trace(2)}\n`)
  app.write('stderr', 'WARN of the other stream\n')
  await until('the crash has arrived', () => seen().length === 3, { seen })
  expect([...seen()].sort()).toEqual([trace(2), 'INFO 1', 'WARN of the other stream'].sort())
  await until('the tail has shown it', () => tail.lines.length === 3, { seen: () => tail.lines })
  expect(tail.texts).toContain(trace(2))
  await tail[Symbol.asyncDispose]()
  const count = (name: string) => collector.metric(name)
  expect(await count('logs_collected_total')).toBe(5)
  expect(await count('logs_processed_total')).toBe(3)
  expect(await count('lines_joined_total')).toBe(2)
  expect(await count('logs_dropped_total')).toBe(0)
  expect(await count('lines_held')).toBe(0)
  expect(await collector.stop()).toEqual([])
})

test('a stop in order delivers what is held; what belongs to it and comes later is an event of its own', async () => {
  await using engine = await openEngine()
  const app = engine.createContainer({ name: 'app' })
  app.start()
  let folder = ''
  const configuration = (own: string) => {
    folder = own
    return `data_dir: ${own}/state
api: { listen: off }
sources: { engine: { type: docker, host: "${engine.host}" } }
transforms:
  whole: { type: multiline, inputs: [engine], flush_after: 30s }
sinks:
${sinksOf(own, { events: 'whole', raw: 'engine' })}`
  }
  await using first = await RunningCollector.open(configuration)
  const hasRead = (count: number) =>
    until('everything was read', () => messagesOf(folder, 'raw').length === count, {
      seen: () => messagesOf(folder, 'raw'),
    })
  app.write('stdout', `INFO 1\n${trace(2)}\n`)
  await hasRead(4)
  expect(messagesOf(folder, 'events')).toEqual(['INFO 1'])
  expect(await first.stop()).toEqual([])
  expect(messagesOf(folder, 'events')).toEqual(['INFO 1', trace(2)])

  const second = await RunningCollector.open(configuration, folder)
  app.write('stdout', '\tat com.example.Late.run(Late.java:1)\nINFO 3\n')
  await hasRead(6)
  expect(await second.stop()).toEqual([])
  expect(messagesOf(folder, 'events')).toEqual(['INFO 1', trace(2), '\tat com.example.Late.run(Late.java:1)', 'INFO 3'])
})

test('multiline comes, goes, has another name and stands beside, while lines are written: every line comes once by each way', async () => {
  await using engine = await openEngine()
  const app = engine.createContainer({ name: 'app' })
  app.start()
  const ways: readonly (readonly [transforms: string, inputs: string])[] = [
    ['', 'engine'],
    ['  one: { type: multiline, inputs: [engine] }', 'one'],
    ['  two: { type: multiline, inputs: [engine], max_lines: 500 }', 'two'],
    ['', 'engine'],
    ['  one: { type: multiline, inputs: [engine] }', 'one'],
  ]
  let way = ways[0]!
  const configuration = (folder: string) => `data_dir: ${folder}/state
api: { listen: off }
sources: { engine: { type: docker, host: "${engine.host}" } }
transforms:
  other: { type: filter, inputs: [engine], exclude: [nothing] }
${way[0]}
sinks:
${sinksOf(folder, { events: way[1], both: way[1] === 'engine' ? 'engine' : `${way[1]}, other`, raw: 'other' })}`
  await using collector = await RunningCollector.open(configuration)
  const { folder } = collector
  let written = 0
  const write = () => app.write('stdout', `${trace(written++)}\n`)
  const rawIs = (count: number) =>
    until('everything was read', () => messagesOf(folder, 'raw').length >= count, {
      seen: () => messagesOf(folder, 'raw').length,
    })
  for (const next of ways) {
    way = next
    await collector.reload()
    for (let i = 0; i < 20; i++) write()
    await rawIs(written * 3 - 30)
  }
  // The same over a restart: to two ways, from one.
  expect(await collector.stop()).toEqual([])
  way = ['  two: { type: multiline, inputs: [engine] }', 'two']
  await using last = await RunningCollector.open(configuration, folder)
  for (let i = 0; i < 20; i++) write()
  await rawIs(written * 3)
  expect(await last.stop()).toEqual([])
  const lines = Array.from({ length: written }, (_, i) => trace(i).split('\n')).flat()
  expect(messagesOf(folder, 'raw')).toEqual(lines)
  expect(messagesOf(folder, 'events').flatMap((event) => event.split('\n'))).toEqual(lines)
  const both = messagesOf(folder, 'both').flatMap((event) => event.split('\n'))
  const twice = new Map<string, number>()
  for (const line of both) twice.set(line, (twice.get(line) ?? 0) + 1)
  for (const [i, line] of lines.entries()) {
    if (line.startsWith('java')) continue
    // By both ways where there were two.
    const isOfOneWay = i < 60 || (i >= 180 && i < 240)
    expect([line, twice.get(line)]).toEqual([line, isOfOneWay ? 1 : 2])
  }
})
