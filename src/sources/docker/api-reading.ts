import type { InspectedContainer } from '../../engine/answers.ts'
import type { LogStreams } from '../../engine/log-streams.ts'
import { abortable, deferred, sleep } from '../../lib/wait.ts'
import type { FollowStatus } from './follow-status.ts'
import type { LogSettings } from './log-settings.ts'
import { openNotices } from './notices.ts'
import { type LogRead, type ReadEnd, type ReadFrom, readLog, refusal } from './read-log.ts'
import type { Shared } from './shared.ts'

/** How a round ended: the container is gone, at rest until something happens to it, to be read again, or to be read in its next turn. */
export type Round = 'gone' | 'rest' | 'again' | 'turn'
/** The engine does not give the log, and never will. */
export interface Unreadable {
  readonly unreadable: string
}

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
const maxLagSeconds = 10

/** Whose log is read, and what is known of it. */
export interface ApiReadingOptions {
  readonly id: string
  readonly streams: LogStreams
  readonly settings: LogSettings
  readonly status: FollowStatus
  /** The container began under our eyes: its log is short, and wanted whole. */
  readonly isNew: boolean
  readonly learn: (inspected: InspectedContainer) => void
}

/**
 * Reads one container's log through the engine's API. The only owner of the container's stream.
 * Every end of a follow, clean or not, is followed by a read from the cursor: a clean end is no promise that everything came.
 */
export class ApiReading {
  readonly #shared: Shared
  readonly #id: string
  readonly #streams: LogStreams
  readonly #settings: LogSettings
  readonly #status: FollowStatus
  readonly #isNew: boolean
  readonly #learn: ApiReadingOptions['learn']
  #closeReason: 'shutdown' | 'stalled' | 'lagging' | 'clock' | 'untrusted' = 'shutdown'
  #beforeStep: ReadFrom = { kind: 'beginning' }

  constructor(shared: Shared, { id, streams, settings, status, isNew, learn }: ApiReadingOptions) {
    this.#shared = shared
    this.#id = id
    this.#streams = streams
    this.#settings = settings
    this.#status = status
    this.#isNew = isNew
    this.#learn = learn
  }

  /** Closes the follow that is open; another will be opened from the cursor. */
  reopen(reason: 'stalled' | 'lagging' | 'clock'): void {
    this.#closeReason = reason
    void this.#status.stream?.close()
  }

  /** The log of a container that does not run, to its end. */
  async readEnded(signal: AbortSignal): Promise<Round | Unreadable> {
    const end = await this.#readToEnd(signal)
    if (end.kind === 'gone') return 'gone'
    if (end.kind === 'unreadable') return { unreadable: end.reason }
    if (end.kind === 'failed') throw end.error
    // The container does not run and the log was read to its end: what has no line feed will never get one.
    if (end.kind === 'complete') this.#finish(end)
    this.#status.state = 'ended'
    return 'rest'
  }

  /** The log of a container that runs, followed until it or the follow ends. */
  async readRunning(signal: AbortSignal): Promise<Round | Unreadable> {
    // An old container without a cursor: its log may be long, so it is read to its end before it is followed.
    if (!this.#hasCursor && !this.#isNew) await this.#catchUp({ kind: 'beginning' }, signal)
    const permit = this.#shared.follows.tryAcquire()
    if (!permit) return this.#readInTurn(signal)
    try {
      if (this.#shared.followSkipsFiles() && this.#settings.turnsOverFast === true)
        return await this.#readOnNotice(signal)
      return await this.#follow(signal)
    } finally {
      permit[Symbol.dispose]()
    }
  }

  async #readInTurn(signal: AbortSignal): Promise<Round | Unreadable> {
    this.#status.state = 'in_turns'
    const end = await this.#readToEnd(signal)
    if (end.kind === 'gone') return 'gone'
    if (end.kind === 'unreadable') return { unreadable: end.reason }
    await sleep(turnMs, signal)
    return 'turn'
  }

  async #follow(signal: AbortSignal): Promise<Round | Unreadable> {
    this.#closeReason = 'shutdown'
    const end = await this.#openFollow(signal)
    if (end.kind === 'unreadable') return { unreadable: end.reason }
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
  async #readOnNotice(signal: AbortSignal): Promise<Round | Unreadable> {
    let notice = deferred()
    const notices = { haveEnded: false }
    const onNotice = () => {
      this.#status.active()
      notice.resolve()
    }
    this.#closeReason = 'shutdown'
    let reason: string = 'gone'
    try {
      await using stream = await openNotices(this.#shared, this.#id, onNotice, signal)
      this.#status.opened(stream)
      void stream.ended.then(() => {
        notices.haveEnded = true
        notice.resolve()
      })
      for (;;) {
        const { haveEnded } = notices
        notice = deferred()
        const end = await this.#readToEnd(signal)
        if (end.kind === 'failed') throw end.error
        if (end.kind === 'unreadable') return { unreadable: end.reason }
        if (end.kind === 'gone') return 'gone'
        this.#status.state = 'following'
        reason = 'ended'
        if (haveEnded) return 'again'
        await abortable(notices.haveEnded ? Promise.resolve() : notice.promise, signal)
        await sleep(noticeMs, signal)
      }
    } catch (error) {
      const end = refusal(error)
      return end.kind === 'unreadable' ? { unreadable: end.reason } : 'gone'
    } finally {
      this.#status.closed(reason)
    }
  }

  /** Opens a follow that goes on exactly at the cursor, catching up first where it lies too far back. */
  async #openFollow(signal: AbortSignal): Promise<ReadEnd> {
    for (let attempt = 0; ; attempt++) {
      if (this.isAhead()) {
        const end = await this.#readPastStep(signal)
        if (end.kind !== 'complete') return end
      }
      const lines = this.#shared.windows()[attempt]
      const from: ReadFrom = !this.#hasCursor
        ? { kind: 'beginning' }
        : this.isAhead()
          ? this.#beforeStep
          : lines === undefined
            ? { kind: 'cursor' }
            : { kind: 'window', lines }
      const end = await this.#read({ follow: true, from }, signal)
      if (end.kind !== 'not_covered') return end
      if (this.isAhead()) continue
      const caughtUp = await this.#catchUp({ kind: 'cursor' }, signal)
      if (caughtUp.kind !== 'complete') return caughtUp
    }
  }

  /**
   * Reads to the end after the engine's clock was set back, when times do not tell what was taken: what stands behind the cursor's own line was
   * not. Where that line is gone everything that is left stood behind it. `#beforeStep` says how far back the line lies.
   */
  async #readPastStep(signal: AbortSignal): Promise<ReadEnd> {
    const { stdout, stderr } = this.#streams
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
    if (this.isAhead()) return this.#readPastStep(signal)
    const [lines] = this.#shared.windows()
    if (lines === undefined) return this.#catchUp({ kind: 'cursor' }, signal)
    const end = await this.#read({ follow: false, from: { kind: 'window', lines } }, signal)
    if (end.kind !== 'not_covered') return end
    return this.isAhead() ? this.#readPastStep(signal) : this.#catchUp({ kind: 'cursor' }, signal)
  }

  async #catchUp(from: ReadFrom, signal: AbortSignal): Promise<ReadEnd> {
    // A container that began under our eyes has a short log, and may be gone in a moment: it waits for nobody.
    if (this.#isNew && from.kind === 'beginning') return this.#read({ follow: false, from }, signal)
    using _permit = await this.#shared.catchUp.acquire(signal)
    this.#status.state = 'catching_up'
    const end = await this.#read({ follow: false, from }, signal)
    if (end.kind === 'failed') throw end.error
    return end
  }

  async #read(how: { follow: boolean; from: ReadFrom }, signal: AbortSignal): Promise<ReadEnd> {
    const read: LogRead = {
      ...how,
      id: this.#id,
      streams: this.#streams,
      ...(how.follow ? this.#precautions(signal) : {}),
    }
    let reason = 'failed'
    try {
      const end = await readLog(this.#shared, read, signal)
      reason = end.kind === 'complete' ? 'ended' : end.kind === 'closed' ? this.#closeReason : end.kind
      return end
    } finally {
      if (how.follow) this.#status.closed(reason)
    }
  }

  /** What a follow needs, and a bounded read, for which the engine opens all files at once, does not. */
  #precautions(signal: AbortSignal): Partial<LogRead> {
    let isUpToDate = false
    let newestSeconds = this.#newestSeconds()
    const onActivity = () => {
      this.#status.active()
      const seconds = this.#newestSeconds()
      if (seconds === newestSeconds) return
      newestSeconds = seconds
      const lag = this.#shared.clock.now() - seconds
      if (lag < maxLagSeconds / 2) isUpToDate = true
      else if (isUpToDate && lag > maxLagSeconds) this.reopen('lagging')
    }
    const mayResume = (heldBackMs: number) => {
      if (heldBackMs <= maxHeldBackMs) return true
      this.#closeReason = 'lagging'
      return false
    }
    const isUnknown = this.#shared.followSkipsFiles() && this.#settings.turnsOverFast === undefined
    return {
      onOpen: (stream) => this.#status.opened(stream),
      onActivity,
      mayResume,
      ...(isUnknown ? { isTrusted: this.#isTrusted(signal) } : {}),
    }
  }

  #newestSeconds(): number {
    return Math.max(this.#streams.stdout.seconds, this.#streams.stderr.seconds)
  }

  /** Whether a follow of this container's log passes over nothing. */
  async #isTrusted(signal: AbortSignal): Promise<boolean> {
    try {
      this.#learn(await this.#shared.engine.inspect(this.#id, signal))
    } catch {
      this.#shared.context.metrics.swallowedErrors.inc({ place: 'docker_inspect' })
      return true // What the matter is shows at the read itself.
    }
    if (this.#settings.turnsOverFast !== true) return true
    this.#closeReason = 'untrusted'
    return false
  }

  /** Makes lines of what the read has left without a line feed. */
  #finish(end: Extract<ReadEnd, { kind: 'complete' }>): void {
    if (!end.reader.isWithinLine) return
    end.reader.finish()
    this.#shared.linesRead(() => undefined)
  }

  get #hasCursor(): boolean {
    return this.#streams.stdout.hasCursor || this.#streams.stderr.hasCursor
  }

  /** Whether the cursors lie in the engine's future. */
  isAhead(): boolean {
    return this.#streams.stdout.isAhead || this.#streams.stderr.isAhead
  }
}
