import type { Socket } from 'node:net'
import { z } from 'zod'
import { codeOf, messageOf } from '../lib/error.ts'
import { HttpPool } from '../lib/http-pool.ts'
import { isAbortOf } from '../lib/wait.ts'
import { type DialAddress, dial } from './dial.ts'
import { EngineStatusError, EngineUnreachable } from './engine-error.ts'
import type { CloseReason, ConnectionLedger } from './ledger.ts'

export interface ControlOptions {
  readonly address: DialAddress
  readonly ledger: ConnectionLedger
  /** Strict upper bound. */
  readonly maxConnections: number
  /** How long a connection is kept for the next request. */
  readonly idleTimeoutMs: number
}

/** A list of some thousand containers, or an inspect under load, takes seconds; a minute is an engine that hangs. */
const requestTimeoutMs = 60_000
const maxBodyBytes = 64 * 1024 * 1024

/** Short requests (ping, version, list, inspect) over a pool of their own, which no follow can starve. */
export class Control implements AsyncDisposable {
  readonly #pool: HttpPool
  readonly #ledger: ConnectionLedger
  readonly #address: DialAddress
  #closeReason: CloseReason = 'idle'

  constructor(options: ControlOptions) {
    this.#ledger = options.ledger
    this.#address = options.address
    this.#pool = new HttpPool({
      origin: 'http://docker',
      maxConnections: options.maxConnections,
      idleTimeoutMs: options.idleTimeoutMs,
      timeoutMs: requestTimeoutMs,
      maxAnswerBytes: maxBodyBytes,
      connect: (signal) => this.#connect(signal),
    })
  }

  /** GETs `path` and reads the answer's JSON through `schema`. @throws EngineStatusError, EngineUnreachable */
  async get<S extends z.ZodType>(path: string, schema: S, signal: AbortSignal): Promise<z.output<S>> {
    const { body } = await this.#request(path, signal)
    try {
      return schema.parse(JSON.parse(body))
    } catch (cause) {
      throw new EngineUnreachable(
        `GET ${path} was answered by something that is no Docker engine: ${describe(cause)}`,
        {
          cause,
          hint: 'check that the address is that of a Docker or Podman API',
        },
      )
    }
  }

  /** The headers of the answer to `path`. */
  async headers(path: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    return (await this.#request(path, signal)).headers
  }

  async #request(path: string, signal: AbortSignal): Promise<{ headers: ReadonlyMap<string, string>; body: string }> {
    this.#ledger.requestStarted()
    try {
      const { status, headers, body, isReused } = await this.#pool.request({ path, method: 'GET' }, signal)
      if (isReused) this.#ledger.requestReused()
      if (status !== 200) throw new EngineStatusError(`GET ${path}: ${status} ${errorMessage(body)}`, status)
      return { headers: new Map(Object.entries(headers).map(([name, value]) => [name, String(value)])), body }
    } catch (error) {
      if (isAbortOf(signal, error)) throw error
      this.#ledger.requestFailed()
      if (error instanceof EngineStatusError || error instanceof EngineUnreachable) throw error
      const code = codeOf(error)
      throw new EngineUnreachable(`GET ${path}: ${messageOf(error)}${code === undefined ? '' : ` (${code})`}`, {
        cause: error,
        ...hintFor(this.#address),
      })
    } finally {
      this.#ledger.requestEnded()
    }
  }

  async #connect(signal: AbortSignal): Promise<Socket> {
    const socket = await dial(this.#address, undefined, signal)
    this.#ledger.connectionOpened()
    socket.once('close', () => this.#ledger.connectionClosed(this.#closeReason))
    return socket
  }

  /** Resolves when every descriptor is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closeReason = 'shutdown'
    await this.#pool[Symbol.asyncDispose]()
  }
}

function errorMessage(body: string): string {
  try {
    const { message } = z.object({ message: z.string() }).parse(JSON.parse(body))
    return message
  } catch {
    return body.trim().slice(0, 500)
  }
}

function describe(cause: unknown): string {
  return cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause)
}

/** With TLS 1.3 an engine that misses the client's certificate just closes, after the handshake. */
function hintFor(address: DialAddress): { hint: string } | undefined {
  if (address.kind !== 'tls' || address.tls.cert !== undefined) return undefined
  return { hint: 'if the engine asks for a client certificate, name its folder in tls.cert_path' }
}
