import type { Cursor } from '../../batch/cursor.ts'
import type { InspectedContainer } from '../../engine/answers.ts'
import type { LogStreams } from '../../engine/log-streams.ts'
import { EngineStatusError, FrameError, ResponseError } from '../../engine/engine-error.ts'
import { LineStream } from '../../engine/line-stream.ts'
import type { ManagedStream } from '../../engine/managed-stream.ts'
import { LogFileError } from '../../log-file/log-file-error.ts'
import type { LogFormat } from '../../log-file/log-tail.ts'
import { BackOff } from '../../lib/back-off.ts'
import { Bug, messageOf } from '../../lib/error.ts'
import { type Deferred, abortable, deferred, sleep } from '../../lib/wait.ts'
import { type Identity, identityOfInspected, isSameIdentity, keyPrefix, originOf, streamKeys } from './container.ts'
import { FileReading } from './file-reading.ts'
import { openNotices } from './notices.ts'
import { type LogRead, type ReadEnd, type ReadFrom, readLog, refusal } from './read-log.ts'
import { maxFileBytes, turnsOverFast } from './rotation.ts'
import type { Shared } from './shared.ts'

/** How a round ended: the container is gone, at rest until something happens to it, to be read again, or to be read in its next turn. */
type Round = 'gone' | 'rest' | 'again' | 'turn'

/** What is being done with a container's log. */
export type FollowerState = 'starting' | 'catching_up' | 'following' | 'in_turns' | 'ended' | 'unreadable'

/** What a container is, as far as its log is concerned. */
export type RunState = 'created' | 'running' | 'ended'

/** Before every line. */
const firstPlace: Cursor = { seconds: 0, nanos: 0, count: 0 }
/** Pause between two reads of a container that finds no free follow. */
const turnMs = 5_000
/** Between hearing of lines and reading them, where the follow itself cannot be trusted: a file of 100 KB is full in 30 ms. */
const noticeMs = 20
/**
 * A follow that was held back for longer, or that lags by more once it was up to date, is closed, and reading goes on from the cursor: engines put a
 * reader that is behind into the newest file. Held back until its container had ended, a follow of 28.5 brought 5,535 of 20,000 lines and
 * then the last 26, while 1,400 could be read; 20.10 ended at line 853.
 */
const maxHeldBackMs = 1_000
/** A follow that stood for so long is no hopeless case, even if its container was quiet all the time: it is opened again at once. */
const soundMs = 5_000
/** Longest pause before a follow that the engine had opened, and somebody cut, is opened again: lines may be waiting, and their file may turn over. */
const maxCutPauseMs = 1_000
/** Longest pause before a container whose log could not be opened is tried again. */
const maxPauseMs = 30_000
const maxLagSeconds = 10

/**
 * Follows one container's log through all of its runs, until the container is gone. The only owner of the container's stream.
 * Every end of a follow, clean or not, is followed by a read from the cursor: a clean end is no promise that everything came.
 */
export class Follower {
  identity: Identity
  readonly streams: LogStreams
  state: FollowerState = 'starting'
  /** Why the log is not read, in `unreadable`. */
  reason = ''
  lastActivityMs = performance.now()
  readonly #shared: Shared
  readonly #isNew: boolean
  readonly #stop = new AbortController()
  readonly #done: Promise<void>
  /** What list or events said last of the container's state, until it is acted upon. */
  #hint: RunState | undefined
  #open: ManagedStream | undefined
  #wake: Deferred<void> = deferred()
  #closeReason: 'shutdown' | 'stalled' | 'lagging' | 'clock' | 'untrusted' = 'shutdown'
  /** Undefined: not known yet. */
  #turnsOverFast: boolean | undefined
  #isDestroyed = false
  /** The engine was asked once for what never changes: the terminal, and the settings of the log. */
  #hasLearned = false
  readonly #format: LogFormat = { isTty: false, maxFileBytes: Number.POSITIVE_INFINITY }
  #isOpen = false
  /** Whether this round's follow was opened by the engine. */
  #wasFollowed = false
  #beforeStep: ReadFrom = { kind: 'beginning' }

  /** Starts at once. `isNew`: the container was created under our eyes, so its whole log is wanted, and short. */
  constructor(shared: Shared, identity: Identity, seen: { readonly isNew: boolean; readonly state: RunState }) {
    this.#shared = shared
    this.identity = identity
    this.#isNew = seen.isNew
    this.#hint = seen.state
    this.streams = this.#createStreams()
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
    if (this.state === 'ended') this.wake()
  }

  /** Whether the log's files are read, and nobody needs to ask the engine for what they lack. */
  get readsFiles(): boolean {
    return this.#isOpen && this.#open === undefined
  }

  /** How the log is read at this moment; undefined: it is not. */
  get reader(): 'files' | 'api' | undefined {
    if (this.readsFiles) return 'files'
    return this.#isOpen || this.state === 'catching_up' || this.state === 'in_turns' ? 'api' : undefined
  }

  /** The container may have ended without an event that told us. */
  mayHaveEnded(): void {
    if (this.readsFiles) this.wake()
  }

  /** Closes the follow, which seems to have fallen silent for no reason, and opens another from the cursor. */
  reopen(): void {
    this.#reopen('stalled')
  }

  /** The engine's clock was set back: what came since then may have been taken for repeats. */
  clockSetBack(): void {
    if (this.#isAhead()) this.#reopen('clock')
  }

  #reopen(reason: 'stalled' | 'lagging' | 'clock'): void {
    this.#closeReason = reason
    void this.#open?.close()
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
        const pause = this.#wasFollowed ? ofCuts : backOff
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
    this.#wasFollowed = false
    const state = this.#hint ?? (await this.#inspect(signal))
    this.#hint = undefined
    switch (state) {
      case 'gone':
        return 'gone'
      case 'created':
        this.state = 'ended'
        return 'rest'
      case 'running':
      case 'ended': {
        const round = await this.#readFiles(state, signal)
        if (round !== undefined) return round
        if (this.#shared.options.read === 'files') return this.#quarantine('it has no log file that can be read here')
        return state === 'running' ? this.#readRunning(signal) : this.#readEnded(signal)
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
    this.#hasLearned = true
    this.#turnsOverFast = turnsOverFast(inspected)
    this.#format.isTty = inspected.Config.Tty === true
    this.#format.maxFileBytes = maxFileBytes(inspected)
  }

  /** Reads the container's log files until it is gone or at rest. @returns undefined when its log is not in such files */
  async #readFiles(state: 'running' | 'ended', signal: AbortSignal): Promise<Round | undefined> {
    using reading = this.#openFiles()
    if (reading === undefined) return undefined
    // What the terminal makes of line ends only inspect tells, once. The files are held by then, even if the container removes itself.
    let now: RunState | 'gone' = state
    if (!this.#hasLearned && (await this.#inspect(signal)) === 'gone') now = 'gone'
    this.#opened(undefined)
    try {
      reading.start()
      for (;;) {
        const wake = this.#wake.promise
        await reading.toEnd(signal)
        if (now !== 'running') reading.finish()
        if (now === 'gone') return 'gone'
        if (now !== 'running') break
        this.state = 'following'
        await reading.until(wake, signal)
        now = this.#hint ?? (await this.#inspect(signal))
        this.#hint = undefined
      }
    } finally {
      this.#closed(now === 'running' ? 'shutdown' : 'ended')
    }
    this.state = 'ended'
    return 'rest'
  }

  /** Of whichever driver there are files. */
  #openFiles(): FileReading | undefined {
    const onActivity = () => (this.lastActivityMs = performance.now())
    const options = { streams: this.streams, format: this.#format, onActivity }
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

  async #readEnded(signal: AbortSignal): Promise<'gone' | 'rest'> {
    const end = await this.#readToEnd(signal)
    if (end.kind === 'gone') return 'gone'
    if (end.kind === 'unreadable') return this.#quarantine(end.reason)
    if (end.kind === 'failed') throw end.error
    // The container does not run and the log was read to its end: what has no line feed will never get one.
    if (end.kind === 'complete') this.#finish(end)
    this.state = 'ended'
    return 'rest'
  }

  async #readRunning(signal: AbortSignal): Promise<Round> {
    // An old container without a cursor: its log may be long, so it is read to its end before it is followed.
    if (!this.#hasCursor && !this.#isNew) await this.#catchUp({ kind: 'beginning' }, signal)
    const permit = this.#shared.follows.tryAcquire()
    if (!permit) return this.#readInTurn(signal)
    try {
      if (this.#shared.followSkipsFiles() && this.#turnsOverFast === true) return await this.#readOnNotice(signal)
      return await this.#follow(signal)
    } finally {
      permit[Symbol.dispose]()
    }
  }

  async #readInTurn(signal: AbortSignal): Promise<Round> {
    this.state = 'in_turns'
    const end = await this.#readToEnd(signal)
    if (end.kind === 'gone') return 'gone'
    if (end.kind === 'unreadable') return this.#quarantine(end.reason)
    await sleep(turnMs, signal)
    return 'turn'
  }

  async #follow(signal: AbortSignal): Promise<Round> {
    this.#closeReason = 'shutdown'
    const end = await this.#openFollow(signal)
    if (end.kind === 'unreadable') return this.#quarantine(end.reason)
    if (end.kind === 'gone') return 'gone'
    if (end.kind === 'failed') throw end.error
    signal.throwIfAborted()
    if (end.kind !== 'complete') return 'again'
    // At once, before anything else: a container started with --rm is readable for milliseconds only.
    const rest = await this.#readToEnd(signal)
    if (rest.kind !== 'gone') return 'again'
    this.#finish(end)
    return 'gone'
  }

  /** Reads from the cursor to the end, again whenever a follow, which may pass over files, says that there are lines. Until it ends. */
  async #readOnNotice(signal: AbortSignal): Promise<Round> {
    let notice = deferred()
    const notices = { haveEnded: false }
    const onNotice = () => {
      this.lastActivityMs = performance.now()
      notice.resolve()
    }
    this.#closeReason = 'shutdown'
    let reason: string = 'gone'
    try {
      await using stream = await openNotices(this.#shared, this.identity.id, onNotice, signal)
      this.#opened(stream)
      void stream.ended.then(() => {
        notices.haveEnded = true
        notice.resolve()
      })
      for (;;) {
        const { haveEnded } = notices
        notice = deferred()
        const end = await this.#readToEnd(signal)
        if (end.kind === 'failed') throw end.error
        if (end.kind === 'unreadable') return this.#quarantine(end.reason)
        if (end.kind === 'gone') return 'gone'
        this.state = 'following'
        reason = 'ended'
        if (haveEnded) return 'again'
        await abortable(notices.haveEnded ? Promise.resolve() : notice.promise, signal)
        await sleep(noticeMs, signal)
      }
    } catch (error) {
      const end = refusal(error)
      return end.kind === 'unreadable' ? this.#quarantine(end.reason) : 'gone'
    } finally {
      this.#closed(reason)
    }
  }

  /** Opens a follow that goes on exactly at the cursor, catching up first where it lies too far back. */
  async #openFollow(signal: AbortSignal): Promise<ReadEnd> {
    for (let attempt = 0; ; attempt++) {
      if (this.#isAhead()) {
        const end = await this.#readPastStep(signal)
        if (end.kind !== 'complete') return end
      }
      const lines = this.#shared.windows()[attempt]
      const from: ReadFrom = !this.#hasCursor
        ? { kind: 'beginning' }
        : this.#isAhead()
          ? this.#beforeStep
          : lines === undefined
            ? { kind: 'cursor' }
            : { kind: 'window', lines }
      const end = await this.#read({ follow: true, from }, signal)
      if (end.kind !== 'not_covered') return end
      if (this.#isAhead()) continue
      const caughtUp = await this.#catchUp({ kind: 'cursor' }, signal)
      if (caughtUp.kind !== 'complete') return caughtUp
    }
  }

  /**
   * Reads to the end after the engine's clock was set back, when times do not tell what was taken: what stands behind the cursor's own line was
   * not. Where that line is gone everything that is left stood behind it. `#beforeStep` says how far back the line lies.
   */
  async #readPastStep(signal: AbortSignal): Promise<ReadEnd> {
    const { stdout, stderr } = this.streams
    const windows = this.#shared.windows().map((lines): ReadFrom => ({ kind: 'window', lines }))
    for (const from of [...windows, { kind: 'beginning' } as const]) {
      this.#beforeStep = from
      const end = await this.#read({ follow: false, from }, signal)
      if (end.kind === 'not_covered') continue
      if (end.kind !== 'complete' || !(stdout.isSeeking || stderr.isSeeking)) return end
    }
    for (const stream of [stdout, stderr]) if (stream.isSeeking) stream.forgetPlace()
    return this.#read({ follow: false, from: { kind: 'beginning' } }, signal)
  }

  /** Reads from the cursor to the end of the log as it is now. */
  async #readToEnd(signal: AbortSignal): Promise<ReadEnd> {
    if (!this.#hasCursor) return this.#catchUp({ kind: 'beginning' }, signal)
    if (this.#isAhead()) return this.#readPastStep(signal)
    const [lines] = this.#shared.windows()
    if (lines === undefined) return this.#catchUp({ kind: 'cursor' }, signal)
    const end = await this.#read({ follow: false, from: { kind: 'window', lines } }, signal)
    if (end.kind !== 'not_covered') return end
    return this.#isAhead() ? this.#readPastStep(signal) : this.#catchUp({ kind: 'cursor' }, signal)
  }

  async #catchUp(from: ReadFrom, signal: AbortSignal): Promise<ReadEnd> {
    // A container that began under our eyes has a short log, and may be gone in a moment: it waits for nobody.
    if (this.#isNew && from.kind === 'beginning') return this.#read({ follow: false, from }, signal)
    using _permit = await this.#shared.catchUp.acquire(signal)
    this.state = 'catching_up'
    const end = await this.#read({ follow: false, from }, signal)
    if (end.kind === 'failed') throw end.error
    return end
  }

  async #read(how: { follow: boolean; from: ReadFrom }, signal: AbortSignal): Promise<ReadEnd> {
    const read: LogRead = {
      ...how,
      id: this.identity.id,
      streams: this.streams,
      ...(how.follow ? this.#precautions(signal) : {}),
    }
    let reason = 'failed'
    try {
      const end = await readLog(this.#shared, read, signal)
      reason = end.kind === 'complete' ? 'ended' : end.kind === 'closed' ? this.#closeReason : end.kind
      return end
    } finally {
      if (how.follow) this.#closed(reason)
    }
  }

  /** What a follow needs, and a bounded read, for which the engine opens all files at once, does not. */
  #precautions(signal: AbortSignal): Partial<LogRead> {
    let isUpToDate = false
    let newestSeconds = this.#newestSeconds()
    const onActivity = () => {
      this.lastActivityMs = performance.now()
      const seconds = this.#newestSeconds()
      if (seconds === newestSeconds) return
      newestSeconds = seconds
      const lag = this.#shared.clock.now() - seconds
      if (lag < maxLagSeconds / 2) isUpToDate = true
      else if (isUpToDate && lag > maxLagSeconds) this.#reopen('lagging')
    }
    const mayResume = (heldBackMs: number) => {
      if (heldBackMs <= maxHeldBackMs) return true
      this.#closeReason = 'lagging'
      return false
    }
    const isUnknown = this.#shared.followSkipsFiles() && this.#turnsOverFast === undefined
    return {
      onOpen: (stream) => this.#opened(stream),
      onActivity,
      mayResume,
      ...(isUnknown ? { isTrusted: this.#isTrusted(signal) } : {}),
    }
  }

  #newestSeconds(): number {
    return Math.max(this.streams.stdout.seconds, this.streams.stderr.seconds)
  }

  /** Whether a follow of this container's log passes over nothing. */
  async #isTrusted(signal: AbortSignal): Promise<boolean> {
    try {
      this.#learn(await this.#shared.engine.inspect(this.identity.id, signal))
    } catch {
      this.#shared.context.metrics.swallowedErrors.inc({ place: 'docker_inspect' })
      return true // What the matter is shows at the read itself.
    }
    if (this.#turnsOverFast !== true) return true
    this.#closeReason = 'untrusted'
    return false
  }

  /** A follow is open, or, without a stream, the log's files. */
  #opened(stream: ManagedStream | undefined): void {
    const { metrics, id: source } = this.#shared.context
    this.#open = stream
    this.#isOpen = true
    this.#wasFollowed = stream !== undefined
    this.state = 'following'
    this.lastActivityMs = performance.now()
    metrics.streamsOpened.inc({ source })
    metrics.streamsActive.inc({ source })
  }

  #closed(reason: string): void {
    if (!this.#isOpen) return
    const { metrics, id: source } = this.#shared.context
    this.#open = undefined
    this.#isOpen = false
    metrics.streamsActive.dec({ source })
    metrics.streamsClosed.inc({ source, reason })
  }

  /** Makes lines of what the read has left without a line feed. */
  #finish(end: Extract<ReadEnd, { kind: 'complete' }>): void {
    if (!end.reader.isWithinLine) return
    end.reader.finish()
    this.#shared.linesRead(() => undefined)
  }

  #quarantine(reason: string): 'rest' {
    const { log, metrics, id } = this.#shared.context
    if (this.state !== 'unreadable') {
      metrics.streamErrors.inc({ source: id, reason: 'unreadable' })
      log.warn(
        { container: this.identity.name, reason },
        'the log of a container cannot be read; it is left alone until it starts again',
      )
    }
    this.state = 'unreadable'
    this.reason = reason
    return 'rest'
  }

  get #hasCursor(): boolean {
    return this.streams.stdout.hasCursor || this.streams.stderr.hasCursor
  }

  /** Whether the cursors lie in the engine's future. */
  #isAhead(): boolean {
    return this.streams.stdout.isAhead || this.streams.stderr.isAhead
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
