import { Pool } from 'undici'
import { linkSignals } from '../../lib/wait.ts'
import type { Answer } from './answers.ts'
import { authorizationOf, baseOf, connectOptionsOf, pushPath } from './connection.ts'
import type { LokiOptions } from './schema.ts'

const maxAnswerBytes = 4 * 1024 * 1024

export interface PushBody {
  readonly bytes: Uint8Array
  readonly tenant: string
}

/** Connections to one Loki, as many as pushes may be on their way. Nothing is opened before the first push. */
export class LokiClient implements AsyncDisposable {
  readonly #pool: Pool
  readonly #path: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #timeoutMs: number

  /** @throws LokiFileError */
  constructor({ url, auth, tls, concurrency, timeout, keep_alive, encoding }: LokiOptions) {
    const { origin, search } = new URL(url)
    this.#path = `${baseOf(url)}${pushPath}${search}`
    this.#timeoutMs = timeout
    this.#headers = {
      'user-agent': 'log-capturer',
      ...(encoding === 'protobuf'
        ? { 'content-type': 'application/x-protobuf' }
        : { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
      ...(auth && { authorization: authorizationOf(auth) }),
    }
    this.#pool = new Pool(origin, {
      connections: concurrency,
      pipelining: 1,
      keepAliveTimeout: keep_alive,
      keepAliveMaxTimeout: keep_alive,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: maxAnswerBytes,
      connect: { timeout, ...(tls && connectOptionsOf(tls)) },
    })
  }

  /** `bytes` must stay as they are until this settles. @throws what `signal` aborts with, or whatever the network does. */
  async push({ bytes, tenant }: PushBody, signal: AbortSignal): Promise<Answer> {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(new Error(`no answer within ${this.#timeoutMs} ms`)), this.#timeoutMs)
    using linked = linkSignals(signal, deadline.signal)
    try {
      const { statusCode, headers, body } = await this.#pool.request({
        path: this.#path,
        method: 'POST',
        headers: tenant === '' ? this.#headers : { ...this.#headers, 'x-scope-orgid': tenant },
        body: bytes,
        signal: linked.signal,
      })
      const retryAfter = headers['retry-after']
      return {
        status: statusCode,
        body: await body.text(),
        retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      }
    } finally {
      clearTimeout(timer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy()
  }
}
