import type { PostedLines, PostOutcome, Source, SourceContext, SourceStatus } from '../../component/source.ts'
import { messageOf } from '../../lib/error.ts'
import { abortable, linkSignals } from '../../lib/wait.ts'
import { BodyReader } from './body-reader.ts'
import type { PushOptions } from './schema.ts'

const isStopping = 'the source is stopping'
/** A sink is waited for so long before lines go to disk, where there is room again. */
const roomWaitMs = 6_000
const outcomes = ['delivered', 'malformed', 'busy', 'late', 'unconfirmed'] as const satisfies PostOutcome['status'][]

/** Takes posted lines, and answers for them: an outcome says `delivered` only when every sink behind has all of them, or has them on disk. */
export class PushSource implements Source {
  readonly #options: PushOptions
  readonly #context: SourceContext
  readonly #reader: BodyReader
  readonly #stopping = new AbortController()
  readonly #closing = new AbortController()
  /** Bytes of the bodies that are on their way to us. */
  #bytesInHand = 0
  #waiting = 0

  constructor(options: PushOptions, context: SourceContext) {
    this.#options = options
    this.#context = context
    this.#reader = new BodyReader({ source: context.id, container: options.container })
    for (const result of outcomes) context.metrics.posts.inc({ source: context.id, result }, 0)
  }

  status(): SourceStatus {
    const detail = `takes lines at POST /api/v1/logs; ${this.#waiting} bodies are waited for`
    return { isConnected: true, detail, streams: 0 }
  }

  /** Resolves when `signal` aborts: no body is begun any more, and those that are waited for have until the source is closed. */
  run(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const stop = () => {
        this.#stopping.abort(new Error(isStopping))
        resolve()
      }
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    })
  }

  async receive(post: PostedLines, signal: AbortSignal): Promise<PostOutcome> {
    this.#waiting += 1
    try {
      const outcome = await this.#receive(post, signal)
      this.#context.metrics.posts.inc({ source: this.#context.id, result: outcome.status })
      return outcome
    } finally {
      this.#waiting -= 1
    }
  }

  async #receive(post: PostedLines, signal: AbortSignal): Promise<PostOutcome> {
    const { output } = this.#context
    if (!output.hasRoom) await this.#untilRoom(signal)
    const refusal = this.#refusalOf(post)
    if (refusal !== undefined) return { status: 'busy', reason: refusal }
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(new Error('the time for it is over')), this.#options.timeout)
    using either = linkSignals(signal, deadline.signal, this.#closing.signal)
    try {
      const body = await this.#body(post, either.signal)
      if (typeof body === 'string') return { status: 'late', reason: body }
      if (this.#stopping.signal.aborted) return { status: 'busy', reason: isStopping }
      const read = this.#reader.read(body, post)
      if (read.kind === 'malformed') return { status: 'malformed', count: read.count, lines: read.lines }
      this.#count(read)
      const delivered = await Promise.all(read.batches.map((batch) => output.deliver(batch, either.signal)))
      const missing = [...new Set(delivered.flat())]
      if (missing.length === 0) return { status: 'delivered', lines: read.lines }
      const sinks = missing.map((sink) => `"${sink}"`).join(', ')
      return { status: 'unconfirmed', reason: `not every line is safe behind ${sinks}, neither there nor on disk` }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Why nothing of it is read now; undefined: it is. */
  #refusalOf({ bytes }: PostedLines): string | undefined {
    if (this.#stopping.signal.aborted) return isStopping
    if (!this.#context.output.hasRoom) return 'a queue behind this source is full'
    // One body is always let in: how long it may be is for the API to say.
    if (this.#bytesInHand > 0 && this.#bytesInHand + bytes > this.#options.memory)
      return 'more bodies come at a time than memory of this source allows'
    return undefined
  }

  /** Waits a moment for room. */
  async #untilRoom(signal: AbortSignal): Promise<void> {
    const waitMs = Math.min(roomWaitMs, this.#options.timeout)
    using either = linkSignals(signal, AbortSignal.timeout(waitMs), this.#stopping.signal)
    await this.#context.output.room(either.signal).catch(() => undefined)
  }

  /** @returns why there is none, where there is none */
  async #body(post: PostedLines, signal: AbortSignal): Promise<Buffer | string> {
    this.#bytesInHand += post.bytes
    try {
      return await abortable(post.read(), signal)
    } catch (error) {
      return `the body did not come: ${messageOf(error)}`
    } finally {
      this.#bytesInHand -= post.bytes
    }
  }

  #count({ lines, bytes }: { readonly lines: number; readonly bytes: number }): void {
    const { metrics, id: source } = this.#context
    metrics.logsCollected.inc({ source }, lines)
    metrics.logBytesCollected.inc({ source }, bytes)
  }

  /** Bodies that are waited for are answered as unconfirmed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error(isStopping))
    this.#closing.abort(new Error('the source is closed'))
  }
}
