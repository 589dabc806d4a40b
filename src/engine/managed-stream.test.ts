import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMetrics } from '../telemetry/metrics.ts'
import { ConnectionPool } from './connection-pool.ts'
import { EngineStatusError, EngineUnreachable, ResponseError } from './engine-error.ts'
import { ConnectionLedger } from './ledger.ts'
import { ManagedStream } from './managed-stream.ts'

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const never = new AbortController().signal

let server: Server
let path: string
/** What the server does with each request, by its order. */
let answers: ((socket: Socket, request: string) => void)[]
let served: Socket[]
let ledger: ConnectionLedger
let pool: ConnectionPool

beforeEach(async () => {
  answers = []
  served = []
  path = join(tmpdir(), `${randomUUID()}.sock`)
  server = createServer((socket) => {
    served.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => answers.shift()?.(socket, data.toString()))
  })
  server.listen(path)
  await once(server, 'listening')
  ledger = new ConnectionLedger(createMetrics(), 'test')
  pool = new ConnectionPool({ address: { kind: 'unix', path }, ledger, maxConnections: 2, idleTimeoutMs: 5_000 })
})

afterEach(async () => {
  await pool[Symbol.asyncDispose]()
  for (const socket of served) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
  expect(ledger).toMatchObject({ open: 0, active: 0, idle: 0 })
})

function open(signal = never, onBody: (text: string) => boolean = () => true) {
  return ManagedStream.open(
    pool,
    ledger,
    { path: '/x', idleTimeoutMs: 0, onBody: (bytes, from, to) => onBody(bytes.toString('latin1', from, to)) },
    signal,
  )
}

/** Sockets of this process, as the kernel counts them. */
function sockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:')
    } catch {
      return false // The descriptor of the listing itself.
    }
  }).length
}

const reply = (text: string) => (socket: Socket) => void socket.write(text, 'latin1')

describe('a response that ends', () => {
  test('gives its connection to the next request', async () => {
    answers = [reply(`${chunked}3\r\nabc\r\n0\r\n\r\n`), reply(`${chunked}2\r\nde\r\n0\r\n\r\n`)]
    let body = ''
    for (let i = 0; i < 2; i++) {
      const stream = await open(never, (text) => ((body += text), true))
      expect(await stream.ended).toEqual({ kind: 'complete' })
    }
    expect(body).toBe('abcde')
    expect(ledger).toMatchObject({ opened: 1, requests: 2, reused: 1, open: 1, idle: 1, active: 0, errors: 0 })
  })

  test('with connection: close gives it to nobody', async () => {
    answers = [reply('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na')]
    const stream = await open()
    await stream.ended
    expect(ledger).toMatchObject({ opened: 1, closed: 1 })
  })
})

describe('closing', () => {
  test('a silent stream returns when the descriptor is gone, once or many times', async () => {
    const before = sockets()
    answers = [reply(chunked)]
    const stream = await open()
    expect(sockets()).toBe(before + 2)
    await Promise.all([stream.close(), stream.close()])
    await stream.close()
    expect(await stream.ended).toEqual({ kind: 'closed' })
    await once(served[0]!, 'close')
    expect(sockets()).toBe(before)
    expect(ledger).toMatchObject({ opened: 1, closed: 1 })
  })

  test('by the signal ends a wait for the head', async () => {
    const stop = new AbortController()
    answers = [() => stop.abort(new Error('enough'))]
    await expect(open(stop.signal)).rejects.toThrow('enough')
    expect(ledger).toMatchObject({ opened: 1, closed: 1, errors: 0 })
  })

  test('by the signal ends a wait for a connection', async () => {
    answers = [reply(chunked), reply(chunked)]
    const streams = [await open(), await open()]
    const stop = new AbortController()
    const third = open(stop.signal)
    stop.abort(new Error('enough'))
    await expect(third).rejects.toThrow('enough')
    expect(ledger).toMatchObject({ opened: 2, active: 2 })
    for (const stream of streams) await stream.close()
  })

  test('frees a place in the pool', async () => {
    answers = [reply(chunked), reply(chunked), reply(`${chunked}0\r\n\r\n`)]
    const [first] = [await open(), await open()]
    const third = open()
    await first.close()
    expect(await (await third).ended).toEqual({ kind: 'complete' })
    expect(ledger.opened).toBe(3)
  })

  test('the pool closes every stream', async () => {
    answers = [reply(chunked)]
    const stream = await open()
    await pool[Symbol.asyncDispose]()
    expect(await stream.ended).toEqual({ kind: 'failed', error: expect.any(EngineUnreachable) as Error })
  })
})

describe('what goes wrong', () => {
  test('an error status is thrown with the engine’s words', async () => {
    answers = [reply('HTTP/1.1 404 Not Found\r\nContent-Length: 34\r\n\r\n{"message":"No such container: x"}')]
    await expect(open()).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('No such container: x') as string,
    })
    expect(ledger).toMatchObject({ errors: 1, idle: 1 })
  })

  test('an error status in plain text, too', async () => {
    answers = [reply('HTTP/1.1 400 Bad Request\r\nContent-Length: 8\r\n\r\ntoo old\n')]
    await expect(open()).rejects.toThrow(EngineStatusError)
  })

  test('a cut response fails', async () => {
    answers = [(socket) => socket.end(`${chunked}5\r\nab`)]
    const stream = await open()
    expect(await stream.ended).toEqual({ kind: 'failed', error: expect.any(ResponseError) as Error })
  })

  test('a reset fails', async () => {
    answers = [(socket) => socket.write(chunked, () => socket.destroy())]
    const stream = await open()
    expect((await stream.ended).kind).toBe('failed')
    expect(ledger).toMatchObject({ opened: 1, closed: 1 })
  })

  test('something that is no HTTP fails', async () => {
    answers = [reply('220 smtp.example ESMTP\r\n')]
    await expect(open()).rejects.toThrow(/no HTTP\/1.1 answer/)
  })

  test('a body that makes no sense to its reader fails', async () => {
    answers = [reply(chunked), reply(chunked)]
    const stream = await open(never, () => {
      throw new ResponseError('no frame')
    })
    served[0]!.write('1\r\na\r\n')
    expect(await stream.ended).toMatchObject({ kind: 'failed', error: { message: 'no frame' } })
  })

  test('nobody there', async () => {
    const nowhere = new ConnectionPool({
      address: { kind: 'unix', path: `${path}.no` },
      ledger,
      maxConnections: 1,
      idleTimeoutMs: 1_000,
    })
    await expect(
      ManagedStream.open(nowhere, ledger, { path: '/', idleTimeoutMs: 0, onBody: () => true }, never),
    ).rejects.toThrow(/cannot connect.*ENOENT/)
    await nowhere[Symbol.asyncDispose]()
  })

  test('a kept connection that the engine is just closing is replaced', async () => {
    answers = [reply(`${chunked}0\r\n\r\n`), (socket) => socket.destroy(), reply(`${chunked}1\r\na\r\n0\r\n\r\n`)]
    await (await open()).ended
    const stream = await open()
    expect(await stream.ended).toEqual({ kind: 'complete' })
    expect(ledger).toMatchObject({ opened: 2, closed: 1, requests: 3, reused: 1, errors: 0 })
  })

  test('a fresh connection that is closed is not tried again', async () => {
    answers = [(socket) => socket.destroy(), reply(`${chunked}0\r\n\r\n`)]
    await expect(open()).rejects.toThrow(/before a response|broke/)
    expect(ledger).toMatchObject({ opened: 1, errors: 1 })
  })
})

test('reading stops when there is no room, and goes on', async () => {
  answers = [reply(chunked)]
  const pieces: string[] = []
  let hasRoom = false
  const stream = await open(never, (text) => (pieces.push(text), hasRoom))
  served[0]!.write('1\r\na\r\n')
  await expect.poll(() => pieces.join('')).toBe('a')
  served[0]!.write('1\r\nb\r\n')
  served[0]!.write('1\r\nc\r\n0\r\n\r\n')
  // The bytes are in the kernel; a round trip over the same loop shows that nobody reads them.
  await once(served[0]!.write('', () => served[0]!.emit('flushed')) ? served[0]! : served[0]!, 'flushed')
  expect(pieces.join('')).toBe('a')
  hasRoom = true
  stream.resume()
  expect(await stream.ended).toEqual({ kind: 'complete' })
  expect(pieces.join('')).toBe('abc')
})

test('a thousand aborts leave nothing behind', async () => {
  const before = sockets()
  for (let i = 0; i < 1_000; i++) {
    answers = [reply(`${chunked}1\r\n`)]
    const stream = await open()
    await stream.close()
  }
  await expect.poll(() => sockets()).toBe(before)
  expect(ledger).toMatchObject({ opened: 1_000, closed: 1_000 })
})
