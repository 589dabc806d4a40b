import type { ContainerStatus, RecentWish, Source, SourceContext, SourceStatus } from '../../component/source.ts'
import { type EngineAddress, formatAddress } from '../../engine/address.ts'
import type { EngineEvent } from '../../engine/answers.ts'
import { Engine } from '../../engine/engine.ts'
import { EngineUnreachable } from '../../engine/engine-error.ts'
import { ConnectionLedger } from '../../engine/ledger.ts'
import { dockerPieces, podmanPieces } from '../../engine/line-writer.ts'
import type { EngineFacts } from '../../engine/negotiate.ts'
import type { DriverLog } from '../../log-file/log-driver.ts'
import { dockerDrivers } from '../../log-file/docker-drivers.ts'
import type { LogFileError } from '../../log-file/log-file-error.ts'
import { TailSchedule } from '../../log-file/tail-schedule.ts'
import { BackOff } from '../../lib/back-off.ts'
import { LogCapturerError, messageOf } from '../../lib/error.ts'
import { Owned } from '../../lib/owned.ts'
import { Semaphore } from '../../lib/semaphore.ts'
import { abortable, deferred, hasAborted, linkSignals, sleep } from '../../lib/wait.ts'
import { BatchOutput } from './batch-output.ts'
import { EventReader, eventFilters } from './events.ts'
import { logFolderOf } from './log-folder.ts'
import { ownContainerId } from './own-container.ts'
import { readRecent } from './recent.ts'
import { Reconciler } from './reconciler.ts'
import type { DockerOptions } from './schema.ts'
import type { Shared } from './shared.ts'

/** Reads that search a whole log, at the same time: each may take a core of the engine. */
const maxCatchUps = 4
/** Logs that are read at a time for people who look. */
const maxRecentReads = 2
/** Connections beyond the follows: events, catch-up, reads after an end, probes. */
export const spareConnections = 16
/**
 * Lines from the end that a read begins with. The first reach back to the cursor of a container that was followed until just now; the larger ones
 * are for those that write thousands of lines between a read and the next request. After the last one the log turns over faster than
 * it can be read: then the follow goes on from the cursor, whatever the engine still has.
 */
const dockerWindows = [128, 2_048, 32_768] as const
/** Podman 4.3 follows from where its file ends after the window was read: lines written in between are in neither (50 were lost). */
const podmanWindows = [] as const
/** The list is the truth, events are a hint: Docker keeps 256 of them for slow or absent readers. */
const relistMs = 60_000
const watchMs = 5_000
/** Of the engine's clock as we know it: its answers have whole seconds. */
const clockErrorSeconds = 2

/** Collects from one engine: connects, listens, lists, follows; again and again, whatever happens to the engine. */
export class DockerSource implements Source {
  readonly #context: SourceContext
  readonly #owned: Owned
  readonly #engine: Engine
  readonly #address: EngineAddress
  readonly #output: BatchOutput
  readonly #reconciler: Reconciler
  readonly #recentReads = new Semaphore(maxRecentReads)
  readonly #drivers = dockerDrivers()
  #facts: EngineFacts | undefined
  #outage = 'not connected yet'
  #isUp = false
  #hasWatchFailed = false
  #areFilesForbidden = false
  #hasRefusedFile = false
  #up = deferred()

  private constructor(parts: {
    options: DockerOptions
    context: SourceContext
    engine: Engine
    address: EngineAddress
    ownId: string | undefined
    owned: Owned
  }) {
    const { options, context, engine, address, ownId, owned } = parts
    this.#context = context
    this.#engine = engine
    this.#address = address
    this.#owned = owned
    const neverRepeats = () => this.#facts !== undefined && !this.#facts.isPodman && !this.#facts.followRepeats
    const clock = {
      now: () => Date.now() / 1000 + (this.#facts?.clockAheadSeconds ?? 0),
      isFine: false,
      get neverRepeats() {
        return neverRepeats()
      },
    }
    this.#output = owned.take(new BatchOutput(context, clock, options.max_line_bytes))
    const shared: Shared = {
      context,
      options,
      engine,
      clock,
      writer: this.#output.writer,
      tallies: this.#output.tallies,
      catchUp: new Semaphore(maxCatchUps),
      follows: new Semaphore(options.max_streams),
      pieceRules: () => (this.#facts?.isPodman === true ? podmanPieces : dockerPieces),
      windows: () => (this.#facts?.isPodman === true ? podmanWindows : dockerWindows),
      logFilesOf: (id) => this.#logFilesOf(options, id),
      filesRefused: (error) => this.#filesRefused(error),
      tails: owned.take(
        new TailSchedule({
          onRead: () => this.#output.flush(),
          onUnwatched: (folder, error) => this.#unwatched(folder, error),
        }),
      ),
      followSkipsFiles: () => this.#facts?.followSkipsFiles === true,
      up: async (signal) => {
        while (!this.#isUp) await abortable(this.#up.promise, signal)
      },
      linesRead: (resume) => this.#output.linesRead(resume),
    }
    this.#reconciler = owned.take(new Reconciler(shared, ownId))
  }

  static async open(options: DockerOptions, address: EngineAddress, context: SourceContext): Promise<DockerSource> {
    await using undo = new Owned()
    const ledger = new ConnectionLedger(context.metrics, context.id)
    const maxStreams = options.max_streams + spareConnections
    const engine = undo.take(new Engine({ address, ledger, maxStreams, idleTimeoutMs: options.keep_alive }))
    const ownId = await ownContainerId()
    return new DockerSource({ options, context, engine, address, ownId, owned: undo.move() })
  }

  status(): SourceStatus {
    const engine = this.#facts
    this.#reconciler.count()
    return {
      isConnected: this.#isUp,
      detail:
        this.#isUp && engine
          ? `${productOf(engine)} ${engine.version} (API ${engine.apiVersion}) at ${formatAddress(this.#address)}`
          : this.#outage,
      streams: this.#reconciler.following,
      engine: engine && {
        product: productOf(engine),
        version: engine.version,
        apiVersion: engine.apiVersion,
        address: formatAddress(this.#address),
      },
    }
  }

  containers(): readonly ContainerStatus[] {
    return this.#reconciler.containers()
  }

  async recent(wish: RecentWish, signal: AbortSignal): Promise<readonly string[]> {
    if (!this.#isUp) return [`the last lines could not be read: ${this.#outage}`]
    const { id: sourceId } = this.#context
    const reads = { sourceId, engine: this.#engine, containers: this.containers(), reads: this.#recentReads }
    return readRecent(reads, wish, signal)
  }

  async run(signal: AbortSignal): Promise<void> {
    const backOff = new BackOff({ firstMs: 250, maxMs: 15_000 })
    const watch = this.#watch(signal)
    while (!signal.aborted) {
      try {
        await this.#session(signal, () => backOff.reset())
      } catch (error) {
        if (hasAborted(signal)) break
        this.#lost(error, backOff.failures)
      }
      await backOff.wait(signal).catch(() => undefined)
    }
    this.#setUp(false)
    await watch
    await this.#reconciler[Symbol.asyncDispose]()
    this.#output.flush()
  }

  /** One connection to the engine: until its events end. */
  async #session(signal: AbortSignal, onConnected: () => void): Promise<void> {
    const facts = await this.#engine.connect(signal)
    this.#facts = facts
    // Events first, then the list: the other order has a hole between them.
    const reader = new EventReader((event) => this.#onEvent(event))
    const onBody = (bytes: Buffer, from: number, to: number) => {
      reader.feed(bytes, from, to)
      return true
    }
    await using events = await this.#engine.openEvents(eventFilters, { onBody, idleTimeoutMs: 0 }, signal)
    await this.#list(true, signal)
    onConnected()
    this.#context.log.info({ ...facts, address: formatAddress(this.#address) }, 'connected to the engine')
    this.#setUp(true)
    const ended = events.ended.then((end) => {
      if (end.kind === 'failed') throw end.error
      throw new EngineUnreachable('the engine ended its events')
    })
    await Promise.race([abortable(ended, signal), this.#relist(signal, events.ended)])
  }

  async #relist(signal: AbortSignal, ended: Promise<unknown>): Promise<void> {
    const stop = new AbortController()
    void ended.then(() => stop.abort(new Error('the events have ended')))
    using either = linkSignals(signal, stop.signal)
    for (;;) {
      await sleep(relistMs * (0.75 + Math.random() / 2), either.signal)
      await this.#list(false, either.signal)
    }
  }

  async #list(wasAway: boolean, signal: AbortSignal): Promise<void> {
    this.#reconciler.reconcile(await this.#engine.list(signal), wasAway, signal)
  }

  #onEvent(event: EngineEvent): void {
    this.#reconciler.onEvent(event)
  }

  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await sleep(watchMs, signal)
        if (!this.#isUp) continue
        await this.#watchClock(signal)
        await this.#reconciler.probeQuiet(signal)
      } catch (error) {
        if (hasAborted(signal)) return
        this.#context.metrics.swallowedErrors.inc({ place: 'docker_watchdog' })
        this.#context.log.debug(
          { error: messageOf(error) },
          'a probe of a quiet container log failed; the next one is due in seconds',
        )
      }
    }
  }

  /** A clock that is set back stamps new lines with times of old ones: until that is known they are taken for repeats. */
  async #watchClock(signal: AbortSignal): Promise<void> {
    const clockAheadSeconds = await this.#engine.measureClock(signal)
    if (this.#facts === undefined) return
    const step = clockAheadSeconds - this.#facts.clockAheadSeconds
    if (Math.abs(step) <= clockErrorSeconds) return
    this.#facts = { ...this.#facts, clockAheadSeconds }
    this.#context.log.warn({ seconds: Math.round(step) }, "the engine's clock was set")
    if (step < 0) this.#reconciler.clockSetBack()
  }

  #logFilesOf({ read }: DockerOptions, id: string): readonly DriverLog[] {
    const rootFolder = read === 'api' || this.#areFilesForbidden ? undefined : logFolderOf(this.#facts, this.#address)
    if (rootFolder === undefined) return []
    return this.#drivers.map((driver) => ({ driver, path: driver.pathOf(rootFolder, id) }))
  }

  #filesRefused(error: LogFileError): void {
    const { metrics, log } = this.#context
    metrics.swallowedErrors.inc({ place: 'docker_log_file' })
    if (!this.#hasRefusedFile)
      log.warn(
        { error: error.message, hint: error.hint },
        error.isForbidden
          ? 'log files cannot be read; logs are read through the engine instead'
          : 'a log file cannot be read now; what it holds is read through the engine instead',
      )
    this.#hasRefusedFile = true
    this.#areFilesForbidden ||= error.isForbidden
  }

  #unwatched(folder: string, error: unknown): void {
    const { metrics, log } = this.#context
    metrics.swallowedErrors.inc({ place: 'docker_watch_files' })
    if (!this.#hasWatchFailed)
      log.warn(
        {
          folder,
          error: messageOf(error),
          hint: 'raise fs.inotify.max_user_watches and fs.inotify.max_user_instances',
        },
        'changes of log files cannot be watched; they are looked at four times a second instead',
      )
    this.#hasWatchFailed = true
  }

  #lost(error: unknown, earlier: number): void {
    this.#outage = messageOf(error)
    const hint = error instanceof LogCapturerError && error.hint !== undefined ? { hint: error.hint } : {}
    const fields = { address: formatAddress(this.#address), error: this.#outage, ...hint }
    if (this.#isUp || earlier === 0)
      this.#context.log.warn(fields, 'the engine does not answer; it is tried again until it does')
    else this.#context.log.debug(fields, 'the engine still does not answer')
    this.#setUp(false)
  }

  #setUp(isUp: boolean): void {
    this.#context.metrics.engineUp.set({ source: this.#context.id }, isUp ? 1 : 0)
    if (isUp === this.#isUp) return
    this.#isUp = isUp
    if (isUp) this.#up.resolve()
    else this.#up = deferred()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]()
  }
}

function productOf({ isPodman }: EngineFacts): string {
  return isPodman ? 'Podman' : 'Docker'
}
