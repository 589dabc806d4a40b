import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deferred } from '../lib/wait.ts'
import { judgeHealth } from './health.ts'
import { createListener } from './listener.ts'
import type { ApiParts } from './routes.ts'
import { ApiServer, ListenError } from './server.ts'
import { cleanWatch, noFacts } from './testing.ts'

const loopback = { host: '127.0.0.1', port: 0 }
const health = judgeHealth({ version: '1', uptimeSeconds: 1, sources: [], sinks: [], watch: cleanWatch, troubles: [] })
const ownClasses = [globalThis.Request, globalThis.Response]
const reload = Promise.resolve({ status: 200, body: { status: 'ok' } } as const)
let api: ApiServer
let metrics: ApiParts['metrics']

const unused = () => Promise.reject(new Error('no test here asks for dead letters'))
const deadLetters = { list: unused, read: unused, drop: unused, replay: unused, replayState: unused }
const open = (listen = loopback) =>
  ApiServer.open({
    listen,
    listener: async () =>
      createListener({
        metrics: () => metrics(),
        health: () => health,
        reload: () => reload,
        deadLetters,
        ...noFacts,
      }),
    maxConnections: 100,
    onAcceptError(error) {
      throw error
    },
  })

beforeEach(async () => {
  metrics = () => Promise.resolve({ contentType: 'text/plain', text: 'up 1\n' })
  api = await open()
})
afterEach(async () => {
  await api[Symbol.asyncDispose]()
})

/** A client's connection, kept alive, and everything that came over it. */
class Client {
  received = ''
  readonly socket: Socket
  readonly closed: Promise<unknown>

  constructor() {
    this.socket = connect(api.address)
    this.socket.on('data', (bytes: Buffer) => (this.received += bytes.toString()))
    this.socket.on('error', () => undefined) // It may be reset, which is how it is closed.
    this.closed = once(this.socket, 'close')
  }

  get(path: string): void {
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: here\r\n\r\n`)
  }
}

test('closing ends idle, busy and silent connections at once', async () => {
  const asked = deferred()
  const idle = new Client()
  idle.get('/health/live')
  await expect.poll(() => idle.received, { timeout: 10_000 }).toContain('live')
  metrics = () => {
    asked.resolve()
    return new Promise(() => undefined)
  }
  const busy = new Client()
  busy.get('/metrics')
  await asked.promise
  const silent = new Client()
  await once(silent.socket, 'connect')
  await api[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
  await Promise.all([idle.closed, busy.closed, silent.closed])
  expect(process.getActiveResourcesInfo().filter((type) => type === 'TCPServerWrap')).toEqual([])
})

test('a port in use is named, with the cure', async () => {
  const { host, port } = api.address
  const opening = open({ host, port })
  await expect(opening).rejects.toThrow(ListenError)
  await expect(opening).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`)
  await expect(opening).rejects.toMatchObject({ hint: expect.stringContaining('set api.listen') as string })
})

test('an address that is not of this host is named', async () => {
  await expect(open({ host: '2001:db8::1', port: 1 })).rejects.toThrow('cannot listen on [2001:db8::1]:1')
})

test('what fails while answering is an answer, not an end', async () => {
  metrics = () => Promise.reject(new Error('no figures'))
  const { host, port } = api.address
  const answer = await fetch(`http://${host}:${port}/metrics`)
  expect([answer.status, await answer.json()]).toEqual([500, { error: 'no figures' }])
  expect((await fetch(`http://${host}:${port}/health/live`)).status).toBe(200)
})

test('the process keeps its own Request and Response', () => {
  expect([globalThis.Request, globalThis.Response].map((own, i) => own === ownClasses[i])).toEqual([true, true])
})
