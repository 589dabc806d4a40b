import { type IncomingMessage, request as requestHttp } from 'node:http'
import { authorizationOf } from '../../lib/authorization.ts'
import { codeOf, messageOf } from '../../lib/error.ts'
import { HttpPool, type HttpAnswer } from '../../lib/http-pool.ts'
import { abortable, isAbortOf } from '../../lib/wait.ts'
import { ClientError, NoCollectorError, RefusedError } from './client-error.ts'
import { dial } from './dial.ts'
import type { CollectorTarget } from './target.ts'

/** A collector that is stuck shall not hold whoever asks. */
const timeoutMs = 30_000
const maxConnections = 4
const maxAnswerBytes = 64 * 1024 * 1024
/** Codes that say that nobody is there, as opposed to somebody who does not want us. */
const absentCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
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
  readonly #target: CollectorTarget
  readonly #pool: HttpPool
  readonly #headers: Readonly<Record<string, string>>

  constructor(target: CollectorTarget) {
    const { url, credentials } = target
    this.url = url
    this.#target = target
    this.#headers = credentials ? { authorization: authorizationOf(credentials) } : {}
    this.#pool = new HttpPool({
      // TLS is a matter of the connection.
      origin: url.replace(/^https:/, 'http:'),
      maxConnections,
      idleTimeoutMs: timeoutMs,
      timeoutMs,
      maxAnswerBytes,
      connect: (signal) => dial(target, signal),
    })
  }

  /** Asks for JSON. @throws ClientError, or the signal's reason */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    return (await this.ask(path, {}, signal)).body
  }

  /** @throws ClientError, or the signal's reason */
  async ask(path: string, { method = 'GET', content, expected = [] }: Asked, signal: AbortSignal): Promise<Answer> {
    const changes = method === 'GET' ? {} : { 'content-type': 'application/json' }
    const { status, body: text } = await this.#request(
      {
        method,
        path,
        headers: { ...this.#headers, ...changes },
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      },
      signal,
    )
    const body = parsed(text)
    if (status >= 300 && !expected.includes(status)) throw this.#refusal(status, text)
    if (typeof body === 'object' && body !== null) return { status, body }
    throw new ClientError(`what answers at ${this.url} is no collector: ${path} gives no JSON`, { hint: ofOneVersion })
  }

  /** Text that is no JSON, such as /metrics. @throws ClientError, or the signal's reason */
  async text(path: string, signal: AbortSignal): Promise<string> {
    const { status, body } = await this.#request({ method: 'GET', path, headers: this.#headers }, signal)
    if (status !== 200) throw this.#refusal(status, body)
    return body
  }

  /** The data of server-sent events, for ever. Ends with the connection, which it has for itself. @throws ClientError, or the signal's reason */
  async *events(path: string, signal: AbortSignal): AsyncGenerator {
    try {
      const incoming = await this.#open(path, signal)
      const decoder = new TextDecoder()
      let rest = ''
      for await (const bytes of incoming) {
        const events = `${rest}${decoder.decode(bytes as Buffer, { stream: true })}`.split('\n\n')
        if (incoming.statusCode === 200) {
          rest = events.pop()!
          for (const event of events) yield JSON.parse(event.replace(/^data: /, '')) as unknown
        } else rest = events.join('\n\n')
      }
      if (incoming.statusCode !== 200) throw this.#refusal(incoming.statusCode ?? 0, rest)
    } catch (error) {
      // Node tells of the cut answer, not of why it was cut.
      signal.throwIfAborted()
      throw error instanceof ClientError ? error : this.#unreachable(error)
    }
  }

  /** The head of an answer that goes on. */
  async #open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const socket = await dial(this.#target, signal)
    const { host } = new URL(this.url)
    const outgoing = requestHttp({ createConnection: () => socket, path, signal, headers: { host, ...this.#headers } })
    return abortable(
      new Promise<IncomingMessage>((resolve, reject) => {
        outgoing.on('response', resolve).on('error', reject).end()
      }),
      signal,
    )
  }

  async #request(wanted: Parameters<HttpPool['request']>[0], signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.#pool.request(wanted, signal)
    } catch (error) {
      if (isAbortOf(signal, error)) throw error
      throw this.#unreachable(error)
    }
  }

  #unreachable(error: unknown): ClientError {
    const text = `cannot ask the collector at ${this.url}: ${messageOf(error)}`
    const code = codeOf(error) ?? ''
    const hint =
      tlsHints[code] ??
      (code === 'ECONNRESET' || code === 'EPIPE'
        ? 'it may be ending, or listen with TLS: see api.tls'
        : 'see whether it runs, and whether this is where it listens (api.listen)')
    if (absentCodes.has(code)) return new NoCollectorError(text, { cause: error, hint })
    return new ClientError(text, { cause: error, hint })
  }

  #refusal(status: number, text: string): RefusedError {
    const { error, hint } = (parsed(text) ?? {}) as { readonly error?: unknown; readonly hint?: unknown }
    const said = typeof error === 'string' ? error : `it answers ${status}`
    const usual = status === 401 ? 'give credentials: --token-file, or --user and --password-file' : ofOneVersion
    return new RefusedError(`the collector at ${this.url} refuses: ${said}`, {
      status,
      hint: typeof hint === 'string' ? hint : usual,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]()
  }
}

const ofOneVersion = 'see whether this program and the collector are of one version'
const ofCertificate =
  'name the authority that signed its certificate: --ca-file, or the configuration of the collector (-c)'
const tlsHints: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: ofCertificate,
  SELF_SIGNED_CERT_IN_CHAIN: ofCertificate,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ofCertificate,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ofCertificate,
  ERR_TLS_CERT_ALTNAME_INVALID: 'ask by a name that its certificate has',
  EPROTO: 'it may listen without TLS: ask by http://',
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
