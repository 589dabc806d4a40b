import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from 'undici'
import { ResponseError } from './engine-error.ts'
import { type ResponseHead, ResponseReader } from './response-reader.ts'

interface Result {
  head: ResponseHead | undefined
  body: Buffer
  isComplete: boolean
  isReusable: boolean
}

/** Reads `response`, cut at `cuts`, the way a socket gives it: every piece in the same buffer. */
function read(response: Buffer | string, cuts: number[] = [], closes = false): Result {
  const wire = Buffer.from(response as string, 'latin1')
  const shared = Buffer.alloc(wire.length + 16)
  const body: Buffer[] = []
  let head: ResponseHead | undefined
  const reader = new ResponseReader({
    head: (value) => void (head = value),
    body: (bytes, from, to) => void body.push(Buffer.from(bytes.subarray(from, to))),
    end: () => undefined,
  })
  const places = [...new Set([0, ...cuts.map((cut) => cut % (wire.length + 1)), wire.length])].sort((a, b) => a - b)
  for (let i = 1; i < places.length; i++) {
    const length = places[i]! - places[i - 1]!
    wire.copy(shared, 7, places[i - 1], places[i])
    reader.feed(shared, 7, 7 + length)
  }
  if (closes) reader.close()
  return { head, body: Buffer.concat(body), isComplete: reader.isComplete, isReusable: reader.isReusable }
}

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

describe('bodies', () => {
  const cases: [name: string, wire: string, body: string, isReusable: boolean][] = [
    ['chunks', `${chunked}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`, 'abcde', true],
    [
      'chunks with extensions and white space',
      `${chunked}3;a=b;c="d"\r\nabc\r\n2 \r\nde\r\n0;x\r\n\r\n`,
      'abcde',
      true,
    ],
    ['trailers', `${chunked}1\r\na\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n`, 'a', true],
    ['upper-case sizes with leading zeros', `${chunked}00A\r\n0123456789\r\n0\r\n\r\n`, '0123456789', true],
    ['line feeds alone', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n', 'abc', true],
    ['a content length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde', 'abcde', true],
    ['no content', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
    ['length zero', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '', true],
    [
      'an interim answer first',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${chunked}1\r\na\r\n0\r\n\r\n`,
      'a',
      true,
    ],
    ['connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na', 'a', false],
    ['HTTP/1.0 with a length', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', 'a', false],
    ['surplus bytes', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc', 'a', false],
    ['surplus after chunks', `${chunked}1\r\na\r\n0\r\n\r\nHTTP`, 'a', false],
    [
      'both framings',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
      'a',
      false,
    ],
  ]
  test.each(cases)('%s', (_name, wire, body, isReusable) => {
    const result = read(wire)
    expect({ body: result.body.toString('latin1'), complete: result.isComplete, reusable: result.isReusable }).toEqual({
      body,
      complete: true,
      reusable: isReusable,
    })
  })

  test('without length and chunks the body goes on until the close', () => {
    const result = read('HTTP/1.1 200 OK\r\n\r\nabc', [], true)
    expect(result).toMatchObject({ isComplete: true, isReusable: false })
    expect(result.body.toString()).toBe('abc')
  })
})

describe('what is no response', () => {
  const cases: [name: string, wire: string, closes: boolean, message: RegExp][] = [
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', false, /no HTTP\/1.1 answer.*SSH/],
    ['a TLS alert', '\x15\x03\x01\x00\x02\x02\x46', false, /no HTTP\/1.1 answer/],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n', false, /no HTTP\/1.1 answer/],
    ['a status that is none', 'HTTP/1.1 20 OK\r\n\r\n', false, /status line/],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n', false, /no header/],
    ['a folded header', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n', false, /no header/],
    [
      'lengths that differ',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      false,
      /content length/,
    ],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', false, /content length/],
    ['an unknown encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', false, /transfer encoding/],
    ['an unasked upgrade', 'HTTP/1.1 101 UPGRADED\r\n\r\n', false, /switched protocols/],
    ['a chunk without a size', `${chunked}\r\nabc`, false, /size of a chunk/],
    ['a chunk size that is text', `${chunked}zz\r\n`, false, /size of a chunk/],
    ['a chunk size with a tail', `${chunked}3x\r\n`, false, /followed by/],
    ['an endless chunk size', `${chunked}ffffffffffffff\r\n`, false, /12 digits/],
    ['a chunk that is too long', `${chunked}1\r\nabc`, false, /longer than its size/],
    ['a head without end', `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(20_000)}`, false, /longer than 65536/],
    ['an extension without end', `${chunked}1;${'x'.repeat(20_000)}`, false, /longer than 16384/],
    ['nothing at all', '', true, /before a response/],
    ['half a head', 'HTTP/1.1 200 OK\r\nA:', true, /in the middle/],
    ['half a chunk', `${chunked}5\r\nab`, true, /in the middle/],
    ['no last chunk', `${chunked}2\r\nab\r\n`, true, /in the middle/],
    ['half a counted body', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab', true, /in the middle/],
  ]
  test.each(cases)('%s', (_name, wire, closes, message) => {
    expect(() => read(wire, [], closes)).toThrow(ResponseError)
    expect(() => read(wire, [], closes)).toThrow(message)
  })
})

/** Random responses of every framing, with extensions, trailers and interim answers. */
const responses = fc
  .record({
    chunks: fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 12 }),
    framing: fc.constantFrom('chunked', 'counted'),
    extension: fc.constantFrom('', ';x', ';a=b;c="d"'),
    trailers: fc.constantFrom('', 'X-T: 1\r\n', 'X-T: 1\r\nX-U: 2\r\n'),
    interim: fc.boolean(),
  })
  .map(({ chunks, framing, extension, trailers, interim }) => {
    const body = Buffer.concat(chunks)
    const parts: Buffer[] = []
    if (interim) parts.push(Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'))
    if (framing === 'counted')
      parts.push(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`), body)
    else {
      parts.push(Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n`))
      for (const chunk of chunks)
        parts.push(Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`), Buffer.from(chunk), Buffer.from('\r\n'))
      parts.push(Buffer.from(`0\r\n${trailers}\r\n`))
    }
    return { wire: Buffer.concat(parts), body }
  })

test('the body is the same however the bytes are cut', () => {
  fc.assert(
    fc.property(responses, fc.array(fc.nat({ max: 5_000 }), { maxLength: 30 }), ({ wire, body }, cuts) => {
      const result = read(wire.toString('latin1'), cuts)
      return result.isComplete && result.isReusable && result.body.equals(body)
    }),
    { numRuns: 500 },
  )
})

test('garbage is refused or waited for, never mistaken for the end', () => {
  fc.assert(
    fc.property(responses, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 8 }), ({ wire }, place, noise) => {
      const broken = Buffer.from(wire)
      const at = place % broken.length
      noise.forEach((byte, i) => {
        if (at + i < broken.length) broken[at + i] = byte
      })
      try {
        read(broken.toString('latin1'), [at])
      } catch (error) {
        return error instanceof ResponseError
      }
      return true
    }),
    { numRuns: 500 },
  )
})

describe('beside undici', () => {
  let server: Server
  let answer: Buffer = Buffer.alloc(0)

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(answer))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())))

  test('both read the same body', async () => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await fc.assert(
      fc.asyncProperty(responses, async ({ wire }) => {
        answer = wire
        await using client = { client: new Client(origin), [Symbol.asyncDispose]: () => client.client.destroy() }
        const theirs = await client.client.request({ path: '/', method: 'GET' })
        const body = Buffer.from(await theirs.body.arrayBuffer())
        return body.equals(read(wire.toString('latin1')).body)
      }),
      { numRuns: 60 },
    )
  })
})
