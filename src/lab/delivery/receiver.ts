import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import snappy from 'snappyjs'
import type { Tally } from './tally.ts'

const largestBody = 64 * 1024 * 1024

/**
 * Where a collector under test delivers to: takes whatever is posted or put, says 204, and looks for the lab's lines in it, whichever protocol it is in. It can refuse and
 * hang up on demand; what it refuses it has not taken.
 */
export class Receiver implements AsyncDisposable {
  readonly url: string
  requests = 0
  readonly #server: Server
  readonly #tally: Tally
  #refusals = 0
  #hangUps = 0

  private constructor(server: Server, tally: Tally) {
    this.#server = server
    this.#tally = tally
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async open(tally: Tally): Promise<Receiver> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const receiver = new Receiver(server, tally)
    server.on('request', (request, response) => receiver.#receive(request, response))
    return receiver
  }

  /** The next requests are answered with 503. */
  refuse(times: number): void {
    this.#refusals += times
  }

  /** The next requests get no answer but the end of their connection. */
  hangUp(times: number): void {
    this.#hangUps += times
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    this.requests += 1
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > largestBody) request.destroy()
      else chunks.push(chunk)
    })
    request.on('end', () => this.#answer(request, response, Buffer.concat(chunks)))
    // The collector may end, or be ended, in the middle of a request: then nothing was taken.
    request.on('error', () => response.destroy())
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    if (this.#hangUps > 0) {
      this.#hangUps -= 1
      request.socket.destroy()
      return
    }
    if (this.#refusals > 0) {
      this.#refusals -= 1
      response.writeHead(503, { 'content-type': 'text/plain' }).end('the lab refuses for a moment\n')
      return
    }
    const text = readText(body, request.headers)
    if (text === undefined) {
      response.writeHead(400, { 'content-type': 'text/plain' }).end('the body cannot be unpacked\n')
      return
    }
    this.#tally.takeFrom(text)
    response.writeHead(204).end()
  }
}

/** The body as text, a byte a letter; undefined: its compression is unknown or broken. */
function readText(body: Buffer, headers: IncomingMessage['headers']): string | undefined {
  try {
    return unpack(body, headers)?.toString('latin1')
  } catch {
    // Said by undefined: the sender is told that its body cannot be unpacked.
    return undefined
  }
}

function unpack(body: Buffer, headers: IncomingMessage['headers']): Buffer | undefined {
  const options = { maxOutputLength: largestBody }
  switch (headers['content-encoding'] ?? impliedEncoding(headers)) {
    case 'identity':
      return body
    case 'gzip':
      return gunzipSync(body, options)
    case 'deflate':
      return inflateSync(body, options)
    case 'br':
      return brotliDecompressSync(body, options)
    case 'snappy':
      return Buffer.from(snappy.uncompress(body, largestBody))
    default:
      return undefined
  }
}

/** Loki's protobuf is in snappy whether the header says so or not. */
function impliedEncoding(headers: IncomingMessage['headers']): string {
  return headers['content-type']?.startsWith('application/x-protobuf') === true ? 'snappy' : 'identity'
}
