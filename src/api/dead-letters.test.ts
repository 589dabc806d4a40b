import { request } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../test/helpers/until.ts'
import { LocalOffice } from '../app/dead-letters/local-office.ts'
import { BatchMaker } from '../batch/testing.ts'
import type { SendOutcome } from '../component/sink.ts'
import { Owned } from '../lib/owned.ts'
import { deferred } from '../lib/wait.ts'
import { DeadLetters } from '../pipeline/dead-letters/dead-letters.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { judgeHealth } from './health.ts'
import { createListener } from './listener.ts'
import { ApiServer } from './server.ts'
import { noFacts } from './testing.ts'

const path = '/api/v1/dead-letters'
let dataDir: string
let owned: Owned
let letters: DeadLetters
let api: ApiServer
let send: () => Promise<SendOutcome | undefined>

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'dead-letters-api-'))
  owned = new Owned()
  owned.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const [log, metrics] = [createLog('silent'), createMetrics()]
  letters = owned.take(await DeadLetters.open({ folder: join(dataDir, 'letters'), maxBytes: 2 ** 20, log, metrics }))
  send = async () => ({ status: 'delivered' })
  const office = owned.take(await LocalOffice.open({ letters, send: () => send(), dataDir, log, metrics }))
  const health = () =>
    judgeHealth({
      version: '',
      uptimeSeconds: 0,
      sources: [],
      sinks: [],
      watch: {
        outcome: 'clean',
        watchedSeconds: 1,
        descriptors: { open: 9, limit: 99 },
        residentBytes: 1,
        resources: [],
      },
      troubles: [],
    })
  const listener = createListener({
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    health,
    deadLetters: office,
    reload: () => Promise.reject(new Error('no test here reloads')),
    ...noFacts,
  })
  api = owned.take(
    await ApiServer.open({
      listen: { host: '127.0.0.1', port: 0 },
      listener: async () => listener,
      maxConnections: 100,
      onAcceptError(error) {
        throw error
      },
    }),
  )
})
afterEach(() => owned[Symbol.asyncDispose]())

async function add(text: string | Buffer, sink = 'out'): Promise<string> {
  const batch = new BatchMaker().batchOf([
    { text, container: 'web', stream: 'stderr', seconds: 1_795_000_000, nanos: 5 },
  ])
  await letters.add({ sink, batch, rejections: [{ reason: 'bad', lines: 'all' }] })
  let last = ''
  for await (const { id } of letters.list()) last = id
  return last
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Over node:http, since fetch sets no Host. */
function ask(where: string, { method = 'GET', headers = {}, body }: Asked = {}) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  // Without a length node:http sends the body of a DELETE as if it were the next request.
  const json =
    text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  return new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    const asked = request({ ...api.address, path: `${path}${where}`, method, headers: { ...json, ...headers } })
    asked.on('error', reject).on('response', (answer) => {
      let received = ''
      answer.on('data', (bytes: Buffer) => (received += bytes.toString()))
      answer.on('end', () => resolve({ status: answer.statusCode!, body: parse(received) }))
    })
    asked.end(text)
  })
}

/** What is no JSON is shown by the failing expectation. */
function parse(received: string): Record<string, unknown> {
  return received.startsWith('{') ? (JSON.parse(received) as Record<string, unknown>) : { received }
}

test('the list has totals, pages, and the data_dir', async () => {
  const ids = [await add('1'), await add('2', 'other'), await add('3')]
  const first = await ask('?limit=2')
  expect(first.status).toBe(200)
  expect(first.body).toMatchObject({
    dataDir,
    totals: [
      { sink: 'out', letters: 2, lines: 2 },
      { sink: 'other', letters: 1, lines: 1 },
    ],
    letters: [{ id: ids[0], sink: 'out', reason: 'bad', lines: 1, bytes: 1, attempts: 1 }, { id: ids[1] }],
    next: ids[1],
  })
  const second = await ask(`?limit=2&after=${ids[1]!}`)
  expect(second.body).toMatchObject({ letters: [{ id: ids[2] }] })
  expect(second.body).not.toHaveProperty('next')
  expect((await ask('?sink=other')).body).toMatchObject({ letters: [{ id: ids[1] }] })
})

test('a letter has its lines: as text, or as base64 where they are no UTF-8', async () => {
  const text = await ask(`/${await add('für \u001b[31m')}`)
  const line = { time: '2026-11-18T11:06:40.000000005Z', container: 'web', stream: 'stderr' }
  expect(text.body).toMatchObject({ sink: 'out', content: [{ ...line, text: 'für \u001b[31m' }] })
  const raw = await ask(`/${await add(Buffer.from([0xff, 0]))}`)
  expect(raw.body).toMatchObject({ content: [{ ...line, base64: '/wA=' }] })
  expect((await ask('/z-z')).status).toBe(404)
})

test('letters are dropped by id, by sink, or all', async () => {
  const ids = [await add('1'), await add('2'), await add('3', 'other'), await add('4')]
  const drop = async (body: unknown) => (await ask('', { method: 'DELETE', body })).body
  expect(await drop({ ids: [ids[0], 'z-z'] })).toEqual({ letters: 1, missing: ['z-z'] })
  expect(await drop({ sink: 'other' })).toEqual({ letters: 1, missing: [] })
  expect(await drop({ all: true })).toEqual({ letters: 2, missing: [] })
  expect((await ask('')).body).toMatchObject({ letters: [], totals: [] })
})

test('a replay is begun, one at a time, and watched', async () => {
  await add('1')
  expect((await ask('/replay')).body).toEqual({ replay: null })
  const held = deferred<SendOutcome>()
  send = () => held.promise
  const begin = () => ask('/replay', { method: 'POST', body: { all: true, rate: 10 } })
  const begun = await begin()
  expect(begun).toMatchObject({ status: 202, body: { isRunning: true, letters: 0 } })
  expect((await begin()).status).toBe(409)
  held.resolve({ status: 'delivered' })
  const state = await until('it has ended', async () => {
    const { replay } = (await ask('/replay')).body as { replay: { isRunning: boolean } }
    return !replay.isRunning && replay
  })
  expect(state).toMatchObject({ startedAt: begun.body['startedAt'], letters: 1, linesDelivered: 1 })
  expect((await ask('')).body).toMatchObject({ letters: [], replay: state })
})

test.each([
  ['GET', '?limit=0', undefined],
  ['GET', '?limit=many', undefined],
  ['GET', '?after=nonsense', undefined],
  ['GET', '?colour=red', undefined],
  ['GET', '/1-g?limit=-1', undefined],
  ['DELETE', '', {}],
  ['DELETE', '', { all: false }],
  ['DELETE', '', { ids: [] }],
  ['DELETE', '', { all: true, sink: 'out' }],
  ['DELETE', '', { all: true, rate: 1 }],
  ['DELETE', '', 'no json'],
  ['POST', '/replay', { all: true, rate: 0 }],
  ['POST', '/replay', { ids: [1] }],
])('%s %s with %j is refused, and says what it takes', async (method, where, body) => {
  await add('1')
  const { status, body: said } = await ask(where, { method, body })
  expect([status, said['error']]).toEqual([400, expect.stringMatching(/takes|must be/)])
  expect((await ask('')).body).toMatchObject({ totals: [{ letters: 1 }] })
})

describe('a page of another site', () => {
  const own = () => `127.0.0.1:${api.address.port}`

  test.each([
    { headers: { 'content-type': 'text/plain' }, status: 415 },
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 415 },
    { headers: { origin: 'http://elsewhere.example' }, status: 403 },
    { headers: { origin: 'null' }, status: 403 },
    { headers: { origin: 'http://127.0.0.1:1' }, status: 403 },
    { headers: { host: 'elsewhere.example' }, status: 403 },
    { headers: { host: 'elsewhere.example', origin: 'http://elsewhere.example' }, status: 403 },
    { headers: { host: '127.0.0.1.elsewhere.example:8401' }, status: 403 },
    { headers: { host: 'localhost.elsewhere.example' }, status: 403 },
  ])('changes nothing with $headers', async ({ headers, status }) => {
    await add('1')
    expect((await ask('', { method: 'DELETE', headers, body: { all: true } })).status).toBe(status)
    expect((await ask('/replay', { method: 'POST', headers, body: { all: true } })).status).toBe(status)
    expect((await ask('')).body).toMatchObject({ totals: [{ letters: 1 }], letters: [{ attempts: 1 }] })
  })

  test('reads nothing through a name of its own', async () => {
    await add('secret')
    const { status, body } = await ask('', { headers: { host: 'elsewhere.example' } })
    expect([status, body['letters']]).toEqual([403, undefined])
  })

  test.each([
    () => ({ origin: `http://${own()}` }),
    () => ({ host: 'localhost:8401' }),
    () => ({ host: '[::1]:8401' }),
    () => ({ host: '10.1.2.3' }),
    () => ({ 'content-type': 'application/json; charset=utf-8' }),
  ])('is not what our own are taken for: %s', async (headers) => {
    const dropped = await ask('', { method: 'DELETE', headers: headers(), body: { all: true } })
    expect(dropped.status).toBe(200)
  })
})

test('a long body is refused', async () => {
  const ids = Array.from({ length: 8_000 }, () => '1-1234567')
  expect((await ask('', { method: 'DELETE', body: { ids } })).status).toBe(413)
})
