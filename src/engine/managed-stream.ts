import { Bug, messageOf } from '../lib/error.ts'
import { abortable, deferred } from '../lib/wait.ts'
import type { ConnectionPool, Lease } from './connection-pool.ts'
import { EngineStatusError, EngineUnreachable } from './engine-error.ts'
import type { ConnectionLedger } from './ledger.ts'
import { type ResponseHead, ResponseReader } from './response-reader.ts'

export interface StreamRequest {
  /** Path and query. */
  readonly path: string
  /** Called with each piece of the body; false: read no more until `resume`. What it throws ends the stream as failed. */
  onBody(bytes: Buffer, from: number, to: number): boolean
  /** Silence that ends the stream as failed; 0 for a follow, which may be quiet for ever. */
  readonly idleTimeoutMs: number
}

/** How a stream came to its end. */
export type StreamEnd =
  /** The engine has sent all of it: the last chunk came. It is no promise that all lines were in it. */
  | { readonly kind: 'complete' }
  /** Cut by the engine, the network, or bytes that make no sense. */
  | { readonly kind: 'failed'; readonly error: Error }
  /** Closed by us. */
  | { readonly kind: 'closed' }

/** Limit for the head of a response: Docker sends it at once, also where the log has to be searched for minutes. */
const headTimeoutMs = 30_000
const maxErrorBytes = 64 * 1024

/**
 * One response that is read as it comes, and its socket: the stream is the socket's only owner from `open` on. A response that came
 * to its end gives the connection back to the pool; every other end destroys it.
 */
export class ManagedStream implements AsyncDisposable {
  readonly #lease: Lease
  readonly #request: StreamRequest
  readonly #reader: ResponseReader
  readonly #head = deferred<ResponseHead>()
  readonly #ended = deferred<StreamEnd>()
  #isEnded = false
  #status = 0
  #errorBody = ''
  #wantsMore = true
  #released: Promise<void> | undefined

  private constructor(lease: Lease, request: StreamRequest) {
    this.#lease = lease
    this.#request = request
    this.#reader = new ResponseReader({
      head: (head) => this.#onHead(head),
      body: (bytes, from, to) => this.#onBody(bytes, from, to),
      end: () => undefined,
    })
    this.#head.promise.catch(() => undefined)
  }

  /**
   * Sends a GET and resolves with the head of the answer. A kept connection that the engine closes in that moment is replaced once.
   * @throws EngineStatusError for any status but 200, EngineUnreachable, ResponseError, or the signal's reason; nothing stays open then.
   */
  static async open(
    pool: ConnectionPool,
    ledger: ConnectionLedger,
    request: StreamRequest,
    signal: AbortSignal,
  ): Promise<ManagedStream> {
    for (const choice of ['any', 'fresh'] as const) {
      const lease = await acquire(pool, ledger, choice, signal)
      const stream = new ManagedStream(lease, request)
      try {
        await stream.#start(signal)
        return stream
      } catch (error) {
        await stream.close()
        const wasStale = lease.isReused && !stream.#reader.hasBytes && !signal.aborted
        if (wasStale) continue
        if (!signal.aborted) ledger.requestFailed()
        throw error
      }
    }
    throw new Bug('a fresh connection cannot be a stale one')
  }

  get headers(): ReadonlyMap<string, string> {
    return this.#headers
  }
  #headers: ReadonlyMap<string, string> = new Map()

  /** How the stream ended; never rejects. */
  get ended(): Promise<StreamEnd> {
    return this.#ended.promise
  }

  /** Goes on reading after `onBody` said false. */
  resume(): void {
    if (!this.#isEnded) this.#lease.connection.resume()
  }

  /** Ends the stream at once, also in the middle of a silent read; any number of times. Resolves when its descriptor is gone or free. */
  async close(): Promise<void> {
    this.#end({ kind: 'closed' })
    await this.#released
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #start(signal: AbortSignal): Promise<void> {
    this.#lease.connection.send(
      {
        read: (bytes, length) => this.#onRead(bytes, length),
        closed: (error) => this.#onClosed(error),
      },
      `GET ${this.#request.path} HTTP/1.1\r\nHost: docker\r\nAccept: */*\r\n\r\n`,
      this.#request.idleTimeoutMs,
    )
    const timer = setTimeout(
      () =>
        this.#end({
          kind: 'failed',
          error: new EngineUnreachable(`no answer to GET ${this.#request.path} after ${headTimeoutMs / 1000} s`),
        }),
      headTimeoutMs,
    )
    try {
      const head = await abortable(this.#head.promise, signal)
      this.#headers = head.headers
      if (head.status === 200) return
      const end = await abortable(this.#ended.promise, signal)
      if (end.kind === 'failed') throw end.error
      throw new EngineStatusError(`GET ${this.#request.path}: ${head.status} ${this.#errorMessage()}`, head.status)
    } finally {
      clearTimeout(timer)
    }
  }

  #onRead(bytes: Buffer, length: number): boolean {
    this.#wantsMore = true
    try {
      this.#reader.feed(bytes, 0, length)
    } catch (error) {
      this.#end({ kind: 'failed', error: error as Error })
      return false
    }
    if (this.#reader.isComplete) this.#end({ kind: 'complete' })
    return this.#wantsMore
  }

  #onHead(head: ResponseHead): void {
    this.#status = head.status
    this.#head.resolve(head)
  }

  #onBody(bytes: Buffer, from: number, to: number): void {
    if (this.#isEnded) return
    if (this.#status === 200) this.#wantsMore = this.#request.onBody(bytes, from, to)
    else if (this.#errorBody.length < maxErrorBytes) this.#errorBody += bytes.toString('utf8', from, to)
  }

  #onClosed(error: Error | undefined): void {
    if (error) {
      this.#end({
        kind: 'failed',
        error: new EngineUnreachable(`the connection to the engine broke: ${messageOf(error)}`, { cause: error }),
      })
      return
    }
    try {
      this.#reader.close()
      this.#end({ kind: 'complete' })
    } catch (cut) {
      this.#end({ kind: 'failed', error: cut as Error })
    }
  }

  #end(end: StreamEnd): void {
    if (this.#isEnded) return
    this.#isEnded = true
    if (end.kind === 'complete' && this.#reader.isReusable) {
      this.#lease.release()
      this.#released = Promise.resolve()
    } else {
      this.#released = this.#lease.destroy(
        end.kind === 'closed' ? 'aborted' : end.kind === 'failed' ? 'error' : 'not_reusable',
      )
    }
    if (end.kind === 'failed') this.#head.reject(end.error)
    else if (end.kind === 'closed') this.#head.reject(new EngineUnreachable('the stream was closed'))
    void this.#released.then(() => this.#ended.resolve(end))
  }

  /** Docker answers errors in JSON, very old or very new ones in plain text. */
  #errorMessage(): string {
    try {
      const body = JSON.parse(this.#errorBody) as { message?: unknown }
      if (typeof body.message === 'string') return body.message
    } catch {
      // Not JSON: shown as it is.
    }
    return this.#errorBody.trim().slice(0, 500)
  }
}

async function acquire(
  pool: ConnectionPool,
  ledger: ConnectionLedger,
  choice: 'any' | 'fresh',
  signal: AbortSignal,
): Promise<Lease> {
  try {
    return await pool.acquire(choice, signal)
  } catch (error) {
    if (!signal.aborted) ledger.requestFailed()
    throw error
  }
}
