import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { until } from '../../../test/helpers/until.ts'
import { sumOf } from './parse.ts'
import { scrape } from './scrape.ts'

const forEver = new AbortController().signal

class PageServer implements AsyncDisposable {
  readonly sockets = new Set<Socket>()
  readonly #server

  private constructor(answer: RequestListener) {
    this.#server = createServer(answer)
    this.#server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.once('close', () => this.sockets.delete(socket))
    })
  }

  static async open(answer: RequestListener): Promise<PageServer> {
    const server = new PageServer(answer)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get url(): string {
    return `http://user:secret@127.0.0.1:${(this.#server.address() as AddressInfo).port}/metrics`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

describe('a scrape', () => {
  test('reads a page and leaves no connection', async () => {
    await using server = await PageServer.open((_, response) => response.end('a 1\na{b="c"} 2\n'))
    for (let i = 0; i < 20; i++) expect(sumOf(await scrape(server.url, forEver), 'a')).toBe(3)
    await until('the connections have gone', () => server.sockets.size === 0)
  })

  test('asks for plain text on a connection of its own', async () => {
    const asked: unknown[] = []
    await using server = await PageServer.open(({ headers }, response) => {
      asked.push([headers.connection, headers.accept, headers['accept-encoding']])
      response.end()
    })
    await scrape(server.url, forEver)
    expect(asked).toEqual([['close', 'text/plain;version=0.0.4, */*;q=0.1', 'identity']])
  })

  test('tells that OpenMetrics was cut', async () => {
    await using server = await PageServer.open((_, response) => {
      response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8')
      response.end('a 1\n')
    })
    await expect(scrape(server.url, forEver)).rejects.toThrow(/^http:\/\/127.0.0.1:\d+\/metrics:2:1: the page is cut/)
  })

  const html: RequestListener = (_, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<html>')
  }
  test.each<[string, RequestListener, RegExp]>([
    ['another status', (_, response) => response.writeHead(404).end(), /: the answer is 404 Not Found$/],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: '/x' }).end(),
      /: the answer is 302 and sends to \/x$/,
    ],
    ['a web page', html, /: the answer is text\/html$/],
    [
      'a page that is too long',
      (_, response) => response.end(`# ${'x'.repeat(2000)}\n`),
      /: the answer is longer than 1\.0 KiB$/,
    ],
    ['a page that stops', (_, response) => void response.write('a 1\n'), /: no whole answer within 200ms$/],
    ['a connection that is cut', (_, response) => void response.write('a 1\n', () => response.destroy()), /: aborted$/],
    ['no answer at all', ({ socket }) => socket.destroy(), /: socket hang up$/],
  ])('%s is told, without the password', async (_, answer, message) => {
    await using server = await PageServer.open(answer)
    const error: unknown = await scrape(server.url, forEver, { timeoutMs: 200, maxBytes: 1024 }).catch(
      (e: unknown) => e,
    )
    expect(error).toMatchObject({
      code: 'LAB_SCRAPE',
      message: expect.stringMatching(message) as string,
      hint: expect.any(String) as string,
    })
    expect(String(error)).not.toContain('secret')
    await until('the connection has gone', () => server.sockets.size === 0)
  })

  test('that nobody answers is told', async () => {
    const server = await PageServer.open(() => undefined)
    const { url } = server
    await server[Symbol.asyncDispose]()
    await expect(scrape(url, forEver)).rejects.toThrow(/^cannot read the metrics at .*: connect ECONNREFUSED/)
  })

  test('ends with the signal, and closes', async () => {
    const abort = new AbortController()
    await using server = await PageServer.open(() => abort.abort(new Error('enough')))
    await expect(scrape(server.url, abort.signal)).rejects.toThrow('enough')
    await until('the connection has gone', () => server.sockets.size === 0)
  })

  test.each(['127.0.0.1:9090', 'ftp://host/', 'metrics', ''])('%j is no address', async (url) => {
    await expect(scrape(url, forEver)).rejects.toThrow(`"${url}" is no address of a metrics page`)
  })
})
