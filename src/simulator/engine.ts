import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Bug } from '../lib/error.ts'
import { type ContainerHost, SimulatedContainer } from './container.ts'
import { type ContainerSpec, createBody, specOf } from './container-spec.ts'
import { Containers } from './containers.ts'
import { EngineClock } from './clock.ts'
import { type EngineCounts, noCounts } from './counts.ts'
import type { Daemon } from './daemon.ts'
import { EventLog } from './event-log.ts'
import { Faults } from './faults.ts'
import { type EngineVersion, type Flavor, flavors } from './flavor.ts'
import { idle, type Program } from './process.ts'
import { programOf } from './programs.ts'
import { SeededRandom } from './random.ts'
import { answer } from './routes.ts'
import { EngineServer, type Listen } from './server.ts'

export interface SimulatedEngineOptions {
  readonly listen: Listen
  /** Decides ids, names and the chances of a faulty version. */
  readonly seed?: number
  readonly version?: EngineVersion
  /** Other than what the version has. */
  readonly apiVersion?: string
  readonly minApiVersion?: string
  readonly clock?: EngineClock
  readonly isLiveRestore?: boolean
  /** Memory for the log of one container; the oldest lines go first. */
  readonly maxLogBytes?: number
  /** What the host is called. */
  readonly hostName?: string
  /** Named in /info as the folder that holds the containers' log files. The engine writes none: whoever names it puts them there. */
  readonly rootFolder?: string
}

export interface NewContainer {
  readonly name?: string
  /** Runs at each start; undefined: the command of `spec`, or nothing when there is none. */
  readonly program?: Program
  /** The body of a create request; the image is `simulated` where it is not given. */
  readonly body?: Record<string, unknown>
}

/** How often a follow is cut by SIGTERM although its container was stopped first: 4 of 10 on 20.10. */
const cutAtStopShare = 0.4

/**
 * A Docker engine without containers of its own: it answers the API's requests for a set of simulated programs that write
 * logs, end, restart and die as told. The same tests hold for it and for a real engine.
 */
export class SimulatedEngine implements AsyncDisposable, ContainerHost, Daemon {
  readonly clock: EngineClock
  readonly random: SeededRandom
  readonly events = new EventLog()
  readonly faults = new Faults()
  readonly containers = new Containers()
  readonly id: string
  readonly hostName: string
  readonly rootFolder: string | undefined
  readonly maxLogBytes: number
  flavor: Flavor
  isLiveRestore: boolean
  readonly #totals: EngineCounts = noCounts()
  #listen: Listen
  #server: EngineServer | undefined
  readonly #closing = new AbortController()
  readonly #background = new Set<Promise<void>>()
  readonly #followSockets = new Map<Socket, SimulatedContainer>()

  private constructor(options: SimulatedEngineOptions) {
    this.random = new SeededRandom(options.seed ?? Math.floor(Math.random() * 2 ** 32))
    this.clock = options.clock ?? new EngineClock()
    const flavor = flavors[options.version ?? '28.5']
    this.flavor = {
      ...flavor,
      apiVersion: options.apiVersion ?? flavor.apiVersion,
      minApiVersion: options.minApiVersion ?? flavor.minApiVersion,
    }
    this.isLiveRestore = options.isLiveRestore ?? false
    this.maxLogBytes = options.maxLogBytes ?? 64 * 1024 * 1024
    this.hostName = options.hostName ?? 'simulated'
    this.rootFolder = options.rootFolder
    this.id = this.random.hex(32)
    this.#listen = options.listen
  }

  static async open(options: SimulatedEngineOptions, signal: AbortSignal): Promise<SimulatedEngine> {
    const engine = new SimulatedEngine(options)
    await engine.start()
    if (signal.aborted) await engine[Symbol.asyncDispose]()
    signal.throwIfAborted()
    return engine
  }

  get isUp(): boolean {
    return this.#server !== undefined
  }

  /** `unix:///...` or `tcp://...`, as DOCKER_HOST has it. */
  get host(): string {
    if ('socketPath' in this.#listen) return `unix://${this.#listen.socketPath}`
    return `tcp://${this.#listen.host}:${this.#listen.port}`
  }

  /** What the engine has counted since it was opened; restarts of the daemon do not begin anew. */
  counts(): EngineCounts {
    const counts = structuredClone(this.#totals)
    counts.faults = this.faults.fired
    for (const container of this.containers) addLines(counts, container)
    return counts
  }

  /** Creates a container without a request. Start it with `container.start()`. */
  createContainer({ name, program, body = {} }: NewContainer = {}): SimulatedContainer {
    const spec = specOf(createBody.parse({ Image: 'simulated', ...body }))
    return this.create(spec, name, program ?? (spec.command.length === 0 ? idle : undefined))
  }

  create(spec: ContainerSpec, name?: string, program?: Program): SimulatedContainer {
    const id = this.random.hex(64)
    const chosen = name ?? `container_${id.slice(0, 12)}`
    this.containers.assertFree(chosen)
    const options = { id, name: chosen, spec, program: program ?? programOf(spec.command) }
    const container = new SimulatedContainer(options, this)
    this.containers.add(container)
    this.#totals.containers.created += 1
    return container
  }

  /** Part of what a container does; for containers only. */
  emit(container: SimulatedContainer, action: string, attributes: Readonly<Record<string, string>> = {}): void {
    this.#totals.events += 1
    this.events.emit({
      type: 'container',
      action,
      id: container.id,
      attributes: { ...container.spec.labels, ...attributes, image: container.spec.image, name: container.name },
      time: this.clock.now(),
    })
  }

  /** The container has been removed; for containers only. */
  forget(container: SimulatedContainer): void {
    this.containers.delete(container)
    this.#totals.containers.removed += 1
    addLines(this.#totals, container)
    this.#inBackground(container[Symbol.asyncDispose]())
  }

  /** Starts the daemon: at `open`, and after `stop` or `kill`. `version`: it was upgraded meanwhile. */
  async start(version?: EngineVersion): Promise<void> {
    if (this.#server) throw new Bug('the simulated daemon runs already')
    if (version) this.flavor = flavors[version]
    this.#server = await EngineServer.open(this.#listen, this.#totals.connections, (request, response) =>
      this.#receive(request, response),
    )
    this.#listen = this.#server.address
    for (const container of [...this.containers]) container.daemonChanged()
    if (!this.isLiveRestore) {
      const survivors = [...this.containers].filter(({ isAlive }) => isAlive)
      await Promise.all(survivors.map((container) => container.stopWithDaemon(this.#closing.signal)))
    }
    for (const container of this.containers) container.startByPolicy()
  }

  /** SIGTERM: containers are stopped first, or left alone under live-restore; then the socket goes. */
  async stop(): Promise<void> {
    const server = this.#serverOrBug()
    if (!this.isLiveRestore) {
      const running = [...this.containers].filter(({ isAlive }) => isAlive)
      await Promise.all(running.map((container) => container.stopWithDaemon(this.#closing.signal)))
      for (const socket of this.#followSockets.keys()) if (this.random.next() < cutAtStopShare) socket.destroy()
      // The other follows, which ended with their containers, still send their last lines.
      await new Promise((resolve) => setImmediate(resolve))
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#goDown()
    server.dropConnections()
    await server[Symbol.asyncDispose]()
  }

  /** SIGKILL: every connection is cut, containers run on, the path of the socket stays and refuses. */
  async kill(): Promise<void> {
    const server = this.#serverOrBug()
    this.#goDown()
    await server.kill()
  }

  /** SIGTERM and a new start on the same state. */
  async restart(version?: EngineVersion): Promise<void> {
    await this.stop()
    await this.start(version)
  }

  /** Cuts the open follows now, those of one container or all. Says how many. */
  resetFollows(container?: SimulatedContainer): number {
    let cut = 0
    for (const [socket, owner] of this.#followSockets) {
      if (container && owner !== container) continue
      socket.destroy()
      cut += 1
    }
    return cut
  }

  enterFollow(response: ServerResponse, container: SimulatedContainer): void {
    const { socket } = response.req
    this.#totals.follows.opened += 1
    this.#followSockets.set(socket, container)
    response.once('close', () => {
      this.#totals.follows.closed += 1
      this.#followSockets.delete(socket)
    })
  }

  enterRead(response: ServerResponse): void {
    this.#totals.reads.opened += 1
    response.once('close', () => (this.#totals.reads.closed += 1))
  }

  countBody(bytes: number): void {
    this.#totals.bodyBytes += bytes
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the simulated engine was closed'))
    const server = this.#server
    this.#goDown()
    await server?.[Symbol.asyncDispose]()
    await Promise.all([...this.containers].map((container) => container[Symbol.asyncDispose]()))
    await Promise.all(this.#background)
  }

  #serverOrBug(): EngineServer {
    if (!this.#server) throw new Bug('the simulated daemon does not run')
    return this.#server
  }

  #goDown(): void {
    this.#server = undefined
    this.events.forget()
    for (const container of this.containers) container.daemonChanged()
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    this.#totals.requests += 1
    this.#inBackground(answer(this, request, response))
  }

  #inBackground(task: Promise<void>): void {
    this.#background.add(task)
    void task.finally(() => this.#background.delete(task))
  }
}

function addLines(counts: EngineCounts, { output }: SimulatedContainer): void {
  counts.stdout.lines += output.stdout.lines
  counts.stdout.bytes += output.stdout.bytes
  counts.stderr.lines += output.stderr.lines
  counts.stderr.bytes += output.stderr.bytes
}
