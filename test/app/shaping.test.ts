import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SimulatedEngine } from '../../src/simulator/engine.ts'
import { RunningCollector } from '../helpers/collector.ts'
import { until } from '../helpers/until.ts'

const configuration = (host: string, folder: string) => `
data_dir: ${folder}/state
api: { listen: off }
sources:
  engine: { type: docker, host: "${host}" }
transforms:
  private:
    type: redact
    inputs: [engine]
    patterns: [{ name: customer, regex: "cust-[0-9]{6}" }]
  quiet:
    type: filter
    inputs: [private]
    exclude: ["GET /health"]
    containers: ["web", "db"]
  once: { type: dedupe, inputs: [quiet], window: 1h }
  calm: { type: throttle, inputs: [once], lines_per_second: 1000, burst: 100000 }
  ways:
    type: route
    inputs: [calm]
    routes:
      errors: { level: error }
      web: { containers: [web] }
  few: { type: sample, inputs: [ways.web], one_in: 2, always: ["order"] }
sinks:
  raw: { type: file, inputs: [engine], path: "${folder}/raw.log", format: text, sync_every: 10ms }
  errors: { type: file, inputs: [ways.errors], path: "${folder}/errors.log", format: text, sync_every: 10ms }
  rest: { type: file, inputs: [few, ways.default], path: "${folder}/rest.log", format: text, sync_every: 10ms }
`

test('every transform in one pipeline: each sink gets its lines, also over a restart, and every cursor moves to the end', async () => {
  await using engine = await SimulatedEngine.open(
    { listen: { socketPath: join(tmpdir(), `${randomUUID()}.sock`) } },
    new AbortController().signal,
  )
  const [web, db, other] = ['web', 'db', 'other'].map((name) => engine.createContainer({ name }))
  for (const container of [web!, db!, other!]) container.start()
  let folder = ''
  const linesOf = (sink: string) => {
    const path = join(folder, `${sink}.log`)
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1).sort() : []
  }
  const hasAll = (count: number) =>
    until('the raw sink has every line', () => linesOf('raw').length === count, { seen: () => linesOf('raw') })

  await using first = await RunningCollector.open((own) => configuration(engine.host, (folder = own)))
  web!.write('stdout', 'order of ada@example.org by cust-123456\nGET /health 200\nERROR card 4111111111111111\n')
  db!.write('stderr', 'slow query\nslow query\nERROR no disk\n')
  other!.write('stdout', 'ERROR of nobody\n')
  await hasAll(7)
  expect(await first.metric('redactions_total', 'rule="customer"')).toBe(1)
  expect(await first.stop()).toEqual([])
  expect(linesOf('errors')).toEqual(['ERROR card [redacted card]', 'ERROR no disk'])
  expect(linesOf('rest')).toEqual(['order of [redacted email] by [redacted customer]', 'slow query'])

  const second = await RunningCollector.open(() => configuration(engine.host, folder), folder)
  web!.write('stdout', 'order 2\n')
  await hasAll(8)
  expect(await second.stop()).toEqual([])
  expect(linesOf('errors')).toHaveLength(2)
  expect(linesOf('rest')).toEqual(['order 2', 'order of [redacted email] by [redacted customer]', 'slow query'])
})

test('a sink that is added behind transforms which remember gets every line that they let through', async () => {
  await using engine = await SimulatedEngine.open(
    { listen: { socketPath: join(tmpdir(), `${randomUUID()}.sock`) } },
    new AbortController().signal,
  )
  const app = engine.createContainer({ name: 'app' })
  app.start()
  let folder = ''
  let sinks = ['one']
  const sinkText = (name: string) =>
    `  ${name}: { type: file, inputs: [calm], path: "${folder}/${name}.log", format: text, sync_every: 10ms }\n`
  const linesOf = (sink: string) => {
    const path = join(folder, `${sink}.log`)
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
  }
  await using collector = await RunningCollector.open((own) => {
    folder = own
    return `data_dir: ${own}/state
api: { listen: off }
sources: { engine: { type: docker, host: "${engine.host}" } }
transforms:
  once: { type: dedupe, inputs: [engine], window: 1h }
  calm: { type: throttle, inputs: [once], lines_per_second: 0.001, burst: 3 }
sinks:
${sinks.map(sinkText).join('')}`
  })
  const hasAll = (sink: string) =>
    until(`${sink} has three lines`, () => linesOf(sink).length === 3, { seen: () => linesOf(sink) })
  app.write('stdout', 'a\na\nb\na\nc\nd\n')
  await hasAll('one')
  sinks = ['one', 'two']
  await collector.reload()
  await hasAll('two')
  expect([linesOf('one'), linesOf('two')]).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ])
  expect(await collector.stop()).toEqual([])
})
