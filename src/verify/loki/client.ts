import { Agent, request } from 'undici'
import { BackOff } from '../../lib/back-off.ts'
import { messageOf } from '../../lib/error.ts'
import { visibleText } from '../../lib/visible-text.ts'
import { linkSignals, sleep } from '../../lib/wait.ts'
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
/** pkg/querier, pkg/util/httpgrpc and pkg/logql: the server's own ways to say that it was asked for too much at once. */
const tooMuch =
  /max entries limit|query time range exceeds|would read too many bytes|received message larger than max|trying to send message larger|ResourceExhausted|context deadline exceeded|query timed out/i
const entriesLimit = /max_entries_limit\w* \(\d+ > (\d+)\)/

/** Asks a Loki, and asks it again as long as it is away or says that it has too much to do. */
export class LokiReader implements AsyncDisposable {
  /** Questions that were answered. */
  answers = 0
  readonly #connection: LokiConnection
  readonly #agent: Agent

  constructor(connection: LokiConnection) {
    this.#connection = connection
    this.#agent = new Agent({
      maxResponseSize: maxAnswerBytes,
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(connection.tls && { connect: connection.tls }),
    })
  }

  /** @throws VerifyError where Loki refuses, or is away for too long */
  async ask(
    { path, query, tenant }: { path: string; query: Readonly<Record<string, string>>; tenant: string },
    signal: AbortSignal,
  ): Promise<LokiAnswer> {
    const backOff = new BackOff({ firstMs: 250, maxMs: 10_000 })
    const begunMs = performance.now()
    const url = `${this.#connection.base}${path}?${new URLSearchParams(query).toString()}`
    while (true) {
      const outcome = await this.#askOnce(url, tenant, signal)
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
    await this.#agent.destroy()
  }

  async #askOnce(url: string, tenant: string, signal: AbortSignal): Promise<LokiAnswer | Again> {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    using linked = linkSignals(signal, deadline.signal)
    try {
      const { headers } = this.#connection
      const answer = await request(url, {
        headers: { 'user-agent': 'log-capturer', ...headers, ...(tenant === '' ? {} : { 'x-scope-orgid': tenant }) },
        dispatcher: this.#agent,
        signal: linked.signal,
      })
      const body = await answer.body.text()
      return judge(answer.statusCode, body, String(answer.headers['retry-after'] ?? ''), this.#connection.base)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof VerifyError) throw error
      if (isTooLarge(error)) return { kind: 'too large', reason: 'the answer was too large', maxEntries: undefined }
      return { kind: 'again', reason: messageOf(error), afterMs: 0 }
    } finally {
      clearTimeout(timer)
    }
  }
}

interface Again {
  readonly kind: 'again'
  readonly reason: string
  readonly afterMs: number
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
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
