import type { Cursor } from '../../batch/cursor.ts'
import type { InspectedContainer } from '../../engine/answers.ts'
import type { LogStreams } from '../../engine/log-streams.ts'
import { EngineStatusError, FrameError, ResponseError } from '../../engine/engine-error.ts'
import { LineStream } from '../../engine/line-stream.ts'
import { LogFileError } from '../../log-file/log-file-error.ts'
import { BackOff } from '../../lib/back-off.ts'
import { Bug, messageOf } from '../../lib/error.ts'
import { type Deferred, abortable, deferred } from '../../lib/wait.ts'
import { ApiReading, type Round } from './api-reading.ts'
import { type Identity, identityOfInspected, isSameIdentity, keyPrefix, originOf, streamKeys } from './container.ts'
import { FileReading } from './file-reading.ts'
import { FollowStatus } from './follow-status.ts'
import { LogSettings } from './log-settings.ts'
import type { Shared } from './shared.ts'

/** What a container is, as far as its log is concerned. */
export type RunState = 'created' | 'running' | 'ended'

/** Before every line. */
const firstPlace: Cursor = { seconds: 0, nanos: 0, count: 0 }
/** A follow that stood for so long is no hopeless case, even if its container was quiet all the time: it is opened again at once. */
const soundMs = 5_000
/** Longest pause before a follow that the engine had opened, and somebody cut, is opened again: lines may be waiting, and their file may turn over. */
const maxCutPauseMs = 1_000
/** Longest pause before a container whose log could not be opened is tried again. */
const maxPauseMs = 30_000

/** Follows one container's log through all of its runs, by its files or through the API, until the container is gone. */
export class Follower {
  identity: Identity
  readonly streams: LogStreams
  readonly status: FollowStatus
  readonly #shared: Shared
  readonly #isNew: boolean
  readonly #stop = new AbortController()
  readonly #done: Promise<void>
  /** What list or events said last of the container's state, until it is acted upon. */
  #hint: RunState | undefined
  #wake: Deferred<void> = deferred()
  #isDestroyed = false
  readonly #settings = new LogSettings()
  readonly #api: ApiReading

  /** Starts at once. `isNew`: the container was created under our eyes, so its whole log is wanted, and short. */
  constructor(shared: Shared, identity: Identity, seen: { readonly isNew: boolean; readonly state: RunState }) {
    this.#shared = shared
    this.identity = identity
    this.#isNew = seen.isNew
    this.#hint = seen.state
    this.streams = this.#createStreams()
    this.status = new FollowStatus(shared.context)
    this.#api = new ApiReading(shared, {
      id: identity.id,
      streams: this.streams,
      settings: this.#settings,
      status: this.status,
      isNew: seen.isNew,
      learn: (inspected) => this.#learn(inspected),
    })
    this.#done = this.#run(this.#stop.signal)
  }

  /** Resolves when the container is gone and its last line taken, or after `close`; never rejects. */
  get done(): Promise<void> {
    return this.#done
  }

  /** Something has happened to the container: `running` if that is known to be its state now, otherwise the engine is asked. */
  wake(state?: 'running'): void {
    if (state) this.#hint = state
    this.#wake.resolve()
    this.#wake = deferred()
  }

  /** The engine says that the container was removed: once its log cannot be read any more, it never will be. */
  destroyed(): void {
    this.#isDestroyed = true
    this.wake()
  }

  /** The container may have run since its log was read: where it is at rest, the log is read again. */
  lookAgain(): void {
    if (this.status.state === 'ended') this.wake()
  }

  /** The container may have ended without an event that told us. */
  mayHaveEnded(): void {
    if (this.status.readsFiles) this.wake()
  }

  /** Closes the follow, which seems to have fallen silent for no reason, and opens another from the cursor. */
  reopen(): void {
    this.#api.reopen('stalled')
  }

  /** The engine's clock was set back: what came since then may have been taken for repeats. */
  clockSetBack(): void {
    if (this.#api.isAhead()) this.#api.reopen('clock')
  }

  /** The container's name or labels have changed: further lines carry the new ones. */
  rename(identity: Identity): void {
    if (isSameIdentity(this.identity, identity)) return
    this.identity = identity
    this.streams.stdout.rename(this.#originOf('stdout'))
    this.streams.stderr.rename(this.#originOf('stderr'))
  }

  /** Ends the follower; resolves when its descriptor is gone. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the follower is closing'))
    await this.#done
  }

  async #run(signal: AbortSignal): Promise<void> {
    const backOff = new BackOff({ firstMs: 200, maxMs: maxPauseMs })
    const ofCuts = new BackOff({ firstMs: 200, maxMs: maxCutPauseMs })
    const reset = () => {
      backOff.reset()
      ofCuts.reset()
    }
    for (;;) {
      const before = this.#place()
      const beganAtMs = performance.now()
      const wasSound = () => this.#place() !== before || performance.now() - beganAtMs > soundMs
      try {
        const wake = this.#wake.promise
        const end = await this.#readOnce(signal)
        if (end === 'gone') {
          this.#shared.context.log.debug({ container: this.identity.name }, 'a container is gone, and its log with it')
          const { context } = this.#shared
          if (this.#isDestroyed) context.markDestroyed(streamKeys(context.id, this.identity.id))
          return
        }
        if (end === 'rest') await abortable(wake, signal)
        // A follow of a running container that ends at once, without a line, would be opened and end for ever.
        else if (end === 'again' && !wasSound()) await backOff.wait(signal)
        if (end !== 'again' || wasSound()) reset()
      } catch (error) {
        if (signal.aborted) return
        if (wasSound()) reset()
        const pause = this.status.wasFollowed ? ofCuts : backOff
        this.#failed(error, pause.failures)
        try {
          await pause.wait(signal)
          await this.#shared.up(signal)
        } catch {
          return // Closed while waiting.
        }
      }
    }
  }

  /** Both streams' cursors as text: whether lines have come. */
  #place(): string {
    const { stdout, stderr } = this.streams
    return `${stdout.seconds} ${stdout.nanos} ${stdout.count} ${stderr.seconds} ${stderr.nanos} ${stderr.count}`
  }

  #failed(error: unknown, earlier: number): void {
    const { metrics, log, id } = this.#shared.context
    const reason = reasonOf(error)
    metrics.streamErrors.inc({ source: id, reason })
    const hint = error instanceof LogFileError ? { hint: error.hint } : {}
    const fields = { container: this.identity.name, reason, error: messageOf(error), ...hint }
    if (error instanceof Bug) log.error(fields, 'reading a container log failed on a broken invariant')
    else if (reason !== 'connection' && earlier === 0)
      log.warn(fields, 'reading a container log failed; it is tried again from the cursor')
    else log.debug(fields, 'reading a container log failed; it is tried again from the cursor')
  }

  /** One round: what the container is now, then its log as far as it goes. */
  async #readOnce(signal: AbortSignal): Promise<Round> {
    this.status.wasFollowed = false
    const state = this.#hint ?? (await this.#inspect(signal))
    this.#hint = undefined
    switch (state) {
      case 'gone':
        return 'gone'
      case 'created':
        this.status.state = 'ended'
        return 'rest'
      case 'running':
      case 'ended': {
        const round = await this.#readFiles(state, signal)
        if (round !== undefined) return round
        if (this.#shared.options.read === 'files') return this.#quarantine('it has no log file that can be read here')
        return this.#readByApi(state, signal)
      }
    }
  }

  async #inspect(signal: AbortSignal): Promise<RunState | 'gone'> {
    try {
      const inspected = await this.#shared.engine.inspect(this.identity.id, signal)
      this.#learn(inspected)
      // Between two runs `Running` stays true: a follow would end at once, again and again; the next start wakes us.
      const { Running: isRunning, Status: status } = inspected.State
      if (isRunning === true && status !== 'restarting') return 'running'
      return status === 'created' ? 'created' : 'ended'
    } catch (error) {
      if (error instanceof EngineStatusError && error.status === 404) return 'gone'
      throw error
    }
  }

  #learn(inspected: InspectedContainer): void {
    this.rename(identityOfInspected(inspected))
    this.#settings.learn(inspected)
  }

  /** Reads the container's log files until it is gone or at rest. @returns undefined when its log is not in such files */
  async #readFiles(state: 'running' | 'ended', signal: AbortSignal): Promise<Round | undefined> {
    using reading = this.#openFiles()
    if (reading === undefined) return undefined
    // What the terminal makes of line ends only inspect tells, once. The files are held by then, even if the container removes itself.
    let now: RunState | 'gone' = state
    if (!this.#settings.areKnown && (await this.#inspect(signal)) === 'gone') now = 'gone'
    this.status.opened(undefined)
    try {
      reading.start()
      for (;;) {
        const wake = this.#wake.promise
        await reading.toEnd(signal)
        if (now !== 'running') reading.finish()
        if (now === 'gone') return 'gone'
        if (now !== 'running') break
        this.status.state = 'following'
        await reading.until(wake, signal)
        now = this.#hint ?? (await this.#inspect(signal))
        this.#hint = undefined
      }
    } finally {
      this.status.closed(now === 'running' ? 'shutdown' : 'ended')
    }
    this.status.state = 'ended'
    return 'rest'
  }

  async #readByApi(state: 'running' | 'ended', signal: AbortSignal): Promise<Round> {
    const round = await (state === 'running' ? this.#api.readRunning(signal) : this.#api.readEnded(signal))
    return typeof round === 'string' ? round : this.#quarantine(round.unreadable)
  }

  /** Of whichever driver there are files. */
  #openFiles(): FileReading | undefined {
    const onActivity = () => this.status.active()
    const options = { streams: this.streams, format: this.#settings.format, onActivity }
    try {
      for (const log of this.#shared.logFilesOf(this.identity.id)) {
        const reading = FileReading.open(this.#shared, { ...options, ...log })
        if (reading) return reading
      }
      return undefined
    } catch (error) {
      // Tried again, where there is no other way.
      if (!(error instanceof LogFileError) || this.#shared.options.read === 'files') throw error
      this.#shared.filesRefused(error)
      return undefined
    }
  }

  #quarantine(reason: string): 'rest' {
    const { log, metrics, id } = this.#shared.context
    if (this.status.state !== 'unreadable') {
      metrics.streamErrors.inc({ source: id, reason: 'unreadable' })
      log.warn(
        { container: this.identity.name, reason },
        'the log of a container cannot be read; it is left alone until it starts again',
      )
    }
    this.status.state = 'unreadable'
    this.status.reason = reason
    return 'rest'
  }

  #createStreams(): LogStreams {
    const { context, clock } = this.#shared
    const prefix = keyPrefix(context.id, this.identity.id)
    const begin = this.#beginOf()
    const stream = (name: 'stdout' | 'stderr') =>
      new LineStream(this.#originOf(name), clock, context.cursorOf(`${prefix}${name}`, begin))
    return { stdout: stream('stdout'), stderr: stream('stderr') }
  }

  /** Where a sink begins that has no place in this container's log yet; undefined: at its first line. */
  #beginOf(): Cursor | undefined {
    if (this.#shared.options.from === 'beginning') return undefined
    if (this.#isNew) return firstPlace
    const now = this.#shared.clock.now()
    return { seconds: Math.floor(now), nanos: Math.floor((now % 1) * 1e9), count: 0 }
  }

  #originOf(stream: 'stdout' | 'stderr') {
    const host = this.#shared.engine.facts?.host ?? ''
    return originOf({ identity: this.identity, stream, sourceId: this.#shared.context.id, host })
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof FrameError) return 'frame'
  if (error instanceof ResponseError) return 'response'
  if (error instanceof EngineStatusError) return 'status'
  return error instanceof LogFileError ? 'log_file' : 'connection'
}
