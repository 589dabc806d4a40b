// Cost, for each that looks: one pass over two columns of a batch, and 1.5 µs for each line that is shown. Nothing where nobody looks.
import type { Batch } from '../batch/batch.ts'
import { lineFlags, visibleFlags } from '../batch/flags.ts'
import { linesWith } from '../batch/lines-with.ts'
import type { Origin } from '../batch/origin.ts'
import { formatTimestamp } from '../lib/timestamp.ts'
import { deferred, sleep } from '../lib/wait.ts'
import { matchesWildcard } from '../lib/wildcard.ts'

/** Which lines are wanted. Empty lists want all. */
export interface TailSelection {
  /** Names of containers, with `*` and `?`. */
  readonly container: readonly string[]
  readonly stream?: 'stdout' | 'stderr' | undefined
  /** Texts of which a line has to contain one. */
  readonly include: readonly string[]
  /** Texts of which a line must contain none. */
  readonly exclude: readonly string[]
}

/** A line for people, who do not read all of a long one. */
export interface TailLine {
  /** The component behind which it was seen. */
  readonly at: string
  /** RFC 3339, with nanoseconds. */
  readonly time: string
  readonly container: string
  readonly containerId: string
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
  /** Bytes of the line that are not in `text`. */
  readonly cutBytes?: number
  readonly flags?: string[]
}

export interface TailGroup {
  readonly lines: TailLine[]
  /** Lines that were not shown since the group before. */
  readonly skipped: number
}

/** Lines gather for so long: a group is made ten times a second at the most. */
const gatherMs = 100
/** In a group, and so waiting for a reader who does not come. */
const maxLines = 2_000
const maxTextBytes = 1 << 20
/** What is shown of one line. */
export const maxShownBytes = 16 * 1024
/** An empty group says that the other side is there. */
const quietMs = 15_000

/**
 * What one reader sees of the lines that pass. It takes copies of some, at most `maxLines` and `maxTextBytes` until the reader comes again,
 * and counts the others: a reader that is slow sees less, and the pipeline never waits for it.
 */
export class Tail implements Disposable {
  readonly #selection: TailSelection
  readonly #include: readonly Buffer[]
  readonly #exclude: readonly Buffer[]
  readonly #isWanted = new WeakMap<Origin, boolean>()
  readonly #closing = new AbortController()
  #some = deferred()
  #lines: TailLine[] = []
  #textBytes = 0
  #skipped = 0

  constructor(selection: TailSelection) {
    this.#selection = selection
    this.#include = selection.include.map((text) => Buffer.from(text))
    this.#exclude = selection.exclude.map((text) => Buffer.from(text))
  }

  /** Takes what is wanted of a batch that passes. */
  readonly take = (at: string, batch: Batch): void => {
    const wanted = batch.origins.map((origin) => this.#wants(origin))
    if (!wanted.includes(true)) return
    const isLeftOut = this.#isFull ? undefined : this.#leftOut(batch)
    const { origin, flags } = batch.columns
    for (let i = 0; i < batch.count; i++) {
      if (!wanted[origin[i]!]! || (flags[i]! & lineFlags.dropped) !== 0 || isLeftOut?.[i] === 1) continue
      if (this.#isFull) this.#skipped += 1
      else this.#add(lineOf(at, batch, i))
    }
    if (this.#lines.length > 0 || this.#skipped > 0) this.#some.resolve()
  }

  /** The next lines, a moment after the first of them has come; none after quiet seconds. Rejects when it is closed. */
  async next(): Promise<TailGroup> {
    const { signal } = this.#closing
    const quiet = new AbortController()
    const end = () => quiet.abort(signal.reason)
    signal.addEventListener('abort', end, { once: true })
    try {
      signal.throwIfAborted()
      const isSome = await Promise.race([
        this.#some.promise.then(() => true),
        sleep(quietMs, quiet.signal).then(() => false),
      ])
      if (isSome) await sleep(gatherMs, signal)
    } finally {
      signal.removeEventListener('abort', end)
      quiet.abort()
    }
    return this.#takeGroup()
  }

  [Symbol.dispose](): void {
    this.#closing.abort(new Error('nobody looks any more'))
    this.#lines = []
  }

  get #isFull(): boolean {
    return this.#lines.length >= maxLines || this.#textBytes >= maxTextBytes
  }

  #wants(origin: Origin): boolean {
    const known = this.#isWanted.get(origin)
    if (known !== undefined) return known
    const { container, stream } = this.#selection
    const isWanted =
      (stream === undefined || stream === origin.stream) &&
      (container.length === 0 || container.some((pattern) => matchesWildcard(pattern, origin.container.name)))
    this.#isWanted.set(origin, isWanted)
    return isWanted
  }

  /** 1 for lines whose text is not wanted; undefined where any is. */
  #leftOut(batch: Batch): Uint8Array | undefined {
    if (this.#include.length === 0 && this.#exclude.length === 0) return undefined
    const isLeftOut = this.#exclude.length === 0 ? new Uint8Array(batch.count) : linesWith(batch, this.#exclude)
    if (this.#include.length === 0) return isLeftOut
    const isIncluded = linesWith(batch, this.#include)
    for (let i = 0; i < batch.count; i++) if (isIncluded[i] === 0) isLeftOut[i] = 1
    return isLeftOut
  }

  #add(line: TailLine): void {
    this.#lines.push(line)
    this.#textBytes += line.text.length
  }

  #takeGroup(): TailGroup {
    const group = { lines: this.#lines, skipped: this.#skipped }
    this.#lines = []
    this.#textBytes = 0
    this.#skipped = 0
    this.#some = deferred()
    return group
  }
}

function lineOf(at: string, { bytes, columns, origins }: Batch, i: number): TailLine {
  const { container, stream } = origins[columns.origin[i]!]!
  const start = columns.start[i]!
  const end = columns.end[i]!
  const shownEnd = shownEndOf(bytes, start, end)
  const names = visibleFlags.filter(([bit]) => (columns.flags[i]! & bit) !== 0).map(([, name]) => name)
  return {
    at,
    time: formatTimestamp(columns.seconds[i]!, columns.nanos[i]!),
    container: container.name,
    containerId: container.id,
    stream,
    text: bytes.toString('utf8', start, shownEnd),
    ...(shownEnd < end ? { cutBytes: end - shownEnd } : {}),
    ...(names.length > 0 ? { flags: names } : {}),
  }
}

/** Not within a character of UTF-8, which has three bytes after its first at the most. */
function shownEndOf(bytes: Buffer, start: number, end: number): number {
  if (end - start <= maxShownBytes) return end
  const limit = start + maxShownBytes
  for (let back = 0; back < 4; back++) if ((bytes[limit - back]! & 0xc0) !== 0x80) return limit - back
  return limit
}
