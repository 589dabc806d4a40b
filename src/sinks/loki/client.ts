import { readFileSync } from 'node:fs'
import { Pool } from 'undici'
import { LogCapturerError, messageOf } from '../../lib/error.ts'
import { linkSignals } from '../../lib/wait.ts'
import type { Answer } from './answers.ts'
import type { LokiOptions } from './schema.ts'

/** A file that the configuration names cannot be read. */
export class LokiFileError extends LogCapturerError {
  readonly code = 'LOKI_FILE'
}

const pushPath = '/loki/api/v1/push'
/** Below the idle time-outs that are usual in proxies and in Loki (120 s). */
const keepAliveMs = 30_000
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
  constructor({ url, auth, tls, concurrency, timeout, encoding }: LokiOptions) {
    const { origin, pathname, search } = new URL(url)
    const base = pathname.replace(/\/+$/, '')
    this.#path = `${base.endsWith(pushPath) ? base : base + pushPath}${search}`
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
      keepAliveTimeout: keepAliveMs,
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

function authorizationOf(auth: NonNullable<LokiOptions['auth']>): string {
  if ('token' in auth) return `Bearer ${auth.token}`
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
}

function connectOptionsOf({ ca_file, cert_file, key_file, server_name, insecure }: NonNullable<LokiOptions['tls']>) {
  return {
    rejectUnauthorized: !insecure,
    ...(ca_file !== undefined && { ca: read(ca_file) }),
    ...(cert_file !== undefined && { cert: read(cert_file) }),
    ...(key_file !== undefined && { key: read(key_file) }),
    ...(server_name !== undefined && { servername: server_name }),
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new LokiFileError(`cannot read ${path} for TLS: ${messageOf(cause)}`, {
      cause,
      hint: 'check the paths below tls',
    })
  }
}
