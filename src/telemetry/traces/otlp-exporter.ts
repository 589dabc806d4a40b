import { BackOff } from '../../lib/back-off.ts'
import { messageOf } from '../../lib/error.ts'
import { HttpPool } from '../../lib/http-pool.ts'
import { hasAborted, sleep } from '../../lib/wait.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { encodeTraces, type Producer } from './otlp-json.ts'
import type { Span } from './span.ts'

/** Spans gather for so long. */
const gatherMs = 1_000
/** Of one request, and so many wait at the most: what is beyond is dropped. Traces tell of the pipeline, and must not weigh on it. */
const maxSpansAtOnce = 512
const maxWaiting = 4_096
const timeoutMs = 10_000
const maxAnswerBytes = 1 << 20
/** Something that is about to be closed gets so long to be sent. */
const lastSendMs = 2_000
/** Worth another try (OTLP, "Retryable Response Codes"). */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504])

export interface OtlpOptions {
  /** Of OTLP over HTTP: `http://host:4318/v1/traces`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly producer: Producer
  readonly log: Log
  readonly metrics: Pick<Metrics, 'traceSpans'>
}

/** Sends spans by OTLP over HTTP, as JSON, some at a time. A receiver that is away is told of once, and costs the oldest spans. */
export class OtlpExporter implements AsyncDisposable {
  readonly #options: OtlpOptions
  readonly #pool: HttpPool
  readonly #path: string
  readonly #closing = new AbortController()
  readonly #backOff = new BackOff({ firstMs: 1_000, maxMs: 60_000 })
  #waiting: Span[] = []
  /** Until the next try. */
  #pauseMs = gatherMs
  #sending: Promise<void> | undefined

  /** Opens nothing before the first span. */
  constructor(options: OtlpOptions) {
    const { origin, pathname, search } = new URL(options.url)
    this.#options = options
    this.#path = `${pathname}${search}`
    this.#pool = new HttpPool({ origin, maxConnections: 1, idleTimeoutMs: 10_000, timeoutMs, maxAnswerBytes })
  }

  add(spans: readonly Span[]): void {
    this.#waiting.push(...spans)
    const tooMany = this.#waiting.length - maxWaiting
    if (tooMany > 0) {
      this.#waiting.splice(0, tooMany)
      this.#count('dropped', tooMany)
    }
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined))
  }

  async #send(): Promise<void> {
    const { signal } = this.#closing
    while (this.#waiting.length > 0 && !hasAborted(signal)) {
      await sleep(this.#pauseMs, signal).catch(() => undefined)
      if (!hasAborted(signal)) await this.#sendSome(signal)
    }
  }

  /** What cannot be sent now waits on. */
  async #sendSome(signal: AbortSignal): Promise<void> {
    const spans = this.#waiting.splice(0, maxSpansAtOnce)
    const body = encodeTraces(spans, this.#options.producer)
    const headers = { 'content-type': 'application/json', 'user-agent': 'log-capturer', ...this.#options.headers }
    try {
      const answer = await this.#pool.request({ method: 'POST', path: this.#path, headers, body }, signal)
      if (retryable.has(answer.status)) throw new Error(`it answers ${answer.status}`)
      if (answer.status >= 300) this.#refused(spans.length, `it answers ${answer.status}: ${answer.body.slice(0, 200)}`)
      else this.#sent(spans.length)
    } catch (error) {
      this.#waiting.unshift(...spans)
      if (!hasAborted(signal)) this.#away(messageOf(error))
    }
  }

  #sent(spans: number): void {
    if (this.#backOff.failures > 0) this.#options.log.info({ url: this.#url }, 'traces are taken again')
    this.#isAnswered()
    this.#count('sent', spans)
  }

  #refused(spans: number, error: string): void {
    this.#options.log.warn({ url: this.#url, error }, 'traces are refused; they are dropped')
    this.#isAnswered()
    this.#count('dropped', spans)
  }

  #isAnswered(): void {
    this.#backOff.reset()
    this.#pauseMs = gatherMs
  }

  #away(error: string): void {
    if (this.#backOff.failures === 0)
      this.#options.log.warn(
        { url: this.#url, error },
        'traces cannot be sent; it is tried again, and the oldest are dropped',
      )
    this.#pauseMs = this.#backOff.next()
  }

  /** Without what it may have of credentials. */
  get #url(): string {
    const { origin, pathname } = new URL(this.#options.url)
    return `${origin}${pathname}`
  }

  #count(result: 'sent' | 'dropped', spans: number): void {
    this.#options.metrics.traceSpans.inc({ result }, spans)
  }

  /** Sends what there is, if it can be sent at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the collector is closing'))
    await this.#sending
    const last = AbortSignal.timeout(lastSendMs)
    while (this.#waiting.length > 0 && !hasAborted(last) && this.#backOff.failures === 0) await this.#sendSome(last)
    if (this.#waiting.length > 0) this.#count('dropped', this.#waiting.length)
    await this.#pool[Symbol.asyncDispose]()
  }
}
