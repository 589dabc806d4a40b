import { copyFile, mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { compareCursors, type Cursor } from '../batch/cursor.ts'
import type { Progress } from '../batch/origin.ts'
import { replaceFile } from '../lib/atomic-file.ts'
import { BackOff } from '../lib/back-off.ts'
import { codeOf, messageOf } from '../lib/error.ts'
import { decodeRecords, encodeRecord } from '../lib/record-log.ts'
import { hasAborted, sleep } from '../lib/wait.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { unusable } from './data-dir-error.ts'

export interface CursorStoreOptions {
  /** Made if it is not there. */
  readonly folder: string
  readonly log: Log
  readonly metrics: Metrics
  /** Milliseconds since 1970; passed in by tests. */
  readonly now?: () => number
}

/**
 * From one flush to the next: a cursor that moves after a longer rest is written at once, so that a collector that is killed soon after its start has
 * not to send again what it sent.
 */
const flushMs = 200
/** Streams in one record: a broken record loses no more. */
const streamsPerRecord = 64
/** The journal is rewritten when it has grown to this, and to twice what it was after the last time. */
const compactAboveBytes = 1024 * 1024
/** Cursors of containers that are gone are kept so long: an engine may be away, or come back from a backup. */
const expiryMs = 7 * 24 * 3_600_000
/** Of them no more than so many for each sink, the latest: a host that starts ten containers a second leaves a million a day. */
const maxGone = 10_000
/** The cursors of a destroyed container are of use only while the last of its lines are on their way. */
const destroyedExpiryMs = 60_000
const expireEveryMs = 10_000

/** The first record of every journal: one of no bytes is known to be damaged. */
const header = { format: 'cursors 1' } as const

const record = z.object({
  sink: z.string(),
  /** key: [seconds, nanos, count, milliseconds since 1970 at which its container was gone, or 0, and of a log file: inode, offset] */
  cursors: z.record(z.string(), z.tuple([z.number(), z.number(), z.number(), z.number()]).rest(z.number())),
})

const journalEntry = z.union([record, z.object({ format: z.literal(header.format) })])

interface Position {
  cursor: Cursor
  /** Milliseconds since 1970 at which the stream's container was found gone; 0: it is there. */
  goneAtMs: number
  /** It was destroyed, so that it will not come back. */
  isDestroyed: boolean
}

/**
 * Where every sink stands in every stream, durably. A journal of records; the last one of a stream holds. Only what a sink has acknowledged
 * is ever written, so whatever part of the journal a crash leaves is true.
 */
export class CursorStore implements AsyncDisposable {
  readonly #options: CursorStoreOptions
  readonly #path: string
  readonly #positions = new Map<string, Map<string, Position>>()
  readonly #dirty = new Map<string, Set<string>>()
  readonly #closing = new AbortController()
  #expiredAtMs = 0
  #journalBytes = 0
  #compactedBytes = 0
  #mustCompact = false
  #isClosed = false
  /** The error of the last flush; undefined: it went well. */
  failure: string | undefined
  #flushing: Promise<void> = Promise.resolve()
  /** `performance.now()` after the last flush. */
  #flushedAtMs = Number.NEGATIVE_INFINITY
  #loop: Promise<void> | undefined

  private constructor(options: CursorStoreOptions) {
    this.#options = options
    this.#path = join(options.folder, 'journal')
  }

  /** Reads what is there. A broken journal loses its broken records only, and is set aside. @throws DataDirError when the folder cannot be used. */
  static async open(options: CursorStoreOptions): Promise<CursorStore> {
    const store = new CursorStore(options)
    try {
      await mkdir(options.folder, { recursive: true })
      await store.#load()
      await store.#compact()
    } catch (error) {
      throw unusable(options.folder, error)
    }
    return store
  }

  position(sink: string, key: string): Cursor | undefined {
    return this.#positions.get(sink)?.get(key)?.cursor
  }

  /** A sink has acknowledged everything up to these places. Taken as they are: after a step of the engine's clock a cursor may go back. */
  advance(sink: string, progress: readonly Progress[]): void {
    const positions = this.#of(sink)
    for (const { key, cursor } of progress) {
      const before = positions.get(key)
      // The last lines of a container may be acknowledged when it is destroyed: it does not come back with them.
      const isDestroyed = before?.isDestroyed ?? false
      positions.set(key, { cursor, goneAtMs: isDestroyed ? before!.goneAtMs : 0, isDestroyed })
      this.#touch(sink, key)
    }
  }

  /** A sink knows from its own records that it stands at these places; where it is behind the store, the store is right. */
  merge(sink: string, recovered: readonly Progress[]): void {
    const ahead = recovered.filter(({ key, cursor }) => {
      const known = this.position(sink, key)
      return known === undefined || compareCursors(cursor, known) > 0
    })
    this.advance(sink, ahead)
  }

  /** The keys of the streams in which the sink has a place. */
  keys(sink: string): Iterable<string> {
    return this.#of(sink).keys()
  }

  /** The sink's places under other keys: none, one or several for each. A key that has a place already keeps it. Durable with the next flush, as a whole. */
  rename(sink: string, keysOf: (key: string) => readonly string[]): void {
    const positions = this.#of(sink)
    for (const [key, position] of [...positions]) {
      const names = keysOf(key)
      if (names.length === 1 && names[0] === key) continue
      if (!names.includes(key)) positions.delete(key)
      for (const name of names) if (!positions.has(name)) positions.set(name, { ...position })
      // The journal does not know of places that are given up: it is written anew.
      this.#mustCompact = true
      this.#touch(sink, key)
    }
  }

  /** Marks the streams that begin with `keyPrefix` as there or gone; cursors of those gone for long expire. */
  markPresent(keyPrefix: string, isPresent: (key: string) => boolean): void {
    for (const [sink, positions] of this.#positions) {
      for (const [key, position] of positions) {
        if (!key.startsWith(keyPrefix) || isPresent(key) === (position.goneAtMs === 0)) continue
        if (position.isDestroyed) continue
        position.goneAtMs = position.goneAtMs === 0 ? this.#now() : 0
        this.#touch(sink, key)
      }
    }
    this.#expireNow()
  }

  /** Marks streams whose container is gone for good: their cursors expire within a minute or so. */
  markDestroyed(keys: readonly string[]): void {
    for (const positions of this.#positions.values()) {
      for (const key of keys) {
        const position = positions.get(key)
        if (position === undefined) continue
        position.goneAtMs = this.#now()
        position.isDestroyed = true
      }
    }
    this.#expireNow()
  }

  /** Resolves when everything that was known at the call is on disk. @throws when it cannot be written. */
  async flush(): Promise<void> {
    const next = this.#flushing.then(() => this.#write())
    this.#flushing = next.catch(() => undefined)
    await next
  }

  /** Writes what is left; resolves when nothing is open any more. @throws when it cannot be written. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#closing.abort(new Error('the cursor store is closing'))
    await this.#loop
    await this.flush()
  }

  #of(sink: string): Map<string, Position> {
    let positions = this.#positions.get(sink)
    if (!positions) {
      positions = new Map<string, Position>()
      this.#positions.set(sink, positions)
    }
    return positions
  }

  #touch(sink: string, key: string): void {
    let keys = this.#dirty.get(sink)
    if (!keys) this.#dirty.set(sink, (keys = new Set()))
    keys.add(key)
    this.#startLoop()
  }

  #startLoop(): void {
    this.#loop ??= this.#flushSoon().finally(() => {
      this.#loop = undefined
      if (this.#dirty.size > 0 && !this.#isClosed) this.#startLoop()
    })
  }

  /** Flushes until nothing is left to write, in groups; goes on trying while the disk is full or read-only. */
  async #flushSoon(): Promise<void> {
    const backOff = new BackOff({ firstMs: flushMs, maxMs: 10_000 })
    const { signal } = this.#closing
    while (this.#dirty.size > 0 && !signal.aborted) {
      try {
        const waitMs = this.failure === undefined ? this.#flushedAtMs + flushMs - performance.now() : backOff.next()
        if (waitMs > 0) await sleep(waitMs, signal)
        await this.flush()
        this.#flushedAtMs = performance.now()
        backOff.reset()
      } catch (error) {
        if (hasAborted(signal)) return
        this.#failed(error)
      }
    }
  }

  #failed(error: unknown): void {
    const { log, metrics } = this.#options
    metrics.cursorFlushErrors.inc()
    const message = messageOf(error)
    if (this.failure === undefined) {
      log.error(
        { path: this.#path, error: message },
        'cursors cannot be written; it is tried again, and a restart before it works repeats lines',
      )
    }
    this.failure = message
  }

  async #write(): Promise<void> {
    if (this.#dirty.size === 0) return
    const dirty = new Map(this.#dirty)
    this.#dirty.clear()
    try {
      if (this.#mustCompact || this.#journalBytes > Math.max(compactAboveBytes, 2 * this.#compactedBytes))
        await this.#compact()
      else await this.#append(this.#encode(dirty))
      if (this.failure !== undefined) this.#options.log.info({ path: this.#path }, 'cursors can be written again')
      this.failure = undefined
      this.#options.metrics.cursorFlushes.inc()
    } catch (error) {
      // The end of the journal may be torn now: the next write replaces all of it.
      this.#mustCompact = true
      for (const [sink, keys] of dirty) this.#dirty.set(sink, new Set([...keys, ...(this.#dirty.get(sink) ?? [])]))
      throw error
    }
  }

  async #append(text: string): Promise<void> {
    const file = await open(this.#path, 'a', 0o640)
    try {
      await file.appendFile(text)
      await file.datasync()
    } finally {
      await file.close()
    }
    this.#journalBytes += Buffer.byteLength(text)
  }

  async #compact(): Promise<void> {
    this.#expire()
    const all = new Map([...this.#positions].map(([sink, positions]) => [sink, new Set(positions.keys())]))
    const text = encodeRecord(header) + this.#encode(all)
    await replaceFile(this.#path, text)
    this.#journalBytes = Buffer.byteLength(text)
    this.#compactedBytes = this.#journalBytes
    this.#mustCompact = false
  }

  /** Looks through all cursors, unless it has just done so. */
  #expireNow(): void {
    if (this.#now() - this.#expiredAtMs >= expireEveryMs) this.#expire()
  }

  #expire(): void {
    const now = this.#now()
    this.#expiredAtMs = now
    for (const positions of this.#positions.values()) {
      const gone: [key: string, goneAtMs: number][] = []
      for (const [key, { goneAtMs, isDestroyed }] of positions) {
        if (goneAtMs === 0) continue
        if (now - goneAtMs > (isDestroyed ? destroyedExpiryMs : expiryMs)) positions.delete(key)
        else if (!isDestroyed) gone.push([key, goneAtMs])
      }
      if (gone.length <= maxGone) continue
      gone.sort(([, a], [, b]) => a - b)
      for (const [key] of gone.slice(0, gone.length - maxGone)) positions.delete(key)
    }
  }

  #encode(dirty: ReadonlyMap<string, ReadonlySet<string>>): string {
    let text = ''
    for (const [sink, keys] of dirty) {
      const positions = this.#of(sink)
      const all = [...keys]
      for (let at = 0; at < all.length; at += streamsPerRecord) {
        const cursors: z.input<typeof record>['cursors'] = {}
        for (const key of all.slice(at, at + streamsPerRecord)) {
          const position = positions.get(key)
          if (!position) continue
          const { seconds, nanos, count, place } = position.cursor
          cursors[key] = [seconds, nanos, count, position.goneAtMs, ...(place ? [place.inode, place.offset] : [])]
        }
        text += encodeRecord({ sink, cursors })
      }
    }
    return text
  }

  async #load(): Promise<void> {
    const { log } = this.#options
    let bytes: Buffer
    try {
      bytes = await readFile(this.#path)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return
      const aside = this.#asidePath()
      await rename(this.#path, aside)
      log.error(
        { path: this.#path, aside, error: messageOf(error) },
        'the cursors on disk cannot be read; they are set aside, and reading begins anew',
      )
      return
    }
    const { records, broken } = decodeRecords(bytes)
    let unknown = 0
    for (const value of records) {
      const parsed = journalEntry.safeParse(value)
      if (!parsed.success) unknown += 1
      else if ('sink' in parsed.data) this.#take(parsed.data)
    }
    if (broken + unknown === 0 && bytes.length > 0) return
    // A copy: until the journal is replaced by the good records, it is the only place that has them.
    const aside = this.#asidePath()
    await copyFile(this.#path, aside)
    log.error(
      { path: this.#path, brokenRecords: broken + unknown, goodRecords: records.length - unknown, aside },
      'the cursors on disk are damaged; what is readable is kept, streams whose cursor is lost are read again from their beginning',
    )
  }

  #take({ sink, cursors }: z.output<typeof record>): void {
    const positions = this.#of(sink)
    for (const [key, [seconds, nanos, count, goneAtMs, inode, offset]] of Object.entries(cursors)) {
      const place = inode === undefined || offset === undefined ? {} : { place: { inode, offset } }
      positions.set(key, { cursor: { seconds, nanos, count, ...place }, goneAtMs, isDestroyed: false })
    }
  }

  #asidePath(): string {
    return `${this.#path}.broken-${new Date(this.#now()).toISOString().replaceAll(/[-:.]/g, '')}`
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now()
  }
}
