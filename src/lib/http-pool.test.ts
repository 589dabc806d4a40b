import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../test/helpers/until.ts'
import { messageOf } from './error.ts'
import { AnswerTooLong, HttpPool, type HttpPoolOptions } from './http-pool.ts'

const never = new AbortController().signal

let seen: { connections: number; open: number }
let answer: RequestListener
let server: Server
let origin: string

beforeEach(async () => {
  const mine = { connections: 0, open: 0 }
  seen = mine
  server = createServer((request, response) => answer(request, response))
  server.on('connection', (socket) => {
    mine.connections += 1
    mine.open += 1
    socket.on('close', () => (mine.open -= 1))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = originOf(server)
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const originOf = (listening: { address(): unknown }) => `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
const poolOf = (options: Partial<HttpPoolOptions> = {}) =>
  new HttpPool({
    origin,
    maxConnections: 2,
    idleTimeoutMs: 60_000,
    timeoutMs: 20_000,
    maxAnswerBytes: 1_000,
    ...options,
  })
const get = { method: 'GET', path: '/' } as const

/** Takes the whole request, then answers with its length. */
const counting: RequestListener = (request, response) => {
  let bytes = 0
  request.on('data', (part: Buffer) => (bytes += part.length))
  request.on('end', () => response.end(`${bytes}`))
}

/** A server whose connections do what `onConnection` says as soon as a request begins. */
async function rawServer(bytes: string, then: 'end' | 'nothing') {
  const raw = createNetServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => (then === 'end' ? socket.end(bytes) : socket.write(bytes)))
  }).listen(0, '127.0.0.1')
  await once(raw, 'listening')
  return { origin: originOf(raw), [Symbol.dispose]: () => void raw.close() }
}

describe('a pool of connections', () => {
  test('one connection serves request after request', async () => {
    answer = counting
    await using pool = poolOf()
    const reused: boolean[] = []
    for (const body of ['', 'abc', Buffer.alloc(500_000)]) {
      const { status, body: text, isReused } = await pool.request({ method: 'POST', path: '/', body }, never)
      expect([status, text]).toEqual([200, `${body.length}`])
      reused.push(isReused)
    }
    expect(reused).toEqual([false, true, true])
    expect(seen.connections).toBe(1)
  })

  test('never more connections than allowed, and every request has its answer', async () => {
    let most = 0
    answer = (request, response) => {
      most = Math.max(most, seen.open)
      counting(request, response)
    }
    await using pool = poolOf({ maxConnections: 3 })
    const bodies = Array.from({ length: 200 }, (_, i) => 'x'.repeat(i))
    const answers = await Promise.all(bodies.map((body) => pool.request({ method: 'POST', path: '/', body }, never)))
    expect(answers.map(({ body }) => Number(body))).toEqual(bodies.map(({ length }) => length))
    expect([most, seen.connections]).toEqual([3, 3])
  })

  test('a request that is given up frees its place, and its connection is closed', async () => {
    answer = () => undefined
    await using pool = poolOf({ maxConnections: 1 })
    for (let i = 0; i < 5; i++) {
      const stop = new AbortController()
      const given = pool.request(get, stop.signal)
      await once(server, 'request')
      stop.abort(new Error('no more'))
      await expect(given).rejects.toThrow('no more')
    }
    answer = counting
    expect((await pool.request(get, never)).status).toBe(200)
    await until('the others are closed', () => seen.open === 1)
  })

  test('requests that wait and that are under way end when the pool is closed, with every descriptor', async () => {
    const before = descriptorsOfProcess()
    answer = () => undefined
    const pool = poolOf({ maxConnections: 2 })
    const given = Array.from({ length: 4 }, () => pool.request(get, never).catch(messageOf))
    await once(server, 'request')
    await pool[Symbol.asyncDispose]()
    expect(new Set(await Promise.all(given))).toEqual(new Set(['the connections are closing']))
    server.closeAllConnections()
    await until('it is closed', () => seen.open === 0)
    await until('every descriptor is gone', () => descriptorsOfProcess() <= before)
  })

  test('no answer in time is an error', async () => {
    answer = () => undefined
    await using pool = poolOf({ timeoutMs: 30 })
    await expect(pool.request(get, never)).rejects.toThrow('no answer within 30 ms')
  })

  test('an answer that is too long is not read to its end', async () => {
    answer = (_, response) => response.end('x'.repeat(1_001))
    await using pool = poolOf()
    await expect(pool.request(get, never)).rejects.toThrow(AnswerTooLong)
  })

  test.each([
    ['cut before its head ends', 'HTTP/1.1 200 OK\r\nconte', 'end'],
    ['cut in its body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', 'end'],
    ['none at all', '', 'end'],
    ['no HTTP', 'hello\r\n\r\n', 'nothing'],
  ] as const)('an answer that is %s is an error', async (_, bytes, then) => {
    using raw = await rawServer(bytes, then)
    await using pool = poolOf({ origin: raw.origin })
    await expect(pool.request(get, never)).rejects.toThrow()
  })

  test('an answer may end with its connection', async () => {
    using raw = await rawServer('HTTP/1.1 200 OK\r\n\r\nall of it', 'end')
    await using pool = poolOf({ origin: raw.origin })
    expect((await pool.request(get, never)).body).toBe('all of it')
  })

  test('an answer that comes before the request was read is taken, and the next request goes over another connection', async () => {
    using raw = await rawServer('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n', 'nothing')
    await using pool = poolOf({ origin: raw.origin, maxConnections: 1 })
    const push = { method: 'POST', path: '/', body: Buffer.alloc(64 * 1024 * 1024) } as const
    for (let i = 0; i < 2; i++) {
      const { status, isReused } = await pool.request(push, never)
      expect([status, isReused]).toEqual([413, false])
    }
  })

  test('a connection that the server closes with its answer is not used for another, and nobody notices', async () => {
    using raw = await rawServer('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', 'end')
    await using pool = poolOf({ origin: raw.origin })
    for (let i = 0; i < 50; i++) expect((await pool.request(get, never)).body).toBe('ok')
  })

  test('an idle connection is closed after its time, and less where the server says so', async () => {
    answer = counting
    await using soon = poolOf({ idleTimeoutMs: 20 })
    await soon.request(get, never)
    await until('it is closed', () => seen.open === 0)
    server.keepAliveTimeout = 1_000
    await using later = poolOf()
    await later.request(get, never)
    await until('it is closed', () => seen.open === 0)
  })

  test('a connection that cannot be had is an error, and the next is tried', async () => {
    let tries = 0
    await using pool = poolOf({
      maxConnections: 1,
      connect: () => {
        tries += 1
        return Promise.reject(new Error('no way'))
      },
    })
    for (let i = 0; i < 3; i++) await expect(pool.request(get, never)).rejects.toThrow('no way')
    expect(tries).toBe(3)
  })
})

function descriptorsOfProcess(): number {
  return readdirSync('/proc/self/fd').length
}
