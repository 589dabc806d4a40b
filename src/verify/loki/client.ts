import { BackOff } from '../../lib/back-off.ts'
import { messageOf } from '../../lib/error.ts'
import { AnswerTooLong, HttpPool } from '../../lib/http-pool.ts'
import { visibleText } from '../../lib/visible-text.ts'
import { sleep } from '../../lib/wait.ts'
import { VerifyError } from '../verify-error.ts'
import type { LokiConnection } from './connection.ts'

/** What Loki says to a question: its data; or that the question is too large, so that less has to be asked for at once. */
export type LokiAnswer =
  | { readonly kind: 'data'; readonly data: unknown; readonly bytes: number }
  | { readonly kind: 'too large'; readonly reason: string; readonly maxEntries: number | undefined }

/** An answer is held in memory as a whole: up to so much. */
const maxAnswerBytes = 32 * 1024 * 1024
/** How long a Loki that is away or overloaded is asked again; less where it has never answered: the address may be wrong. */
const patienceMs = 120_000
const firstPatienceMs = 5_000
const timeoutMs = 120_000
const maxConnections = 4
const idleTimeoutMs = 30_000
/** pkg/querier, pkg/util/httpgrpc and pkg/logql: the server's own ways to say that it was asked for too much at once. */
const tooMuch =
  /max entries limit|query time range exceeds|would read too many bytes|received message larger than max|trying to send message larger|ResourceExhausted|context deadline exceeded|query timed out/i
const entriesLimit = /max_entries_limit\w* \(\d+ > (\d+)\)/

/** Asks a Loki, and asks it again as long as it is away or says that it has too much to do. */
export class LokiReader implements AsyncDisposable {
  /** Questions that were answered. */
  answers = 0
  readonly #connection: LokiConnection
  readonly #basePath: string
  readonly #pool: HttpPool

  constructor(connection: LokiConnection) {
    this.#connection = connection
    const { origin, pathname } = new URL(connection.base)
    this.#basePath = pathname.replace(/\/$/, '')
    this.#pool = new HttpPool({ origin, maxConnections, idleTimeoutMs, timeoutMs, maxAnswerBytes, tls: connection.tls })
  }

  /** @throws VerifyError where Loki refuses, or is away for too long */
  async ask(
    { path, query, tenant }: { path: string; query: Readonly<Record<string, string>>; tenant: string },
    signal: AbortSignal,
  ): Promise<LokiAnswer> {
    const backOff = new BackOff({ firstMs: 250, maxMs: 10_000 })
    const begunMs = performance.now()
    const asked = `${this.#basePath}${path}?${new URLSearchParams(query).toString()}`
    while (true) {
      const outcome = await this.#askOnce(asked, tenant, signal)
      if (outcome.kind !== 'again') {
        this.answers += 1
        return outcome
      }
      if (performance.now() - begunMs > (this.answers > 0 ? patienceMs : firstPatienceMs))
        throw new VerifyError(`Loki at ${this.#connection.base} cannot be read: ${outcome.reason}`, {
          hint: 'try again when it is there, or has less to do',
        })
      await sleep(Math.max(outcome.afterMs, backOff.next()), signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]()
  }

  async #askOnce(path: string, tenant: string, signal: AbortSignal): Promise<LokiAnswer | Again> {
    try {
      const { headers, base } = this.#connection
      const tenantHeader = tenant === '' ? {} : { 'x-scope-orgid': tenant }
      const allHeaders = { 'user-agent': 'log-capturer', ...headers, ...tenantHeader }
      const answer = await this.#pool.request({ method: 'GET', path, headers: allHeaders }, signal)
      return judge(answer.status, answer.body, answer.headers['retry-after'] ?? '', base)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof VerifyError) throw error
      if (error instanceof AnswerTooLong)
        return { kind: 'too large', reason: 'the answer was too large', maxEntries: undefined }
      return { kind: 'again', reason: messageOf(error), afterMs: 0 }
    }
  }
}

interface Again {
  readonly kind: 'again'
  readonly reason: string
  readonly afterMs: number
}

function judge(status: number, body: string, retryAfter: string, base: string): LokiAnswer | Again {
  if (status === 200) return { kind: 'data', data: dataOf(body, base), bytes: body.length }
  const text = visibleText(body.replace(/\s+/g, ' ').trim().slice(0, 300))
  if (status === 504 || tooMuch.test(text)) {
    const limit = entriesLimit.exec(text)?.[1]
    return { kind: 'too large', reason: text, maxEntries: limit === undefined ? undefined : Number(limit) }
  }
  const reason = `it answers ${status}${text === '' ? '' : `: ${text}`}`
  if (status === 429 || status >= 500)
    return { kind: 'again', reason, afterMs: /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : 0 }
  throw new VerifyError(`Loki at ${base} cannot be read: ${reason}`, { hint: hintOf(status, text) })
}

function dataOf(body: string, base: string): unknown {
  try {
    const { status, data } = JSON.parse(body) as { status?: unknown; data?: unknown }
    if (status === 'success' && data !== undefined) return data
  } catch {
    // Said below.
  }
  throw new VerifyError(`what answers at ${base} is no Loki`, { hint: 'check the address' })
}

function hintOf(status: number, text: string): string {
  if (status === 401 && text.includes('no org id')) return 'name a tenant: --loki-tenant'
  if (status === 401 || status === 403) return 'check the login: --loki-user, or auth of the sink'
  return status === 404 ? 'check the address' : 'check --loki-query'
}
