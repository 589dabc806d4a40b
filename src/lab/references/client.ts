import { once } from 'node:events'
import { Agent, type IncomingMessage, request as requestHttp } from 'node:http'
import { messageOf } from '../../lib/error.ts'
import { type EngineAddress, formatAddress } from '../../engine/address.ts'
import { ReferenceFailure } from './reference-failure.ts'

export type PlainAddress = Extract<EngineAddress, { kind: 'unix' | 'tcp' }>

/** What all clients of a process have done together. */
export interface Tally {
  requests: number
  /** Requests that got no answer, or an error status. */
  errors: number
  lines: number
}

/** The engine answered with an error status. */
export class StatusError extends Error {
  readonly status: number

  constructor(path: string, status: number, text: string) {
    super(`GET ${path.replace(/\?.*/, '')}: ${status} ${text.trim()}`)
    this.status = status
  }
}

/** An HTTP client of the engine as common ones are: with a pool of connections of its own, which it keeps for the next request as long as the engine does. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #address: PlainAddress
  readonly #tally: Tally

  constructor(address: PlainAddress, tally: Tally) {
    this.#address = address
    this.#tally = tally
  }

  get connections(): { readonly active: number; readonly idle: number } {
    return { active: countSockets(this.#agent.sockets), idle: countSockets(this.#agent.freeSockets) }
  }

  /** Gives the response when its head is there. @throws StatusError, ReferenceFailure */
  async open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    this.#tally.requests += 1
    try {
      const { kind, ...place } = this.#address
      const target = kind === 'unix' ? { socketPath: (place as { path: string }).path } : place
      const request = requestHttp({ ...target, path, agent: this.#agent, signal, headers: { host: 'docker' } })
      // What fails after the head was read is told by the response.
      request.on('error', () => undefined)
      request.end()
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      const { statusCode = 0 } = response
      if (statusCode >= 400) throw new StatusError(path, statusCode, await textOf(response))
      return response
    } catch (cause) {
      this.#tally.errors += 1
      signal.throwIfAborted()
      if (cause instanceof StatusError) throw cause
      const address = formatAddress(this.#address)
      throw new ReferenceFailure(
        `cannot ask the engine at ${address} for ${path.replace(/\?.*/, '')}: ${messageOf(cause)}`,
        {
          cause,
          hint: 'does the engine run, and may this user talk to it?',
        },
      )
    }
  }

  /** The whole text of an answer; the connection is kept. */
  async get(path: string, signal: AbortSignal): Promise<string> {
    return textOf(await this.open(path, signal))
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) text += chunk
  return text
}

function countSockets(sockets: NodeJS.ReadOnlyDict<readonly unknown[]>): number {
  return Object.values(sockets).reduce((sum, list) => sum + (list?.length ?? 0), 0)
}
