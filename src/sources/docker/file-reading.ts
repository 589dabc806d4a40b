import { dirname } from 'node:path'
import { LogTail, type LogTailOptions, looksPerFile } from '../../log-file/log-tail.ts'
import type { Found, Scheduled } from '../../log-file/tail-schedule.ts'
import { messageOf } from '../../lib/error.ts'
import { abortable, type Deferred, deferred } from '../../lib/wait.ts'
import type { Shared } from './shared.ts'

const shortestIntervalMs = 2

export interface FileReadingOptions extends Pick<LogTailOptions, 'path' | 'driver' | 'streams' | 'format'> {
  onActivity(): void
}

/** Reads a container's log files whenever there is something in them and room behind. The only owner of their descriptors. */
export class FileReading implements Scheduled, Disposable {
  readonly folder: string
  readonly #shared: Shared
  readonly #options: FileReadingOptions
  readonly #tail: LogTail
  readonly #closing = new AbortController()
  /** Rejects when the files cannot be read any more; never resolves. */
  readonly #failed = deferred<never>()
  #end: Deferred<void> | undefined
  /** There is no room for more, or a compressed file is being read. */
  #isHeld = false

  private constructor(shared: Shared, options: FileReadingOptions) {
    this.#shared = shared
    this.#options = options
    this.folder = dirname(options.path)
    this.#failed.promise.catch(() => undefined)
    this.#tail = new LogTail({
      ...options,
      wanted: shared.options.streams,
      writer: shared.writer,
      onUnreadable: (error) =>
        shared.context.log.warn({ error: messageOf(error) }, 'a compressed log file was not read to its end'),
    })
  }

  /** Takes hold of the files there are, from the streams' places on; reading begins with `start`. @returns undefined when there are none. @throws LogFileError */
  static open(shared: Shared, options: FileReadingOptions): FileReading | undefined {
    const reading = new FileReading(shared, options)
    return reading.#tail.begin() ? reading : undefined
  }

  start(): void {
    this.#shared.tails.add(this)
  }

  get longestIntervalMs(): number {
    return Math.max(shortestIntervalMs, this.#tail.fileLastedMs / looksPerFile)
  }

  /** Resolves when everything has been read that is in the files now. @throws what reading failed with */
  async toEnd(signal: AbortSignal): Promise<void> {
    this.#end ??= deferred()
    this.#shared.tails.wake(this)
    await abortable(Promise.race([this.#end.promise, this.#failed.promise]), signal)
  }

  /** Resolves with `noticed`. @throws what reading failed with before that */
  async until(noticed: Promise<void>, signal: AbortSignal): Promise<void> {
    await abortable(Promise.race([noticed, this.#failed.promise]), signal)
  }

  /** The container does not run, and its log was read to the end: what has no line feed will never get one. */
  finish(): void {
    if (!this.#tail.isWithinLine) return
    this.#tail.finish()
    this.#shared.linesRead(() => undefined)
  }

  read(mustLook: boolean): Found {
    try {
      if (this.#isHeld) {
        this.#tail.look(mustLook)
        if (this.#tail.isAtRisk) this.#shared.context.output.hurry()
        return 'none'
      }
      return this.#read(mustLook || this.#end !== undefined)
    } catch (error) {
      this.#isHeld = true
      this.#failed.reject(error)
      return 'none'
    }
  }

  #read(mustLook: boolean): Found {
    const before = this.#tail.takenBytes
    const state = this.#tail.read(mustLook)
    if (state === 'compressed') {
      this.#isHeld = true
      void this.#readCompressed()
      return 'none'
    }
    const hasTaken = this.#tail.takenBytes !== before
    if (hasTaken) {
      this.#options.onActivity()
      if (!this.#shared.linesRead(() => this.#goOn())) this.#isHeld = true
    }
    if (state === 'end') {
      this.#end?.resolve()
      this.#end = undefined
    } else if (!this.#isHeld) return 'more'
    return hasTaken ? 'some' : 'none'
  }

  async #readCompressed(): Promise<void> {
    const room = async () => {
      this.#options.onActivity()
      const wait = deferred()
      if (!this.#shared.linesRead(() => wait.resolve())) await abortable(wait.promise, this.#closing.signal)
    }
    try {
      await this.#tail.readCompressed(room, this.#closing.signal)
      this.#goOn()
    } catch (error) {
      this.#failed.reject(error)
    }
  }

  #goOn(): void {
    this.#isHeld = false
    this.#shared.tails.wake(this)
  }

  [Symbol.dispose](): void {
    this.#closing.abort(new Error('the log files are being closed'))
    this.#shared.tails.remove(this)
    this.#tail[Symbol.dispose]()
  }
}
