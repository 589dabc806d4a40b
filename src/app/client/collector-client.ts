import { X509Certificate } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import { Agent, buildConnector, type Dispatcher, request } from 'undici'
import { codeOf, messageOf } from '../../lib/error.ts'
import { isAbortOf } from '../../lib/wait.ts'
import { ClientError, NoCollectorError, RefusedError } from './client-error.ts'
import type { ClientTls, CollectorTarget, Credentials } from './target.ts'

/** A collector that is stuck shall not hold whoever asks. */
const timeoutMs = 30_000
const connectTimeoutMs = 5_000
/** Of an answer that is read as a whole. */
const maxAnswerBytes = 64 * 1024 * 1024
/** Codes that say that nobody is there, as opposed to somebody who does not want us. */
const absentCodes: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'],
  'UND_ERR_CONNECT_TIMEOUT',
])

export interface Answer {
  readonly status: number
  /** What its JSON says. */
  readonly body: unknown
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly content?: unknown
  /** Statuses beside 2xx that mean something to the caller: they come back. */
  readonly expected?: readonly number[]
}

/** Asks a running collector over its API. Opens nothing before the first question. */
export class CollectorClient implements AsyncDisposable {
  readonly url: string
  readonly #dispatcher: Agent
  readonly #headers: Readonly<Record<string, string>>

  constructor({ url, credentials, tls }: CollectorTarget) {
    this.url = url
    this.#headers = credentials ? { authorization: authorizationOf(credentials) } : {}
    this.#dispatcher = new Agent({ connect: connectorOf(tls), maxResponseSize: -1 })
  }

  /** Asks for JSON. @throws ClientError, or the signal's reason */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    return (await this.ask(path, {}, signal)).body
  }

  /** @throws ClientError, or the signal's reason */
  async ask(path: string, { method = 'GET', content, expected = [] }: Asked, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#request(path, { method, content, timeoutMs }, signal)
    const status = answer.statusCode
    const body = parsed(await this.#read(answer, signal))
    if (status < 300 || expected.includes(status)) {
      if (typeof body !== 'object' || body === null)
        throw new ClientError(`what answers at ${this.url} is no collector: ${path} gives no JSON`, {
          hint: ofOneVersion,
        })
      return { status, body }
    }
    throw this.#refusal(status, body)
  }

  /** Text that is no JSON, such as /metrics. @throws ClientError, or the signal's reason */
  async text(path: string, signal: AbortSignal): Promise<string> {
    const answer = await this.#request(path, { method: 'GET', content: undefined, timeoutMs }, signal)
    const text = await this.#read(answer, signal)
    if (answer.statusCode !== 200) throw this.#refusal(answer.statusCode, parsed(text))
    return text
  }

  /** The data of server-sent events, for ever. Ends with the connection. @throws ClientError, or the signal's reason */
  async *events(path: string, signal: AbortSignal): AsyncGenerator {
    const answer = await this.#request(path, { method: 'GET', content: undefined, timeoutMs: 0 }, signal)
    if (answer.statusCode !== 200) throw this.#refusal(answer.statusCode, parsed(await this.#read(answer, signal)))
    const decoder = new TextDecoder()
    let rest = ''
    try {
      for await (const bytes of answer.body) {
        const events = `${rest}${decoder.decode(bytes as Buffer, { stream: true })}`.split('\n\n')
        rest = events.pop()!
        for (const event of events) yield JSON.parse(event.replace(/^data: /, '')) as unknown
      }
    } catch (error) {
      if (isAbortOf(signal, error)) throw error
      throw this.#unreachable(error)
    }
  }

  async #request(
    path: string,
    { method, content, timeoutMs: limitMs }: { method: Dispatcher.HttpMethod; content: unknown; timeoutMs: number },
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const changes = method === 'GET' ? {} : { 'content-type': 'application/json' }
    try {
      return await request(new URL(path, this.url), {
        method,
        dispatcher: this.#dispatcher,
        headers: { ...this.#headers, ...changes },
        body: content === undefined ? null : JSON.stringify(content),
        signal,
        headersTimeout: timeoutMs,
        bodyTimeout: limitMs,
      })
    } catch (error) {
      if (isAbortOf(signal, error)) throw error
      throw this.#unreachable(error)
    }
  }

  async #read({ body }: Dispatcher.ResponseData, signal: AbortSignal): Promise<string> {
    const parts: Buffer[] = []
    let length = 0
    try {
      for await (const bytes of body) {
        parts.push(bytes as Buffer)
        length += (bytes as Buffer).length
        if (length > maxAnswerBytes) throw new Error(`the answer is longer than ${maxAnswerBytes} bytes`)
      }
    } catch (error) {
      if (isAbortOf(signal, error)) throw error
      throw this.#unreachable(error)
    }
    return Buffer.concat(parts).toString()
  }

  #unreachable(error: unknown): ClientError {
    const text = `cannot ask the collector at ${this.url}: ${messageOf(error)}`
    const hint = 'see whether it runs, and whether this is where it listens (api.listen)'
    const code = codeOf(error) ?? codeOf(causeOf(error))
    if (absentCodes.has(code ?? '')) return new NoCollectorError(text, { cause: error, hint })
    if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET')
      return new ClientError(text, { cause: error, hint: 'it may be ending, or listen with TLS: see api.tls' })
    return new ClientError(text, { cause: error, hint })
  }

  #refusal(status: number, body: unknown): RefusedError {
    const { error, hint } = (body ?? {}) as { readonly error?: unknown; readonly hint?: unknown }
    const said = typeof error === 'string' ? error : `it answers ${status}`
    const usual =
      status === 401
        ? 'give credentials: --token-file, or --user, or the configuration of the collector (-c)'
        : ofOneVersion
    return new RefusedError(`the collector at ${this.url} refuses: ${said}`, {
      status,
      hint: typeof hint === 'string' ? hint : usual,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispatcher.destroy()
  }
}

const ofOneVersion = 'see whether this program and the collector are of one version'

function authorizationOf(credentials: Credentials): string {
  if ('token' in credentials) return `Bearer ${credentials.token}`
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
}

function connectorOf({ ca, cert, key, pinned }: ClientTls = {}): buildConnector.connector {
  const options = {
    timeout: connectTimeoutMs,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
  if (pinned === undefined) return buildConnector(options)
  const connect = buildConnector({ ...options, rejectUnauthorized: false })
  const expected = new X509Certificate(pinned).fingerprint256
  return (to, callback) =>
    connect(to, (error, socket) => {
      if (error) {
        callback(error, null)
      } else if (!(socket instanceof TLSSocket) || socket.getPeerX509Certificate()?.fingerprint256 === expected) {
        callback(null, socket)
      } else {
        socket.destroy()
        callback(new Error('its certificate is not the one in api.tls.cert_file of this configuration'), null)
      }
    })
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
