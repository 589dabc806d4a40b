import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { sleep } from '../../../src/lib/wait.ts'
import { until } from '../../helpers/until.ts'
import { type Access, checkAccess, tenantOf } from './access.ts'
import { decodePush } from './decode.ts'
import { distribute } from './distribute.ts'
import type { LabelSet } from './labels.ts'
import { type LokiLimits, lokiLimits } from './limits.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import { type Answer, type Entry, Refusal } from './push.ts'
import { answerQuery, type QueryLimits, queryLimits } from './query.ts'
import type { Keep, StoredStream } from './stored-stream.ts'
import { Tenant } from './tenant.ts'

export interface LokiReceiverOptions {
  /** Loki's defaults where not given, its rate of 4 MiB/s included; `generousLimits` for loads. */
  readonly limits?: Partial<LokiLimits>
  readonly queryLimits?: Partial<QueryLimits>
  /** An answer to a question in the place of what is stored; undefined: what is stored. */
  readonly onQuery?: (url: URL) => Answer | undefined
  /** `lines` where not given. */
  readonly keep?: Keep
  /** `auth_enabled`: pushes without X-Scope-OrgID are refused. */
  readonly hasTenants?: boolean
  readonly access?: Access
  /** TLS with client certificates, from a folder of `makeCertificates`. */
  readonly certificateFolder?: string
  /** The time of day, where it is not the machine's. */
  readonly nowMs?: () => number
  /** Called for each entry when it is stored; `entry.line` is valid during the call. */
  readonly onStored?: (labels: LabelSet, entry: Entry, tenant: string) => void
}

/** What has come so far. */
export interface LokiCounts {
  /** Pushes whose head has arrived. */
  readonly pushes: number
  /** Pushes that have not been answered, nor cut. */
  readonly inFlight: number
  readonly maxInFlight: number
  readonly answers: ReadonlyMap<number, number>
}

/**
 * A stand-in for Loki's push API that decodes the real encodings with code of others, enforces Loki's own limits with its statuses and
 * texts, keeps what it stored, and misbehaves on demand. What it does otherwise than Loki: it keeps repeats, and it adds neither
 * `service_name` to labels nor `detected_level` to the metadata.
 */
export class LokiReceiver implements AsyncDisposable {
  readonly #options: LokiReceiverOptions
  readonly #limits: LokiLimits
  readonly #server: Server
  readonly #tenants = new Map<string, Tenant>()
  readonly #answers = new Map<number, number>()
  readonly #stop = new AbortController()
  #port = 0
  #pushes = 0
  #inFlight = 0
  #maxInFlight = 0
  #misbehaviour: Misbehaviour | undefined

  private constructor(options: LokiReceiverOptions) {
    this.#options = options
    this.#limits = { ...lokiLimits, ...options.limits }
    const { certificateFolder: folder } = options
    const read = (name: string) => readFileSync(join(folder!, name))
    const answer = (request: IncomingMessage, response: ServerResponse) => void this.#receive(request, response)
    this.#server =
      folder === undefined
        ? createServer(answer)
        : createTlsServer(
            {
              ...{ ca: read('ca.pem'), cert: read('server-cert.pem'), key: read('server-key.pem') },
              ...{ requestCert: true, rejectUnauthorized: true },
            },
            answer,
          )
  }

  static async open(options: LokiReceiverOptions = {}): Promise<LokiReceiver> {
    const receiver = new LokiReceiver(options)
    await receiver.#listen()
    return receiver
  }

  /** The server's base address. */
  get url(): string {
    return `${this.#options.certificateFolder === undefined ? 'http' : 'https'}://127.0.0.1:${this.#port}`
  }

  get counts(): LokiCounts {
    return {
      pushes: this.#pushes,
      inFlight: this.#inFlight,
      maxInFlight: this.#maxInFlight,
      answers: this.#answers,
    }
  }

  /** Streams of a tenant that have at least these labels, in the order of their first entries. */
  streams(labels: Readonly<Record<string, string>> = {}, tenant = 'fake'): StoredStream[] {
    const wanted = Object.entries(labels)
    return (this.#tenants.get(tenant)?.streams() ?? []).filter(({ labels: { pairs } }) =>
      wanted.every(([name, value]) => pairs.some((pair) => pair[0] === name && pair[1] === value)),
    )
  }

  /** The one stream with these labels; fails when it is none, or several. */
  stream(labels: Readonly<Record<string, string>> = {}, tenant = 'fake'): StoredStream {
    const found = this.streams(labels, tenant)
    if (found.length !== 1) throw new Error(`${found.length} streams have ${JSON.stringify(labels)}`)
    return found[0]!
  }

  /** Lines stored, of all tenants. */
  get stored(): number {
    let count = 0
    for (const tenant of this.#tenants.values()) for (const stream of tenant.streams()) count += stream.count
    return count
  }

  /** For pushes that come from now on. */
  misbehave(misbehaviour: Misbehaviour): void {
    this.#misbehaviour = misbehaviour
  }

  behave(): void {
    this.#misbehaviour = undefined
  }

  /** Ends all connections and refuses new ones. */
  async goDown(): Promise<void> {
    if (!this.#server.listening) return
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  /** Listens again, at the same address. */
  async comeBack(): Promise<void> {
    if (this.#server.listening) return
    // Somebody's outgoing connection may have the port for a moment.
    await until(`port ${this.#port} is free`, () =>
      this.#listen().then(
        () => true,
        (error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
          throw error
        },
      ),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the receiver is closed'))
    await this.goDown()
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://loki')
    const { pathname } = url
    if (pathname === '/ready') this.#answer(response, { status: 200, text: 'ready' })
    else if (request.method === 'GET' && pathname !== '/loki/api/v1/push')
      this.#answer(response, this.#query(request, url))
    else if (pathname !== '/loki/api/v1/push') this.#answer(response, { status: 404, text: '404 page not found' })
    else if (request.method !== 'POST') this.#answer(response, { status: 405 })
    else await this.#receivePush(request, response)
  }

  async #receivePush(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#pushes++
    this.#inFlight++
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight)
    response.once('close', () => this.#inFlight--)
    const misbehaviour = this.#misbehaviour
    try {
      if (misbehaviour?.kind === 'silent') return
      if (misbehaviour?.kind === 'cut request') {
        request.once('data', () => request.socket.resetAndDestroy())
        return
      }
      const bytes = await this.#read(request, misbehaviour)
      const answer = this.#nextAnswer(misbehaviour) ?? this.#store(request, bytes)
      if (misbehaviour?.kind === 'lose answer') request.socket.resetAndDestroy()
      else if (misbehaviour?.kind === 'cut answer') cutAnswer(request, answer)
      else this.#answer(response, answer)
    } catch (error) {
      if (error instanceof Refusal) this.#answer(response, error)
      // Otherwise the sender has gone away before the end of its request: there is nobody to answer.
      else if (!request.errored && !this.#stop.signal.aborted && !request.socket.destroyed) throw error
    }
  }

  #nextAnswer(misbehaviour: Misbehaviour | undefined): Answer | undefined {
    if (misbehaviour?.kind !== 'answers') return undefined
    const next = misbehaviour.answers.next()
    return next.done === true ? undefined : next.value
  }

  async #read(request: IncomingMessage, misbehaviour: Misbehaviour | undefined): Promise<Buffer> {
    const parts: Buffer[] = []
    let length = 0
    for await (const part of request as AsyncIterable<Buffer>) {
      parts.push(part)
      length += part.length
      const { maxRequestBytes } = this.#limits
      if (length > maxRequestBytes)
        throw new Refusal(413, `request body too large: ${length} bytes, limit: ${maxRequestBytes} bytes`)
      if (misbehaviour?.kind === 'slow') await this.#dawdle(request, (part.length / misbehaviour.bytesPerSecond) * 1000)
    }
    return Buffer.concat(parts)
  }

  /** Ends early when the sender gives up. */
  async #dawdle(request: IncomingMessage, ms: number): Promise<void> {
    const gone = new AbortController()
    const onClose = () => gone.abort(new Error('the sender has gone away'))
    request.socket.once('close', onClose)
    try {
      await sleep(ms, gone.signal)
    } finally {
      request.socket.off('close', onClose)
    }
  }

  #store({ headers }: IncomingMessage, bytes: Buffer): Answer {
    checkAccess(headers, this.#options.access)
    const tenant = this.#tenant(tenantOf(headers, this.#options.hasTenants ?? false))
    const contentType = headers['content-type'] ?? ''
    const contentEncoding = headers['content-encoding'] ?? ''
    const push = decodePush({ bytes, contentType, contentEncoding }, this.#limits.maxRequestBytes)
    return distribute(push, {
      tenant,
      limits: this.#limits,
      nowMs: this.#options.nowMs?.() ?? Date.now(),
      onStored: (labels, entry) => this.#options.onStored?.(labels, entry, tenant.name),
    })
  }

  #query({ headers }: IncomingMessage, url: URL): Answer {
    try {
      checkAccess(headers, this.#options.access)
      const tenant = this.#tenant(tenantOf(headers, this.#options.hasTenants ?? false))
      const chosen = this.#options.onQuery?.(url)
      if (chosen) return chosen
      const found = answerQuery(url, tenant.streams(), { ...queryLimits, ...this.#options.queryLimits })
      if (!found) return { status: 404, text: '404 page not found' }
      return { status: 200, text: JSON.stringify(found), headers: { 'content-type': 'application/json' } }
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
  }

  #tenant(name: string): Tenant {
    const found = this.#tenants.get(name)
    if (found) return found
    const made = new Tenant(name, { limits: this.#limits, keep: this.#options.keep ?? 'lines' })
    this.#tenants.set(name, made)
    return made
  }

  #answer(response: ServerResponse, { status, text, headers = {} }: Answer): void {
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1)
    if (text === undefined || status === 204) response.writeHead(status, headers).end()
    else response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(`${text}\n`)
  }
}

function cutAnswer({ socket }: IncomingMessage, { status }: Answer): void {
  socket.write(`HTTP/1.1 ${status} No Con`, () => socket.destroy())
}
