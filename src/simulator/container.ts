import { isAbortOf, sleep } from '../lib/wait.ts'
import { ApiError } from './api-error.ts'
import type { EngineClock } from './clock.ts'
import { ContainerLog } from './container-log.ts'
import { type ContainerSpec, isLocalFormat, isReadable, rotationOf } from './container-spec.ts'
import type { Flavor } from './flavor.ts'
import type { Time } from './log-reader.ts'
import { Output } from './output.ts'
import { parseSignal, type Program, signalNumbers, type Stream } from './process.ts'
import type { SeededRandom } from './random.ts'
import { Run } from './run.ts'

/** What a container needs of the engine that it lives in. */
export interface ContainerHost {
  readonly clock: EngineClock
  readonly random: SeededRandom
  readonly flavor: Flavor
  readonly maxLogBytes: number
  /** False while the daemon is stopped or killed: processes run on, nobody looks after them. */
  readonly isUp: boolean
  emit(container: SimulatedContainer, action: string, attributes?: Readonly<Record<string, string>>): void
  /** The container is no more. */
  forget(container: SimulatedContainer): void
}

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'removing'

/** How long a `--rm` container whose process has ended is still listed; its log answers 409 meanwhile. */
const removalMs = 3
const firstRestartDelayMs = 100
const longestRestartDelayMs = 60_000
const closed = new Error('the simulated container was closed')

export interface ContainerOptions {
  readonly id: string
  readonly name: string
  readonly spec: ContainerSpec
  /** Undefined: the image has no such program, and starting fails. */
  readonly program: Program | undefined
}

export class SimulatedContainer implements AsyncDisposable {
  readonly id: string
  readonly spec: ContainerSpec
  readonly createdAt: Time
  readonly output: Output
  /** Undefined where the driver keeps nothing that the engine could read. */
  readonly log: ContainerLog | undefined
  name: string
  status: ContainerStatus = 'created'
  exitCode = 0
  startedAt: Time | undefined
  finishedAt: Time | undefined
  restartCount = 0
  readonly #host: ContainerHost
  readonly #program: Program | undefined
  #run: Run | undefined
  /** How the process ended while the daemon was down. */
  #unseenExit: number | undefined
  #isStopping = false
  #isBeingRestarted = false
  #isDestroyed = false
  /** Somebody asked for the end: restart policies do not apply. */
  #wasStopped = false
  readonly #closing = new AbortController()
  /** Ends the back-off of a restart policy. */
  #restart = new AbortController()
  readonly #background = new Set<Promise<void>>()
  readonly #exitListeners = new Set<(code: number) => void>()

  constructor(options: ContainerOptions, host: ContainerHost) {
    this.id = options.id
    this.name = options.name
    this.spec = options.spec
    this.#program = options.program
    this.#host = host
    this.createdAt = host.clock.now()
    const { log, isTty } = options.spec
    this.log = isReadable(log) ? new ContainerLog(rotationOf(log)) : undefined
    this.output = new Output({
      clock: host.clock,
      flavor: host.flavor,
      log: this.log,
      isTty,
      isLocalFormat: isLocalFormat(log),
      maxLogBytes: host.maxLogBytes,
    })
    host.emit(this, 'create')
  }

  /** Its process lives, paused or not. */
  get isAlive(): boolean {
    return this.status === 'running' || this.status === 'paused'
  }

  /** Writes as the container's process. False when the pipe is full (see `SimulatedProcess.write`). */
  write(stream: Stream, bytes: Buffer | string): boolean {
    return this.#alive().write(stream, typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
  }

  /** Ends the container's process by itself. */
  exit(code: number): void {
    this.#alive().exit(code)
  }

  /** False when it runs already. */
  start(): boolean {
    if (this.isAlive) return false
    if (this.status === 'removing') throw new ApiError(409, 'container is marked for removal and cannot be started')
    this.#restart.abort(closed)
    this.#wasStopped = false
    this.#begin()
    return true
  }

  /** TERM, and KILL after `graceMs`. False when it does not run. */
  async stop(graceMs: number, signal: AbortSignal): Promise<boolean> {
    this.#wasStopped = true
    if (this.status === 'restarting') this.#giveUpRestart()
    if (!this.isAlive) return false
    this.#isStopping = true
    try {
      if (this.status === 'paused') this.unpause()
      this.#signal(parseSignal(this.spec.stopSignal) ?? 15)
      if (!(await this.#hasEndedWithin(graceMs, signal))) this.#signal(9)
    } finally {
      this.#isStopping = false
    }
    return true
  }

  /** Sends a signal; whether that ends the process is the program's business. */
  kill(signal: number): void {
    if (!this.isAlive) throw new ApiError(409, `Cannot kill container: ${this.id}: Container ${this.id} is not running`)
    if (signal === signalNumbers['KILL'] || signal === signalNumbers['TERM']) this.#wasStopped = true
    this.#signal(signal)
  }

  async restart(graceMs: number, signal: AbortSignal): Promise<void> {
    this.#isBeingRestarted = true
    try {
      await this.stop(graceMs, signal)
    } finally {
      this.#isBeingRestarted = false
    }
    this.start()
    this.#host.emit(this, 'restart')
  }

  pause(): void {
    if (this.status === 'paused') throw new ApiError(409, `Container ${this.id} is already paused`)
    if (this.status !== 'running') throw new ApiError(409, `Container ${this.id} is not running`)
    this.status = 'paused'
    this.#run!.pause()
    this.#tendPipe()
    this.#host.emit(this, 'pause')
  }

  unpause(): void {
    if (this.status !== 'paused') throw new ApiError(409, `Container ${this.id} is not paused`)
    this.status = 'running'
    this.#tendPipe()
    this.#run!.unpause()
    this.#host.emit(this, 'unpause')
  }

  remove(options: { readonly isForced: boolean }): void {
    if (this.isAlive) {
      if (!options.isForced) {
        const cure = 'Stop the container before attempting removal or force remove'
        throw new ApiError(409, `You cannot remove a running container ${this.id}. ${cure}`)
      }
      this.#wasStopped = true
      this.#signal(9)
    }
    this.#destroy()
  }

  /** Calls `listener` with the exit code of the next end, until the result is disposed of. */
  onExit(listener: (code: number) => void): Disposable {
    this.#exitListeners.add(listener)
    return { [Symbol.dispose]: () => void this.#exitListeners.delete(listener) }
  }

  /** The daemon has gone or come back: the pipe is left alone or read again. */
  daemonChanged(): void {
    this.#tendPipe()
    if (!this.#host.isUp && this.status === 'restarting') this.#giveUpRestart()
    if (!this.#host.isUp || this.#unseenExit === undefined) return
    const code = this.#unseenExit
    this.#unseenExit = undefined
    this.#ended(code)
  }

  /** The daemon has started: a container that its policy wants to run is started. */
  startByPolicy(): void {
    const { name } = this.spec.restart
    const isWanted = name === 'always' || (name === 'unless-stopped' && !this.#wasStopped)
    if (isWanted && this.status === 'exited') this.#begin()
  }

  /** The daemon goes down and takes the container with it; that is nobody's wish to have it stopped. */
  async stopWithDaemon(signal: AbortSignal): Promise<void> {
    const wasStopped = this.#wasStopped
    await this.stop(10_000, signal)
    this.#wasStopped = wasStopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(closed)
    this.#restart.abort(closed)
    this.#exitListeners.clear()
    this.#run?.close()
    await Promise.all(this.#background)
  }

  #alive(): Run {
    if (!this.#run || !this.isAlive) throw new ApiError(409, `Container ${this.id} is not running`)
    return this.#run
  }

  #begin(): void {
    if (!this.#program) {
      const command = this.spec.command[0] ?? ''
      throw new ApiError(
        400,
        `OCI runtime create failed: exec: "${command}": executable file not found in $PATH: unknown`,
      )
    }
    this.status = 'running'
    this.startedAt = this.#host.clock.now()
    const run = new Run(this.#program, { output: this.output, onExit: (code) => this.#exited(code) })
    this.#run = run
    this.#inBackground(run.settled)
    this.#host.emit(this, 'start')
  }

  #signal(signal: number): void {
    this.#host.emit(this, 'kill', { signal: String(signal) })
    this.#alive().deliver(signal)
  }

  #exited(code: number): void {
    if (this.#host.isUp) this.#ended(code)
    else this.#unseenExit = code
  }

  #ended(code: number): void {
    const { flavor, random, clock } = this.#host
    if (this.status === 'paused') this.status = 'running'
    this.#tendPipe()
    const hasTail = this.output.end()
    const isTailLost = hasTail && random.next() < flavor.lostTailShare
    this.status = 'exited'
    this.exitCode = code
    this.finishedAt = clock.now()
    const runSeconds = this.finishedAt.seconds - this.startedAt!.seconds
    if (this.log) {
      const recordEnd = this.log.recordEnd - (isTailLost ? 1 : 0)
      for (const follower of this.log.followers) follower.runEnded(recordEnd)
    }
    const isStopFirst = this.#isStopping && flavor.stopMayPrecedeDie && random.next() < 0.5
    if (isStopFirst) this.#host.emit(this, 'stop')
    const duration = flavor.hasExecDuration ? { execDuration: String(runSeconds) } : {}
    this.#host.emit(this, 'die', { exitCode: String(code), ...duration })
    if (this.#isStopping && !isStopFirst) this.#host.emit(this, 'stop')
    for (const listener of [...this.#exitListeners]) listener(code)
    if (this.spec.isAutoRemoved && !this.#isBeingRestarted) {
      this.status = 'removing'
      this.#inBackground(this.#after(removalMs, this.#closing.signal, () => this.#destroy()))
    } else if (this.#isRestartDue(code)) this.#scheduleRestart(runSeconds)
  }

  #isRestartDue(code: number): boolean {
    const { name, maxRetries } = this.spec.restart
    if (this.#wasStopped || this.#isStopping || name === 'no') return false
    if (name === 'on-failure') return code !== 0 && (maxRetries === 0 || this.restartCount < maxRetries)
    return true
  }

  #scheduleRestart(runSeconds: number): void {
    this.status = 'restarting'
    const failures = runSeconds >= 10 ? 0 : this.restartCount
    const delayMs = Math.min(longestRestartDelayMs, firstRestartDelayMs * 2 ** Math.min(failures, 16))
    this.#restart = new AbortController()
    const again = () => {
      this.restartCount += 1
      this.#begin()
    }
    this.#inBackground(this.#after(delayMs, this.#restart.signal, again))
  }

  #giveUpRestart(): void {
    this.#restart.abort(closed)
    this.status = 'exited'
  }

  #destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.#restart.abort(closed)
    this.status = 'removing'
    this.#host.emit(this, this.#host.flavor.isPodman ? 'remove' : 'destroy')
    this.#host.forget(this)
  }

  #tendPipe(): void {
    if (this.#host.isUp && this.status !== 'paused') this.output.release()
    else this.output.hold()
    this.#run?.wake()
  }

  async #hasEndedWithin(graceMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.isAlive) return true
    const graceEnded = new AbortController()
    const waiting = AbortSignal.any([signal, graceEnded.signal])
    const listening = this.onExit(() => graceEnded.abort(closed))
    try {
      await sleep(graceMs, waiting)
      return false
    } catch (error) {
      if (graceEnded.signal.aborted) return true
      throw error
    } finally {
      listening[Symbol.dispose]()
    }
  }

  async #after(ms: number, signal: AbortSignal, act: () => void): Promise<void> {
    try {
      await sleep(ms, signal)
    } catch (error) {
      // Being told not to wait any longer is how these waits end early, and means not to act.
      if (isAbortOf(signal, error)) return
      throw error
    }
    act()
  }

  #inBackground(task: Promise<void>): void {
    this.#background.add(task)
    void task.finally(() => this.#background.delete(task))
  }
}
