import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RunningCollector } from '../helpers/collector.ts'
import { until } from '../helpers/until.ts'

const ndjson = { 'content-type': 'application/x-ndjson' }

/** Takes pushes, and answers them when it is told to. */
class Destination implements AsyncDisposable {
  status = 204
  readonly held: (() => void)[] = []
  isHolding = false
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      const answer = () => response.writeHead(this.status).end()
      request.resume().on('end', () => (this.isHolding ? this.held.push(answer) : answer()))
    })
  }

  static async open(): Promise<Destination> {
    const destination = new Destination()
    destination.#server.listen(0, '127.0.0.1')
    await once(destination.#server, 'listening')
    return destination
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  release(): void {
    this.isHolding = false
    for (const answer of this.held.splice(0)) answer()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

let folder: string
let destination: Destination
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'posts-'))
  destination = await Destination.open()
})
afterEach(async () => {
  await destination[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const configuration = (sinks: string, options = '') => `
data_dir: ${folder}/state
sources: { posted: { type: push ${options} } }
transforms: { quiet: { type: filter, inputs: [posted], exclude: [noise] } }
sinks:
  ${sinks}
api: { listen: "127.0.0.1:0", limits: { body: 2000 } }`
const file = () => `disk: { type: file, inputs: [quiet], path: "${folder}/{container.name}.log", format: text }`
const loki = (queue: string) => `
  away: { type: loki, inputs: [posted], url: "${destination.url}", queue: ${queue}, batch: { max_age: 10ms } }`

async function post(
  { collector }: RunningCollector,
  body: string | ReadableStream<Uint8Array>,
  { query = '', headers = ndjson }: { query?: string; headers?: Record<string, string> } = {},
) {
  const { host, port } = collector.listen!
  const init = { method: 'POST', headers, body, ...(typeof body === 'string' ? {} : { duplex: 'half' }) }
  const answer = await fetch(`http://${host}:${port}/api/v1/logs${query}`, init as RequestInit)
  const retryAfter = answer.headers.get('retry-after')
  return { status: answer.status, retryAfter, body: (await answer.json()) as Record<string, unknown> }
}

const written = (name: string) => {
  const path = join(folder, `${name}.log`)
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
}

test('it is answered when every sink has the lines, and not before; what a filter takes out is safe as well', async () => {
  await using running = await RunningCollector.open(() => configuration(file() + loki('{ disk: 0 }')), folder)
  destination.isHolding = true
  let isAnswered = false
  const answer = post(running, '{"text":"a","container":"job"}\n{"text":"noise","container":"job"}\n').finally(
    () => (isAnswered = true),
  )
  await until('the destination holds a push', () => destination.held.length === 1)
  await until('the other sink has acknowledged', async () => (await running.metric('logs_sent_total', 'disk')) === 1)
  expect(isAnswered).toBe(false)
  destination.release()
  expect(await answer).toMatchObject({ status: 200, body: { source: 'posted', lines: 2 } })
  expect(written('job')).toEqual(['a'])
  expect(await running.metric('posts_total', 'result="delivered"')).toBe(1)
})

test('plain text, bodies of many clients at once, and bytes as they came', async () => {
  await using running = await RunningCollector.open(() => configuration(file()), folder)
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      post(running, `first ${i}\n\nsecond ${i}`, { headers, query: `?container=c${i % 4}` }),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200))
  const lines = [0, 1, 2, 3].flatMap((i) => written(`c${i}`))
  const sent = Array.from({ length: 40 }, (_, i) => [`first ${i}`, '', `second ${i}`]).flat()
  expect(lines.sort()).toEqual(sent.sort())
})

test('what is safe on disk is answered while the destination is down, and arrives after a restart', async () => {
  destination.status = 503
  const sinks = () => loki('{ memory: 1000, disk: 1MiB }').trim()
  const first = await RunningCollector.open(
    () => configuration(sinks()).replace('inputs: [posted], url', 'inputs: [quiet], url'),
    folder,
  )
  const answers = await Promise.all([post(first, `{"text":"${'a'.repeat(600)}"}`), post(first, '{"text":"b"}')])
  expect(answers).toMatchObject([{ status: 200 }, { status: 200 }])
  await first.abandon()
  destination.status = 204
  await using second = await RunningCollector.open(
    () => configuration(sinks()).replace('inputs: [posted], url', 'inputs: [quiet], url'),
    folder,
  )
  await until('both have arrived', async () => (await second.metric('logs_sent_total', 'away')) === 2)
})

test('what is not safe in time has to be sent again, and a full queue takes nothing more', async () => {
  destination.isHolding = true
  const sinks = `${file()}${loki('{ memory: 500, disk: 0 }')}`
  await using running = await RunningCollector.open(() => configuration(sinks, ', timeout: 2s'), folder)
  expect(await post(running, `{"text":"${'a'.repeat(600)}"}`)).toMatchObject({
    ...{ status: 503, retryAfter: '5' },
    body: { error: expect.stringContaining('"away"') as string },
  })
  const refused = await post(running, '{"text":"b"}')
  expect(refused).toMatchObject({ status: 429, retryAfter: '1', body: { error: 'a queue behind this source is full' } })
  destination.release()
  await until('there is room again', async () => (await post(running, '{"text":"b"}')).status === 200)
})

test('what cannot be taken is refused, and said why', async () => {
  await using running = await RunningCollector.open(() => configuration(file()), folder)
  expect(await post(running, '{"text":"a"}\n{"text":\n')).toMatchObject({
    status: 400,
    body: { error: 'nothing was taken: line 2 is no JSON', malformed: [{ line: 2, problem: 'is no JSON' }], count: 1 },
  })
  expect(await post(running, 'x'.repeat(2001))).toMatchObject({ status: 413 })
  expect(await post(running, 'a', { headers: { 'content-type': 'text/html' } })).toMatchObject({ status: 415 })
  expect(await post(running, 'a', { headers: { ...ndjson, 'content-encoding': 'gzip' } })).toMatchObject({
    status: 415,
  })
  expect(await post(running, 'a', { headers: { ...ndjson, origin: 'http://elsewhere' } })).toMatchObject({
    status: 403,
  })
  expect(await post(running, new Blob(['{"text":"a"}']).stream())).toMatchObject({ status: 411 })
  expect(await post(running, '{"text":"a"}', { query: '?contianer=a' })).toMatchObject({ status: 400 })
  expect(await post(running, '{"text":"a"}', { query: '?source=other' })).toMatchObject({ status: 404 })
  expect(await running.metric('logs_collected_total')).toBe(0)
})

test('a configuration without such a source says what to add', async () => {
  await using running = await RunningCollector.open(
    () => configuration(file()).replace('type: push', `type: docker, host: "unix://${folder}/none.sock"`),
    folder,
  )
  expect(await post(running, '{"text":"a"}')).toMatchObject({
    status: 404,
    body: { hint: expect.stringContaining('{ posted: { type: push } }') as string },
  })
})

test('what a transform holds of a body is passed on with it: the answer comes when the event is safe as well, by every way', async () => {
  destination.isHolding = true
  const text = configuration(`
  plain: { type: file, inputs: [quiet], path: "${folder}/plain.log", format: text }
  away: { type: loki, inputs: [whole, quiet], url: "${destination.url}", batch: { max_age: 10ms } }`)
  const joined = text.replace('transforms: {', 'transforms: { whole: { type: multiline, inputs: [posted] },')
  await using collector = await RunningCollector.open(() => joined, folder)
  const trace = ['Traceback (most recent call last):', '  File "a.py", line 1, in <module>', 'ValueError: no']
  const answer = post(collector, trace.map((line) => JSON.stringify({ message: line })).join('\n'))
  let isAnswered = false
  void answer.then(() => (isAnswered = true))
  await until('the lines and the event are on their way', () => destination.held.length > 0)
  await until('the other sink has the lines', () => existsSync(join(folder, 'plain.log')))
  expect(isAnswered).toBe(false)
  destination.release()
  expect((await answer).status).toBe(200)
  expect(await collector.metric('logs_sent_total', 'sink="away"')).toBe(4)
  await until('nothing is held', async () => (await collector.metric('lines_held')) === 0)
})
