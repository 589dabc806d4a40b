/**
 * Says when each log file is to be read. A quiet file costs nothing but a watch: its folder is watched by inotify. One that is written to often is looked at
 * at intervals instead, since every write is an event, and an event costs more than reading a hundred lines. Where files cannot be watched
 * (no inotify instance or watch left, a file system without it) they are looked at at intervals, too.
 */
import { type FSWatcher, watch } from 'node:fs'

/** What a read found: more to read at once, something, nothing. */
export type Found = 'more' | 'some' | 'none'

export interface Scheduled {
  /** The folder whose changes say that there is something to read. */
  readonly folder: string
  /** The longest time between two reads while much is written: a file that is renamed must be opened before it is removed. */
  readonly longestIntervalMs: number
  /** Reads a piece. `mustLook`: files may have been renamed. */
  read(mustLook: boolean): Found
}

/** From the first event to the read, at the most: what is written meanwhile is read with it. */
const noticeMs = 20
/** Between two reads of a file that much is written to. */
const busyIntervalMs = 50
/**
 * Both are longer where many files are read at a time, by so much for each, up to the longest: what a read of a line or two costs is the read itself, a
 * stream in a batch, one in a push and a place among the cursors. With 10,000 lines a second in all, ten files, a hundred and a thousand cost about the
 * same for each line then, and a line of the thousand waits a quarter of a second on average (`steady-10` and so on in docs/performance.md).
 */
const perFileMs = 1
const longestMs = 500
/** How many files are read at a time is what was read within this time: all of them, at the longest interval. */
const countMs = 1_500
/** Events for each read at intervals beyond which they are the dearer way; a file with no more of them than the least is watched in any case. */
const noticesPerRead = 0.5
const leastNotices = 2
/** Reads in a row that found nothing, until a file is watched again. */
const coolAfter = 8
/** Between two reads of a file that cannot be watched. */
const unwatchedMs = 250
/** Every file is read after this time, in case an event was lost: where the kernel's queue of them was full. At 5 s it was most of what a thousand quiet files cost. */
const sweepMs = 15_000

interface Entry {
  readonly file: Scheduled
  watcher: FSWatcher | undefined
  /** `performance.now()` of the next read; infinite: none is due. */
  dueAtMs: number
  readAtMs: number
  mustLook: boolean
  /** Events since `noticesSinceMs`. */
  notices: number
  noticesSinceMs: number
  /** Read at intervals rather than watched. */
  isBusy: boolean
  emptyReads: number
}

export interface TailScheduleOptions {
  /** Everything that was due has been read, and nothing more is to be read at once. */
  onRead(): void
  /** A folder cannot be watched; its files are read at intervals. */
  onUnwatched(folder: string, error: unknown): void
}

export class TailSchedule implements AsyncDisposable {
  readonly #options: TailScheduleOptions
  readonly #entries = new Map<Scheduled, Entry>()
  /** Entries that have a read due. */
  readonly #due = new Set<Entry>()
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #timerAtMs = Number.POSITIVE_INFINITY
  /** Files that had something to read, in the time before this one and in this one: what their interval follows from, so that it is the same for all. */
  #readBefore = 0
  readonly #read = new Set<Entry>()
  #countedAtMs = 0
  readonly #sweep: NodeJS.Timeout

  constructor(options: TailScheduleOptions) {
    this.#options = options
    this.#sweep = setInterval(() => this.#readNeglected(), sweepMs)
  }

  /** The file is read soon, and from then on whenever there may be something in it, until `remove`. */
  add(file: Scheduled): void {
    const entry: Entry = {
      file,
      watcher: undefined,
      dueAtMs: Number.POSITIVE_INFINITY,
      readAtMs: 0,
      mustLook: true,
      notices: 0,
      noticesSinceMs: 0,
      isBusy: false,
      emptyReads: 0,
    }
    this.#entries.set(file, entry)
    this.#watch(entry)
    this.#schedule(entry, 0)
  }

  /** The file is read as soon as possible: there is room again, or something is known to have happened to it. */
  wake(file: Scheduled): void {
    const entry = this.#entries.get(file)
    if (entry === undefined) return
    entry.mustLook = true
    this.#schedule(entry, 0)
  }

  remove(file: Scheduled): void {
    const entry = this.#entries.get(file)
    if (entry === undefined) return
    this.#entries.delete(file)
    this.#due.delete(entry)
    this.#read.delete(entry)
    entry.watcher?.close()
  }

  /** Nothing is read any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweep)
    clearTimeout(this.#timer)
    if (this.#immediate) clearImmediate(this.#immediate)
    for (const file of [...this.#entries.keys()]) this.remove(file)
  }

  #watch(entry: Entry): void {
    try {
      entry.watcher = watch(entry.file.folder, { persistent: false }, (event) => this.#noticed(entry, event))
      entry.watcher.on('error', (error) => this.#unwatched(entry, error))
      entry.isBusy = false
    } catch (error) {
      this.#unwatched(entry, error)
    }
  }

  #unwatched(entry: Entry, error: unknown): void {
    entry.watcher?.close()
    entry.watcher = undefined
    this.#options.onUnwatched(entry.file.folder, error)
    entry.isBusy = false
    this.#schedule(entry, unwatchedMs)
  }

  #noticed(entry: Entry, event: string): void {
    entry.notices += 1
    if (event === 'rename') {
      // Of files that are renamed fast, the next may be gone in a moment.
      entry.mustLook = true
      this.#schedule(entry, 0)
    } else if (entry.dueAtMs === Number.POSITIVE_INFINITY) this.#scheduleWithOthers(entry, noticeMs)
  }

  /**
   * Within the time, or longer where there are many, together with others: waking up costs more than to read ten files. Every file's reads are due at
   * multiples of the interval.
   */
  #scheduleWithOthers(entry: Entry, usualMs: number): void {
    const intervalMs = Math.min(Math.max(usualMs, this.#togetherMs), entry.file.longestIntervalMs)
    this.#schedule(entry, intervalMs - (performance.now() % intervalMs))
  }

  #schedule(entry: Entry, delayMs: number): void {
    const atMs = performance.now() + delayMs
    if (atMs >= entry.dueAtMs) return
    entry.dueAtMs = atMs
    this.#due.add(entry)
    this.#setTimer(atMs)
  }

  #setTimer(atMs: number): void {
    if (this.#immediate !== undefined || atMs >= this.#timerAtMs) return
    clearTimeout(this.#timer)
    const delayMs = atMs - performance.now()
    if (delayMs <= 0) {
      this.#timerAtMs = Number.POSITIVE_INFINITY
      this.#immediate = setImmediate(() => this.#run())
    } else {
      this.#timerAtMs = atMs
      this.#timer = setTimeout(() => this.#run(), delayMs)
    }
  }

  /** Reads what is due, one piece each, so that no file holds up the others. */
  #run(): void {
    this.#immediate = undefined
    clearTimeout(this.#timer)
    this.#timerAtMs = Number.POSITIVE_INFINITY
    const now = performance.now()
    const due = [...this.#due].filter(({ dueAtMs }) => dueAtMs <= now)
    this.#count(now)
    for (const entry of due) if (this.#entries.has(entry.file)) this.#readPiece(entry, now)
    let next = Number.POSITIVE_INFINITY
    for (const { dueAtMs } of this.#due) if (dueAtMs < next) next = dueAtMs
    if (next !== Number.POSITIVE_INFINITY) this.#setTimer(next)
    if (!this.#isToGoOn) this.#options.onRead()
  }

  /** There is something to be read at once. */
  get #isToGoOn(): boolean {
    return this.#immediate !== undefined
  }

  #count(now: number): void {
    if (now - this.#countedAtMs < countMs) return
    this.#readBefore = this.#read.size
    this.#read.clear()
    this.#countedAtMs = now
  }

  /** Between two reads of a file, where all that are read now are read together. */
  get #togetherMs(): number {
    return Math.min(longestMs, Math.max(this.#readBefore, this.#read.size) * perFileMs)
  }

  #readPiece(entry: Entry, now: number): void {
    entry.dueAtMs = Number.POSITIVE_INFINITY
    this.#due.delete(entry)
    entry.readAtMs = now
    const { mustLook } = entry
    entry.mustLook = false
    const found = entry.file.read(mustLook)
    if (found !== 'none') this.#read.add(entry)
    if (found === 'more') this.#schedule(entry, 0)
    else this.#rest(entry, found, now)
  }

  /** Nothing more to read at once: by which way to learn of more. */
  #rest(entry: Entry, found: 'some' | 'none', now: number): void {
    if (entry.isBusy) this.#restBusy(entry, found)
    else if (entry.watcher === undefined) this.#schedule(entry, unwatchedMs)
    else this.#restWatched(entry, entry.watcher, now)
  }

  #restBusy(entry: Entry, found: 'some' | 'none'): void {
    entry.emptyReads = found === 'none' ? entry.emptyReads + 1 : 0
    const isQuiet = entry.emptyReads >= coolAfter
    if (isQuiet) this.#watch(entry)
    // Once more after it is watched: what came in between has made no event.
    if (isQuiet) this.#schedule(entry, 0)
    else this.#scheduleWithOthers(entry, busyIntervalMs)
  }

  #restWatched(entry: Entry, watcher: FSWatcher, now: number): void {
    const passedMs = now - entry.noticesSinceMs
    const readsAtIntervals = Math.max(1_000, passedMs) / Math.max(busyIntervalMs, this.#togetherMs)
    if (entry.notices > Math.max(leastNotices, readsAtIntervals * noticesPerRead)) {
      watcher.close()
      entry.watcher = undefined
      entry.isBusy = true
      entry.emptyReads = 0
      this.#scheduleWithOthers(entry, busyIntervalMs)
    } else if (passedMs < 1_000) return
    entry.notices = 0
    entry.noticesSinceMs = now
  }

  #readNeglected(): void {
    const now = performance.now()
    for (const entry of this.#entries.values()) {
      if (now - entry.readAtMs < sweepMs || entry.dueAtMs !== Number.POSITIVE_INFINITY) continue
      entry.mustLook = true
      this.#schedule(entry, 0)
    }
  }
}
