import { Agent, type Dispatcher } from 'undici'
import { formatAddress, parseAddress } from '../../engine/address.ts'
import { messageOf } from '../../lib/error.ts'
import { LabError } from '../lab-error.ts'

/** Requests that change an engine: the collector has none of them, the lab needs a few. */
export class EngineApi implements AsyncDisposable {
  readonly #agent: Agent
  readonly #origin: string
  readonly #name: string

  /** @throws LabError when `host` is no unix:// or tcp:// address */
  constructor(host: string) {
    const address = parseAddress(host)
    if (address.kind !== 'unix' && address.kind !== 'tcp')
      throw new LabError(`the lab cannot work on the engine at ${host}`, {
        hint: 'give it a unix:// or a plain tcp:// address',
      })
    this.#name = formatAddress(address)
    this.#origin = address.kind === 'unix' ? 'http://docker' : `http://${address.host}:${address.port}`
    // Answers to `wait` and `stop` take as long as the container does.
    const limits = { bodyTimeout: 0, headersTimeout: 0 }
    this.#agent = new Agent({
      ...limits,
      ...(address.kind === 'unix' ? { connect: { socketPath: address.path } } : {}),
    })
  }

  /** The answer to a request; the statuses that are taken for good are 2xx, 304 and those of `allowed`. @throws LabError */
  async send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    signal: AbortSignal,
    { body, allowed = [] }: { readonly body?: object; readonly allowed?: readonly number[] } = {},
  ): Promise<string> {
    const { statusCode, text } = await this.#ask({
      origin: this.#origin,
      path,
      method,
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    if (statusCode < 300 || statusCode === 304 || allowed.includes(statusCode)) return text
    throw new LabError(
      `${method} ${path.replace(/\?.*/, '')}: the engine at ${this.#name} answers ${statusCode} ${text.trim()}`,
    )
  }

  /** The body of an answer that goes on, piece by piece. @throws LabError */
  async stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const { body } = await this.#agent.request({ origin: this.#origin, path, method: 'GET', signal })
    return body as AsyncIterable<Buffer>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }

  async #ask(request: Dispatcher.RequestOptions): Promise<{ statusCode: number; text: string }> {
    try {
      const { statusCode, body } = await this.#agent.request(request)
      return { statusCode, text: await body.text() }
    } catch (cause) {
      if (request.signal instanceof AbortSignal) request.signal.throwIfAborted()
      throw new LabError(`the engine at ${this.#name} does not answer: ${messageOf(cause)}`, {
        cause,
        hint: 'does it run, and may this user talk to it?',
      })
    }
  }
}
