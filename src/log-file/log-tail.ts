/**
 * Reads the log files of one container from where its streams stand to their end, and goes on there, through every rotation. A file that was
 * renamed, or removed, while it is open can be read to its end: so every new file is opened as soon as it is seen.
 */
import type { LineStream } from '../engine/line-stream.ts'
import { hasLines, type LogStreams } from '../engine/log-streams.ts'
import type { LineWriter } from '../engine/line-writer.ts'
import { compareTimes } from '../lib/timestamp.ts'
import { findStart, firstTime, lastBegunBy } from './find-start.ts'
import { inodeOf, listFiles } from './list-files.ts'
import type { LogDriver } from './log-driver.ts'
import { inflatedBytes, LogFile } from './log-file.ts'
import { LogFileError } from './log-file-error.ts'
import { RecordReader } from './record-reader.ts'
import { maxRecords } from './record-scanner.ts'

/** There is more to read now; the end is reached; or a compressed file is next, for `readCompressed`. */
export type TailState = 'more' | 'end' | 'compressed'

/** What a container's settings say of its log. May be filled in between `begin` and the first `read`. */
export interface LogFormat {
  /** The container has a terminal: its lines end in CR LF. */
  isTty: boolean
  /** Size at which the engine begins a new file; infinite where it never does. */
  maxFileBytes: number
  /** The engine keeps one file only, and truncates it when it is full. */
  isOnlyFile: boolean
}

export interface LogTailOptions {
  /** The file that the engine writes to. */
  readonly path: string
  readonly streams: LogStreams
  /** Which of the streams are collected. */
  readonly wanted: readonly ('stdout' | 'stderr')[]
  readonly writer: LineWriter
  readonly driver: LogDriver
  readonly format: LogFormat
  /** A compressed file could not be read to its end. */
  onUnreadable(error: LogFileError): void
}

/** Files that are kept open although they were renamed or removed: they take room on the disk as long as they are. */
const maxOpenFiles = 16
/** Between two looks at whether there is a new file; and where the engine never begins one, but others may. */
const lookMs = 50
const rareLookMs = 1_000
/** Where files do not last long, so many looks while one is filled. */
export const looksPerFile = 8
/** Files are listed again when they were renamed in between. */
const listAttempts = 5
const empty = Buffer.alloc(0)
const noneTaken = { stdout: 0, stderr: 0 }

/** Where a stream goes on, if that lies behind where reading began. */
interface Ahead {
  readonly inode: number
  readonly offset: number
}
const nowhere: Ahead = { inode: 0, offset: 0 }

export class LogTail implements Disposable {
  readonly #options: LogTailOptions
  readonly #reader: RecordReader
  /** Files to read, the oldest first; the first is being read. */
  #queue: LogFile[] = []
  #ahead = { stdout: nowhere, stderr: nowhere }
  /** `performance.now()` of the last look for a new file. */
  #lookedAtMs = 0
  /** `performance.now()` when a new file was seen last. */
  #rotatedAtMs = Number.NEGATIVE_INFINITY
  /** How long the engine took last to fill a file; infinite as long as none was seen to be filled. */
  fileLastedMs = Number.POSITIVE_INFINITY

  /** Bytes of records that were taken so far. */
  takenBytes = 0

  constructor(options: LogTailOptions) {
    this.#options = options
    this.#reader = new RecordReader(options)
  }

  /** Whether a line has begun whose end has not come. */
  get isWithinLine(): boolean {
    return this.#reader.isWithinLine
  }

  /** Finds the place to go on at. @returns whether there is a file yet. @throws LogFileError when a file cannot be opened */
  begin(): boolean {
    const { streams, driver, writer } = this.#options
    this[Symbol.dispose]()
    const files = openFiles(this.#options.path)
    if (files.length === 0) return false
    const start = findStart(files, streams, driver)
    this.#keep(files, start.file)
    if (start.hasGap) writer.suspectGap()
    const { stdout, stderr } = streams
    this.#ahead = start.isExact
      ? { stdout: aheadOf(stdout), stderr: aheadOf(stderr) }
      : { stdout: nowhere, stderr: nowhere }
    stdout.beginFile(start.isExact)
    stderr.beginFile(start.isExact)
    this.#queue[0]!.moveTo(start.position)
    return true
  }

  /**
   * Takes up to a buffer of records. `mustLook`: look for a new file in any case.
   * @throws LogFileError, or an error of the file system
   */
  read(mustLook: boolean): TailState {
    const state = this.#readOnce(mustLook)
    const { stdout, stderr } = this.#options.streams
    if (state !== 'end' || !(stdout.isSeeking || stderr.isSeeking)) return state
    // The engine's clock was set back, and the cursor's own line is gone: all that is there came after it.
    for (const stream of [stdout, stderr]) if (stream.isSeeking) stream.forgetPlace()
    this.begin()
    return 'more'
  }

  /** Opens the files that are newer than those that are open, so that they can be read even if they are removed. @returns whether there are any */
  look(mustLook: boolean): boolean {
    const now = performance.now()
    const usualMs = Number.isFinite(this.#options.format.maxFileBytes) ? lookMs : rareLookMs
    if (!mustLook && now - this.#lookedAtMs < Math.min(usualMs, this.fileLastedMs / looksPerFile)) return false
    this.#lookedAtMs = now
    const newest = this.#queue.at(-1)
    const inode = inodeOf(this.#options.path)
    if (inode === undefined || inode === newest?.inode || this.#queue.length >= maxOpenFiles) return false
    const files = openFiles(this.#options.path)
    const known = files.findIndex((file) => file.inode === newest?.inode)
    const last = known < 0 ? this.#indexByTime(files, newest) : known
    if (last < 0 && hasLines(this.#options.streams)) this.#options.writer.suspectGap()
    const opened = this.#keep(files, last + 1)
    this.fileLastedMs = (now - this.#rotatedAtMs) / Math.max(1, opened)
    this.#rotatedAtMs = now
    return opened > 0
  }

  /** Whether what has not been read may be gone soon: with the only file that there is, or with files beyond those that can be kept open. */
  get isAtRisk(): boolean {
    const { maxFileBytes, isOnlyFile } = this.#options.format
    const [file] = this.#queue
    if (file === undefined) return false
    return this.#queue.length > maxOpenFiles / 2 || (isOnlyFile && file.size - file.position > maxFileBytes / 4)
  }

  /** Reads the compressed file that is next, in pieces, each when `room` resolves. */
  async readCompressed(room: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { writer } = this.#options
    const { scanner } = this.#options.driver
    const file = this.#queue[0]!
    let carry = empty
    try {
      for await (const chunk of file.decompress(signal)) {
        carry.copy(scanner.input)
        const to = carry.length + chunk.copy(scanner.input, carry.length)
        let from = 0
        for (let count = maxRecords; count === maxRecords; ) {
          count = scanner.scan(from, to)
          this.#reader.take(scanner, count, { inode: 0, base: 0, taken: noneTaken })
          if (count > 0) from = scanner.records.next[count - 1]!
        }
        carry = Buffer.from(scanner.input.subarray(from, to))
        if (carry.length > scanner.input.length - inflatedBytes) carry = empty
        await room()
      }
      if (carry.length > 0) writer.suspectGap()
    } catch (error) {
      signal.throwIfAborted()
      // Removed by the engine in the meantime, or damaged: nothing of it is to be had any more.
      writer.suspectGap()
      this.#options.onUnreadable(new LogFileError(file.path, error))
    }
    file[Symbol.dispose]()
    this.#queue.shift()
  }

  /** The log is at rest: what has no line feed is a line, too. */
  finish(): void {
    this.#reader.finish()
  }

  [Symbol.dispose](): void {
    for (const file of this.#queue) file[Symbol.dispose]()
    this.#queue = []
  }

  #readOnce(mustLook: boolean): TailState {
    const [file] = this.#queue
    if (file === undefined) return this.look(true) ? 'more' : 'end'
    if (file.isCompressed) return 'compressed'
    const { scanner } = this.#options.driver
    const found = file.read(scanner.input)
    if (found === undefined) return this.#startOver(file)
    const { from, to } = found
    const count = scanner.scan(from, to)
    if (count > 0) {
      this.#take(file, count, from)
      if (count === maxRecords || to === scanner.input.length) return 'more'
      return this.look(mustLook) || this.#queue.length > 1 ? 'more' : 'end'
    }
    if (to === scanner.input.length) {
      // No record is as long as that.
      this.#options.writer.suspectGap()
      this.#advance(file, from, to)
      return 'more'
    }
    this.look(mustLook)
    return this.#finishFile(file, to > from)
  }

  #take(file: LogFile, count: number, from: number): void {
    const { scanner } = this.#options.driver
    const taken = { stdout: this.#takenIn(file, this.#ahead.stdout), stderr: this.#takenIn(file, this.#ahead.stderr) }
    this.#reader.take(scanner, count, { inode: file.inode, base: file.position - from, taken })
    const to = scanner.records.next[count - 1]!
    this.#advance(file, from, to)
    this.takenBytes += to - from
  }

  #advance(file: LogFile, from: number, to: number): void {
    const { driver } = this.#options
    const { input } = driver.scanner
    file.advance(input, from, to, driver.proofBytes(input, to))
  }

  /** Up to where the file's records of a stream were taken before reading began. */
  #takenIn(file: LogFile, { inode, offset }: Ahead): number {
    if (inode === file.inode) return offset
    return this.#isQueued(inode) ? Number.POSITIVE_INFINITY : 0
  }

  /** What stood before the place is gone: the file was truncated, as the engine does where it keeps one file only. */
  #startOver(file: LogFile): TailState {
    // The engine truncates a file that is full: then what was in it had been read, or not all of it.
    if (file.position < this.#options.format.maxFileBytes) this.#options.writer.suspectGap()
    this.#ahead = { stdout: nowhere, stderr: nowhere }
    file.moveTo(0)
    return 'more'
  }

  /** The first file has been read to its end: goes on with the next, if it is certain that nothing more will be written to this one. */
  #finishFile(file: LogFile, hasRest: boolean): TailState {
    const next = this.#queue[1]
    // Whoever renamed it may still have it open, until the new file has something in it.
    if (next === undefined || (this.#queue.length === 2 && next.size === 0)) return 'end'
    if (hasRest) this.#options.writer.suspectGap()
    // Once it is closed and removed, another file may get its inode.
    if (this.#ahead.stdout.inode === file.inode) this.#ahead = { ...this.#ahead, stdout: nowhere }
    if (this.#ahead.stderr.inode === file.inode) this.#ahead = { ...this.#ahead, stderr: nowhere }
    file[Symbol.dispose]()
    this.#queue.shift()
    return 'more'
  }

  /** Index of the file that `newest` is, where its inode does not tell: it may have been compressed. -1: it was removed, and all there are came after it. */
  #indexByTime(files: readonly LogFile[], newest: LogFile | undefined): number {
    const { streams, driver } = this.#options
    const { scanner } = driver
    const first = newest && firstTime(newest, scanner)
    if (first) return lastBegunBy(files, first, scanner)
    const [, latest] = [streams.stdout, streams.stderr].sort(compareTimes)
    return hasLines(streams) ? lastBegunBy(files, latest!, scanner) : -1
  }

  /** Puts the files from `first` on at the end of the queue, unless they are in it, and closes the others. @returns how many */
  #keep(files: readonly LogFile[], first: number): number {
    const before = this.#queue.length
    for (const [i, file] of files.entries()) {
      if (i >= first && !this.#isQueued(file.inode)) this.#queue.push(file)
      else file[Symbol.dispose]()
    }
    return this.#queue.length - before
  }

  #isQueued(inode: number): boolean {
    return this.#queue.some((file) => file.inode === inode)
  }
}

function aheadOf(stream: LineStream): Ahead {
  return stream.hasCursor ? { inode: stream.inode, offset: stream.offset } : nowhere
}

/** The log's files, open, the oldest first. @throws LogFileError where one cannot be opened: then none stays open */
function openFiles(path: string): LogFile[] {
  for (let attempt = 1; ; attempt++) {
    const files: (LogFile | undefined)[] = []
    try {
      for (const name of listFiles(path)) files.push(LogFile.open(name))
      if (areStill(files, listFiles(path)) || attempt === listAttempts)
        return files.filter((file) => file !== undefined)
    } catch (error) {
      for (const file of files) file?.[Symbol.dispose]()
      throw error
    }
    for (const file of files) file?.[Symbol.dispose]()
  }
}

/** Whether none was renamed or removed between being listed and being opened: else the order is not known. */
function areStill(files: readonly (LogFile | undefined)[], names: readonly string[]): boolean {
  return files.length === names.length && files.every((file, i) => file?.inode === inodeOf(names[i]!))
}
