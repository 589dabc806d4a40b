import type { z } from 'zod'
import { Bug } from '../lib/error.ts'
import { container, containerList, type InspectedContainer, type ListedContainer } from './answers.ts'
import type { EngineAddress } from './address.ts'
import { ConnectionPool } from './connection-pool.ts'
import { Control } from './control.ts'
import type { DialAddress } from './dial.ts'
import type { ConnectionLedger } from './ledger.ts'
import { ManagedStream, type StreamRequest } from './managed-stream.ts'
import { type EngineFacts, measureClock, negotiate } from './negotiate.ts'
import { SshTunnel } from './ssh-tunnel.ts'

export interface EngineOptions {
  readonly address: EngineAddress
  readonly ledger: ConnectionLedger
  /** Connections for follows and log reads, one of them for the events; strict. */
  readonly maxStreams: number
  /** How long a connection is kept for the next request. */
  readonly idleTimeoutMs?: number
}

/** Requests of one kind wait for each other rather than open more connections. */
const maxControlConnections = 4
const usualIdleTimeoutMs = 10_000

/** What a log read asks for. Times as the engine takes them: `seconds.nanoseconds`. */
export interface LogQuery {
  readonly follow: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly since?: string
  /** Docker includes this time, Podman does not. */
  readonly until?: string
  /** Lines from the end. Never together with `since`: the engine cuts by `tail` first. */
  readonly tail?: number
}

/** One engine: control requests through a pool of theirs, log streams through another. */
export class Engine implements AsyncDisposable {
  readonly #tunnel: SshTunnel | undefined
  readonly #control: Control
  readonly #streams: ConnectionPool
  readonly #ledger: ConnectionLedger
  /** What the engine said of itself when it was last connected to. */
  facts: EngineFacts | undefined

  /** Opens nothing: connections come with the first request. */
  constructor(options: EngineOptions) {
    const { ledger, maxStreams, idleTimeoutMs = usualIdleTimeoutMs } = options
    this.#tunnel = options.address.kind === 'ssh' ? new SshTunnel(options.address) : undefined
    const address = dialAddress(options.address, this.#tunnel)
    this.#control = new Control({ address, ledger, maxConnections: maxControlConnections, idleTimeoutMs })
    this.#streams = new ConnectionPool({ address, ledger, maxConnections: maxStreams, idleTimeoutMs })
    this.#ledger = ledger
  }

  /** Negotiates the API version, through a new tunnel if need be; call it again after every time the engine was away. */
  async connect(signal: AbortSignal): Promise<EngineFacts> {
    await this.#tunnel?.ensure(signal)
    this.facts = await negotiate(this.#control, signal)
    return this.facts
  }

  /** The engine's clock minus ours, in seconds, as of now; `facts` has what it was when the engine was connected to. */
  async measureClock(signal: AbortSignal): Promise<number> {
    return measureClock(this.#control, signal)
  }

  async list(signal: AbortSignal): Promise<ListedContainer[]> {
    return this.#get('/containers/json?all=1', containerList, signal)
  }

  /** @throws EngineStatusError with 404 when there is no such container. */
  async inspect(id: string, signal: AbortSignal): Promise<InspectedContainer> {
    return this.#get(`/containers/${encodeURIComponent(id)}/json`, container, signal)
  }

  async openLog(
    id: string,
    query: LogQuery,
    request: Omit<StreamRequest, 'path'>,
    signal: AbortSignal,
  ): Promise<ManagedStream> {
    const parameters = new URLSearchParams({
      timestamps: '1',
      stdout: query.stdout ? '1' : '0',
      stderr: query.stderr ? '1' : '0',
    })
    if (query.follow) parameters.set('follow', '1')
    if (query.since !== undefined) parameters.set('since', query.since)
    if (query.until !== undefined) parameters.set('until', query.until)
    if (query.tail !== undefined) parameters.set('tail', String(query.tail))
    const path = `${this.#prefix}/containers/${encodeURIComponent(id)}/logs?${parameters.toString()}`
    return ManagedStream.open(this.#streams, this.#ledger, { ...request, path }, signal)
  }

  async openEvents(
    filters: Record<string, string[]>,
    request: Omit<StreamRequest, 'path'>,
    signal: AbortSignal,
  ): Promise<ManagedStream> {
    const path = `${this.#prefix}/events?filters=${encodeURIComponent(JSON.stringify(filters))}`
    return ManagedStream.open(this.#streams, this.#ledger, { ...request, path }, signal)
  }

  /** Closes everything; resolves when every descriptor is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#streams[Symbol.asyncDispose](), this.#control[Symbol.asyncDispose]()])
    await this.#tunnel?.[Symbol.asyncDispose]()
  }

  get #prefix(): string {
    return this.facts === undefined ? '' : `/v${this.facts.apiVersion}`
  }

  async #get<S extends z.ZodType>(path: string, schema: S, signal: AbortSignal): Promise<z.output<S>> {
    return this.#control.get(`${this.#prefix}${path}`, schema, signal)
  }
}

function dialAddress(address: EngineAddress, tunnel: SshTunnel | undefined): DialAddress {
  if (address.kind !== 'ssh') return address
  if (!tunnel) throw new Bug('an ssh address needs a tunnel')
  return { kind: 'unix', path: tunnel.path }
}
