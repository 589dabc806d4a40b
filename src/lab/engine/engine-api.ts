import { once } from 'node:events'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import type { Socket } from 'node:net'
import { formatAddress, parseAddress } from '../../engine/address.ts'
import { dial } from '../../engine/dial.ts'
import { messageOf } from '../../lib/error.ts'
import { type HttpAnswer, HttpPool, type HttpRequest } from '../../lib/http-pool.ts'
import { LabError } from '../lab-error.ts'

const origin = 'http://docker'
const idleTimeoutMs = 4_000
const maxAnswerBytes = 64 * 1024 * 1024
const json = { 'content-type': 'application/json' }

/** Requests that change an engine: the collector has none of them, the lab needs a few. */
export class EngineApi implements AsyncDisposable {
  readonly #pool: HttpPool
  readonly #dial: (signal: AbortSignal) => Promise<Socket>
  readonly #name: string

  /** @throws LabError when `host` is no unix:// or tcp:// address */
  constructor(host: string) {
    const address = parseAddress(host)
    if (address.kind !== 'unix' && address.kind !== 'tcp')
      throw new LabError(`the lab cannot work on the engine at ${host}`, {
        hint: 'give it a unix:// or a plain tcp:// address',
      })
    this.#name = formatAddress(address)
    this.#dial = (signal) => dial(address, undefined, signal)
    // No limits: answers to `wait` and `stop` take as long as the container does, and each container is waited for.
    const maxConnections = Number.POSITIVE_INFINITY
    this.#pool = new HttpPool({ origin, maxConnections, idleTimeoutMs, maxAnswerBytes, connect: this.#dial })
  }

  /** The answer to a request; the statuses that are taken for good are 2xx, 304 and those of `allowed`. @throws LabError */
  async send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    signal: AbortSignal,
    { body, allowed = [] }: { readonly body?: object; readonly allowed?: readonly number[] } = {},
  ): Promise<string> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: json }
    const { status, body: text } = await this.#ask({ method, path, ...sent }, signal)
    if (status < 300 || status === 304 || allowed.includes(status)) return text
    throw new LabError(
      `${method} ${path.replace(/\?.*/, '')}: the engine at ${this.#name} answers ${status} ${text.trim()}`,
    )
  }

  /** The body of an answer that goes on, piece by piece. */
  async stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const socket = await this.#dial(signal)
    const outgoing = requestHttp({ path, createConnection: () => socket, headers: { host: 'docker' }, signal }).end()
    const [incoming] = (await once(outgoing, 'response', { signal })) as [IncomingMessage]
    return incoming
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]()
  }

  async #ask(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.#pool.request(request, signal)
    } catch (cause) {
      signal.throwIfAborted()
      throw new LabError(`the engine at ${this.#name} does not answer: ${messageOf(cause)}`, {
        cause,
        hint: 'does it run, and may this user talk to it?',
      })
    }
  }
}
