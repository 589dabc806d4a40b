import { authorizationOf } from '../../lib/authorization.ts'
import { HttpPool } from '../../lib/http-pool.ts'
import type { Answer } from './answers.ts'
import { baseOf, connectOptionsOf, pushPath } from './connection.ts'
import type { LokiOptions } from './schema.ts'

const maxAnswerBytes = 4 * 1024 * 1024

export interface PushBody {
  readonly bytes: Uint8Array
  readonly tenant: string
}

/** Connections to one Loki, as many as pushes may be on their way. Nothing is opened before the first push. */
export class LokiClient implements AsyncDisposable {
  readonly #pool: HttpPool
  readonly #path: string
  readonly #headers: Readonly<Record<string, string>>

  /** @throws LokiFileError */
  constructor({ url, auth, tls, concurrency, timeout, keep_alive, encoding }: LokiOptions) {
    const { origin, search } = new URL(url)
    this.#path = `${baseOf(url)}${pushPath}${search}`
    this.#headers = {
      'user-agent': 'log-capturer',
      ...(encoding === 'protobuf'
        ? { 'content-type': 'application/x-protobuf' }
        : { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
      ...(auth && { authorization: authorizationOf(auth) }),
    }
    this.#pool = new HttpPool({
      origin,
      maxConnections: concurrency,
      idleTimeoutMs: keep_alive,
      timeoutMs: timeout,
      maxAnswerBytes,
      tls: tls && connectOptionsOf(tls),
    })
  }

  /** `bytes` must stay as they are until this settles. @throws what `signal` aborts with, or whatever the network does. */
  async push({ bytes, tenant }: PushBody, signal: AbortSignal): Promise<Answer> {
    const headers = tenant === '' ? this.#headers : { ...this.#headers, 'x-scope-orgid': tenant }
    const answer = await this.#pool.request({ method: 'POST', path: this.#path, headers, body: bytes }, signal)
    return { status: answer.status, body: answer.body, retryAfter: answer.headers['retry-after'] }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]()
  }
}
