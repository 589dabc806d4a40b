import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { judgeHealth } from '../health.ts'
import { createListener } from '../listener.ts'
import type { ApiParts } from '../routes.ts'
import { ApiServer } from '../server.ts'
import { cleanWatch, noFacts } from '../testing.ts'
import type { AccessSettings } from './guard.ts'

const away = [{ id: 'engine', isConnected: false, detail: 'at a secret place', streams: 0 }]
const health = judgeHealth({
  version: '1',
  uptimeSeconds: 1,
  sources: away,
  sinks: [],
  watch: cleanWatch,
  troubles: [],
})
const unused = () => Promise.reject(new Error('no test here asks for dead letters'))
const credentials = [
  { token: 'viewer token of 16', role: 'viewer' },
  { token: 'admin token of 16!', role: 'admin' },
  { username: 'grafana', password: 'pass:word', role: 'viewer' },
  { token: 'writer token of 16', role: 'writer' },
] as const

let api: ApiServer
afterEach(() => api[Symbol.asyncDispose]())

async function open(access: Partial<AccessSettings> = {}, parts: Partial<Pick<ApiParts, 'lines'>> = {}): Promise<void> {
  api = await ApiServer.open({
    listen: { host: '127.0.0.1', port: 0 },
    listener: async () =>
      createListener({
        ...noFacts,
        ...parts,
        metrics: async () => ({ contentType: 'text/plain', text: 'up 1\n' }),
        health: () => health,
        reload: async () => ({ status: 200, body: { status: 'ok' } }),
        deadLetters: { list: unused, read: unused, drop: unused, replay: unused, replayState: unused },
        access: { ...noFacts.access, credentials, ...access },
      }),
    maxConnections: 3,
    onAcceptError(error) {
      throw error
    },
  })
}

/** A request as it is written here: fetch would mend the path. */
async function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') {
  const { host, port } = api.address
  const socket = connect(port, host)
  const lines = Object.entries({ host: `${host}:${port}`, connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  let received = ''
  for await (const bytes of socket) received += String(bytes)
  return { status: Number(received.split(' ')[1]), received }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
const json = { 'content-type': 'application/json', 'content-length': '0' }

test.each([
  ['/metrics', {}, 401],
  ['/metrics', bearer('viewer token of 16'), 200],
  ['/metrics', { authorization: 'bearer viewer token of 16' }, 200],
  ['/metrics', basic('grafana:pass:word'), 200],
  ['/metrics', basic('grafana:'), 401],
  ['/metrics', basic('viewer token of 16'), 401],
  ['/metrics', bearer('viewer token of 1'), 401],
  ['/metrics', bearer(''), 401],
  ['/metrics', { authorization: 'viewer token of 16' }, 401],
  ['/health', {}, 401],
  ['/health', bearer('admin token of 16!'), 200],
  ['/health/live', {}, 200],
  ['/health/ready', {}, 503],
  ['/nothing', {}, 404],
  ['/api/v1/overview', {}, 401],
])('GET %s with %j: %d', async (path, headers, status) => {
  await open()
  expect(await ask(path, headers)).toMatchObject({ status })
})

test.each([
  '//metrics',
  '/./metrics',
  '/x/../metrics',
  '/%6detrics',
  '/metrics/',
  '/metrics?x',
  '/metrics#x',
  'http://127.0.0.1/metrics',
  '/api/v1/../v1/configuration',
])('no way of writing %s leads past the guard', async (path) => {
  await open()
  const { status, received } = await ask(path)
  expect(status).toBeGreaterThanOrEqual(400)
  expect(received).not.toContain('up 1')
})

test('a viewer changes nothing, an admin does', async () => {
  await open()
  const path = '/api/v1/reload'
  expect((await ask(path, json, 'POST')).status).toBe(401)
  expect((await ask(path, { ...json, ...bearer('viewer token of 16') }, 'POST')).status).toBe(403)
  expect((await ask(path, { ...json, ...bearer('admin token of 16!') }, 'POST')).status).toBe(200)
  // What only tells is open to nobody by another method either.
  expect((await ask('/', json, 'POST')).status).toBe(401)
})

describe('who posts lines', () => {
  const asked = async (method: string, path: string, token: string) =>
    (await ask(path, { ...bearer(token), ...json, 'content-length': '0' }, method)).status
  const [viewer, admin, writer] = ['viewer token of 16', 'admin token of 16!', 'writer token of 16'] as const

  test('a writer does, and may do nothing else; a viewer does not', async () => {
    const take = async () => ({ status: 200, body: {} }) as const
    await open({}, { lines: { take } })
    expect(await asked('POST', '/api/v1/logs', writer)).toBe(200)
    expect(await asked('POST', '/api/v1/logs', admin)).toBe(200)
    expect(await asked('POST', '/api/v1/logs', viewer)).toBe(403)
    expect(await asked('POST', '/api/v1/reload', writer)).toBe(403)
    expect(await asked('GET', '/api/v1/logs', writer)).toBe(403)
    expect(await asked('GET', '/metrics', writer)).toBe(403)
    expect((await ask('/health/ready', bearer(writer))).received).not.toContain('secret place')
  })
})

test('why it is not ready is told to those who are known', async () => {
  await open()
  expect((await ask('/health/ready')).received).not.toContain('secret place')
  expect((await ask('/health/ready', bearer('viewer token of 16'))).received).toContain('secret place')
})

test('what to come with is said: a token where the page can ask for one, else a user', async () => {
  await open()
  expect((await ask('/metrics')).received).toMatch(/www-authenticate: Bearer/i)
  await api[Symbol.asyncDispose]()
  await open({ credentials: credentials.slice(2, 3) })
  expect((await ask('/metrics')).received).toMatch(/www-authenticate: Basic/i)
})

describe('limits', () => {
  test('guesses at a secret', async () => {
    await open()
    const statuses = []
    for (let i = 0; i < 12; i++) statuses.push((await ask('/metrics', bearer(`guess ${i}`))).status)
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429])
    const right = await ask('/metrics', bearer('admin token of 16!'))
    expect([right.status, /retry-after: (\d+)/i.exec(right.received)?.[1]]).toEqual([
      429,
      expect.stringMatching(/^[1-5]$/),
    ])
    expect((await ask('/health/live')).status).toBe(200)
  })

  test('requests', async () => {
    await open({ credentials: [], requestsPerSecond: 1 })
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await ask('/health/live')).status)
    expect(statuses.slice(0, 2)).toEqual([200, 200])
    expect(statuses).toContain(429)
  })

  test('bodies', async () => {
    await open({ maxBodyBytes: 100 })
    const admin = bearer('admin token of 16!')
    expect((await ask('/api/v1/reload', { ...admin, ...json, 'content-length': '101' }, 'POST')).status).toBe(413)
    expect(
      (
        await ask(
          '/api/v1/reload',
          { ...admin, 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
          'POST',
        )
      ).status,
    ).toBe(411)
  })

  test('connections', async () => {
    await open()
    const { host, port } = api.address
    const held = Array.from({ length: 3 }, () => connect(port, host))
    await expect.poll(() => api.connections).toBe(3)
    expect((await ask('/health/live').catch(() => ({ received: '' }))).received).toBe('')
    for (const socket of held) socket.destroy()
    await expect.poll(() => api.connections).toBe(0)
    expect((await ask('/health/live')).status).toBe(200)
  })
})
