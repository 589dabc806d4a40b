/**
 * Short HTTP requests to one server over kept connections, by Node's own client: it is compiled into Node, where a library has to be loaded (100 ms
 * of processor time) and at some pushes a second is never optimised (1.4 ms a push; this 0.8, `docs/decisions/025`).
 */
import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http'
import { Agent as TlsAgent, request as requestHttps } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { Semaphore } from './semaphore.ts'
import { linkSignals } from './wait.ts'

export interface HttpPoolOptions {
  /** `http://host:port` or `https://host:port`. */
  readonly origin: string
  /** Strict upper bound: requests beyond it wait, first come first served. */
  readonly maxConnections: number
  /** How long a connection is kept for the next request; less where the server's answer says less. */
  readonly idleTimeoutMs: number
  /** From having a connection, or opening one, to the end of the answer; not given: as long as it takes. */
  readonly timeoutMs?: number
  readonly maxAnswerBytes: number
  readonly tls?: TlsOptions | undefined
  /** Opens a connection in place of the usual way. */
  readonly connect?: (signal: AbortSignal) => Promise<Socket>
}

export interface TlsOptions extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> {
  readonly rejectUnauthorized?: boolean
  readonly servername?: string
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Path and query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Must stay as it is until the answer is there. */
  readonly body?: string | Uint8Array
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Whether the connection had served another request before. */
  readonly isReused: boolean
}

/** An answer is longer than it may be. */
export class AnswerTooLong extends Error {
  constructor(maxBytes: number) {
    super(`the answer is longer than ${maxBytes} bytes`)
  }
}

/** A kept connection ended before anything came over it. */
class StaleConnection extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause })
  }
}

/** Nothing is opened before the first request. */
export class HttpPool implements AsyncDisposable {
  readonly #options: HttpPoolOptions
  readonly #agent: Agent
  readonly #send: typeof requestHttp
  readonly #host: { readonly hostname: string; readonly port: string }
  readonly #permits: Semaphore
  readonly #closing = new AbortController()
  /** One for each connection, settled when its descriptor is gone. */
  readonly #open = new Set<Promise<void>>()

  constructor(options: HttpPoolOptions) {
    const { origin, maxConnections, idleTimeoutMs, tls, connect } = options
    const { protocol, hostname, port } = new URL(origin)
    const isTls = protocol === 'https:'
    const kept = { keepAlive: true, timeout: Math.max(1, idleTimeoutMs) }
    this.#options = options
    this.#permits = new Semaphore(maxConnections)
    this.#host = { hostname: hostname.replace(/^\[|\]$/g, ''), port }
    this.#send = isTls ? requestHttps : requestHttp
    this.#agent = isTls ? new TlsAgent({ ...kept, ...tls }) : new Agent(kept)
    const createUsual = this.#agent.createConnection.bind(this.#agent)
    this.#agent.createConnection = (wanted, created) => {
      if (!connect) return this.#own(createUsual(wanted, created) as Socket)
      connect(this.#closing.signal).then(
        (socket) => created!(null, this.#own(socket)),
        (error: unknown) => created!(error as Error, undefined as never),
      )
      return undefined
    }
  }

  /**
   * A GET whose kept connection the server was just closing is sent again over another one (RFC 9112, 9.3.1).
   * @throws what `signal` aborts with, AnswerTooLong, or whatever the network does
   */
  async request(wanted: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    using either = linkSignals(signal, this.#closing.signal)
    for (;;) {
      const permit = await this.#permits.acquire(either.signal)
      try {
        return await this.#exchange(wanted, either.signal, permit)
      } catch (error) {
        permit[Symbol.dispose]()
        if (!(error instanceof StaleConnection) || wanted.method !== 'GET') throw error
      }
    }
  }

  /** The permit is given back when the connection is free for the next request, or gone. */
  #exchange(
    { method, path, headers, body }: HttpRequest,
    signal: AbortSignal,
    permit: Disposable,
  ): Promise<HttpAnswer> {
    const { timeoutMs, maxAnswerBytes } = this.#options
    const length = body === undefined ? undefined : Buffer.byteLength(body)
    const outgoing = this.#send({
      ...this.#host,
      agent: this.#agent,
      method,
      path,
      headers: length === undefined ? headers : { ...headers, 'content-length': length },
    })
    return new Promise((resolve, reject) => {
      // The end of a connection may be the end of its answer.
      let hasBegun = false
      const fail = (error: Error) => {
        reject(error)
        outgoing.destroy()
      }
      const onAbort = () => fail(signal.reason as Error)
      const onTimeout = () => fail(new Error(`no answer within ${timeoutMs} ms`))
      const timer = timeoutMs === undefined ? undefined : setTimeout(onTimeout, timeoutMs)
      signal.addEventListener('abort', onAbort, { once: true })
      outgoing.on('error', (error) => fail(hasBegun || !outgoing.reusedSocket ? error : new StaleConnection(error)))
      outgoing.on('close', () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        permit[Symbol.dispose]()
        if (!hasBegun) reject(new Error('the connection was closed before there was an answer'))
      })
      outgoing.on('response', (incoming) => {
        hasBegun = true
        readText(incoming, maxAnswerBytes).then((text) => {
          resolve(answerOf(incoming, outgoing, text))
          // A server that answers before it has read everything reads no further.
          if (!outgoing.writableFinished) outgoing.destroy()
        }, fail)
      })
      outgoing.end(body)
    })
  }

  #own(socket: Socket): Socket {
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    this.#open.add(gone)
    void gone.then(() => this.#open.delete(gone))
    return socket
  }

  /** Ends what is under way. Resolves when every descriptor is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the connections are closing'))
    this.#agent.destroy()
    await Promise.all(this.#open)
  }
}

function answerOf(incoming: IncomingMessage, outgoing: ClientRequest, body: string): HttpAnswer {
  return { status: incoming.statusCode!, headers: incoming.headers, body, isReused: outgoing.reusedSocket }
}

function readText(incoming: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    incoming.on('data', (part: Buffer) => {
      length += part.length
      if (length <= maxBytes) parts.push(part)
      else reject(new AnswerTooLong(maxBytes))
    })
    incoming.on('end', () => resolve(Buffer.concat(parts).toString()))
    incoming.on('error', reject)
    incoming.on('close', () => reject(new Error('the answer was cut')))
  })
}
