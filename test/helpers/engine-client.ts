import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, type Dispatcher } from 'undici'
import { type Frame, parseFrames } from './frames.ts'
import { until } from './until.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
  readonly text: string
}

export interface ContainerEvent {
  readonly Type: string
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
  readonly time: number
  /** The text of `timeNano`: more than a number holds. */
  readonly timeText: string
}

/** How a response that stays open came to its end. */
export type StreamEnd = 'end' | 'cut'

export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly certificateFolder?: string }

type Query = Readonly<Record<string, string | number>>

/** The tests' own client of an engine, real or simulated; shares no code with the product. */
export class EngineClient implements AsyncDisposable {
  readonly #agent: Agent
  readonly #origin: string
  readonly #open = new Set<AbortController>()

  constructor(address: EngineAddress) {
    const common = { headersTimeout: 60_000, bodyTimeout: 0 }
    if ('socketPath' in address) {
      this.#origin = 'http://engine'
      this.#agent = new Agent({ ...common, connect: { socketPath: address.socketPath } })
      return
    }
    const { certificateFolder: folder } = address
    const read = (name: string) => (folder === undefined ? undefined : readFileSync(join(folder, name)))
    this.#origin = address.host.replace('tcp://', folder === undefined ? 'http://' : 'https://')
    this.#agent = new Agent({
      ...common,
      connect: { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') },
    })
  }

  async request(method: Dispatcher.HttpMethod, path: string, body?: object | Buffer): Promise<Answer> {
    const isBytes = Buffer.isBuffer(body)
    const {
      statusCode,
      headers,
      body: response,
    } = await this.#agent.request({
      origin: this.#origin,
      path,
      method,
      headers: body ? { 'content-type': isBytes ? 'application/x-tar' : 'application/json' } : {},
      body: body === undefined ? null : isBytes ? body : JSON.stringify(body),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    return { status: statusCode, headers, bytes, text: bytes.toString() }
  }

  /** Fails unless the status is 2xx or 304. */
  async call(method: Dispatcher.HttpMethod, path: string, body?: object | Buffer): Promise<Answer> {
    const answer = await this.request(method, path, body)
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return answer
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse((await this.call('GET', path)).text) as T
  }

  async isAnswering(): Promise<boolean> {
    try {
      return (await this.request('GET', '/_ping')).status === 200
    } catch {
      // Not there, or not yet: that is what was asked.
      return false
    }
  }

  /** Creates a container and gives back its id. */
  async create(body: object, name?: string): Promise<string> {
    const query = name === undefined ? '' : `?name=${name}`
    const { text } = await this.call('POST', `/containers/create${query}`, body)
    return (JSON.parse(text) as { Id: string }).Id
  }

  /** Creates and starts a container, and gives back its id. */
  async run(body: object, name?: string): Promise<string> {
    const id = await this.create(body, name)
    await this.act(id, 'start')
    return id
  }

  async act(id: string, action: string, query: Query = {}): Promise<void> {
    await this.call('POST', `/containers/${id}/${action}${queryText(query)}`)
  }

  async remove(id: string): Promise<void> {
    await this.call('DELETE', `/containers/${id}?force=1&v=1`)
  }

  async removeAll(): Promise<void> {
    const containers = await this.get<{ Id: string }[]>('/containers/json?all=1')
    await Promise.all(containers.map(({ Id }) => this.request('DELETE', `/containers/${Id}?force=1&v=1`)))
  }

  /** Waits for the end of the container's run; gives back its exit code. */
  async wait(id: string): Promise<number> {
    return (JSON.parse((await this.call('POST', `/containers/${id}/wait`)).text) as { StatusCode: number }).StatusCode
  }

  /** One read of the log as frames: both streams with timestamps unless the query says otherwise. */
  async logs(id: string, query: Query = {}): Promise<Frame[]> {
    return parseFrames((await this.call('GET', logPath(id, query))).bytes)
  }

  async follow(id: string, query: Query = {}): Promise<OpenStream> {
    return this.stream(logPath(id, { follow: 1, ...query }))
  }

  /** The events of containers, from now on unless the query has `since`. */
  async events(query: Query = {}): Promise<EventStream> {
    const filters = JSON.stringify({ type: ['container'] })
    return new EventStream(await this.stream(`/events${queryText({ filters, ...query })}`))
  }

  /** A request whose answer stays open; resolves with its head. */
  async stream(path: string): Promise<OpenStream> {
    const abort = new AbortController()
    this.#open.add(abort)
    const { statusCode, headers, body } = await this.#agent.request({
      origin: this.#origin,
      path,
      method: 'GET',
      signal: abort.signal,
    })
    const stream = new OpenStream({ status: statusCode, headers, body, abort })
    void stream.ended.then(() => this.#open.delete(abort))
    return stream
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const abort of this.#open) abort.abort()
    await this.#agent.destroy()
  }
}

/** A response that goes on: what has come so far, and how it ended. */
export class OpenStream {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Never rejects. */
  readonly ended: Promise<StreamEnd>
  #parts: Buffer[] = []
  #end: StreamEnd | undefined
  readonly #abort: AbortController

  constructor(options: {
    readonly status: number
    readonly headers: Readonly<Record<string, string | string[] | undefined>>
    readonly body: Dispatcher.ResponseData['body']
    readonly abort: AbortController
  }) {
    this.status = options.status
    this.headers = options.headers
    this.#abort = options.abort
    this.ended = this.#collect(options.body)
  }

  get end(): StreamEnd | undefined {
    return this.#end
  }

  bytes(): Buffer {
    const whole = Buffer.concat(this.#parts)
    this.#parts = [whole]
    return whole
  }

  frames(): Frame[] {
    return parseFrames(this.bytes())
  }

  /** Closes the connection; resolves when the end was seen. */
  async close(): Promise<void> {
    this.#abort.abort()
    await this.ended
  }

  async #collect(body: Dispatcher.ResponseData['body']): Promise<StreamEnd> {
    try {
      for await (const part of body) this.#parts.push(part as Buffer)
      this.#end = 'end'
    } catch {
      // How it was cut is the platform's wording; that it was cut is what tests ask.
      this.#end = 'cut'
    }
    return this.#end
  }
}

export class EventStream implements AsyncDisposable {
  readonly #stream: OpenStream

  constructor(stream: OpenStream) {
    this.#stream = stream
  }

  get ended(): Promise<StreamEnd> {
    return this.#stream.ended
  }

  all(): ContainerEvent[] {
    const lines = this.#stream.bytes().toString().split('\n').slice(0, -1)
    return lines.map((line) => ({
      ...(JSON.parse(line) as ContainerEvent),
      timeText: /"timeNano":(\d+)/.exec(line)![1]!,
    }))
  }

  /** What has happened to one container, in order of arrival. */
  actionsOf(id: string): string[] {
    return this.all().flatMap(({ Action, Actor }) => (Actor.ID === id ? [Action] : []))
  }

  /** Waits for the event. */
  async next(id: string, action: string): Promise<ContainerEvent> {
    return until(
      `${action} of ${id}`,
      () => this.all().find((event) => event.Actor.ID === id && event.Action === action),
      { seen: () => this.actionsOf(id) },
    )
  }

  async close(): Promise<void> {
    await this.#stream.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function logPath(id: string, query: Query): string {
  return `/containers/${id}/logs${queryText({ stdout: 1, stderr: 1, timestamps: 1, ...query })}`
}

function queryText(query: Query): string {
  const text = Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  return text === '' ? '' : `?${text}`
}
