// Cost, for each that looks: one pass over two columns of a batch, and 1.7 µs for each line that is shown, its JSON included. Nothing where nobody looks.
import type { Batch } from '../batch/batch.ts'
import { lineFlags } from '../batch/flags.ts'
import { deferred, sleep } from '../lib/wait.ts'
import { LineSelection, type TailSelection } from './line-selection.ts'
import { lineOf, type TailLine } from './tail-line.ts'

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
  readonly #selection: LineSelection
  readonly #closing = new AbortController()
  #some = deferred()
  #lines: TailLine[] = []
  #textBytes = 0
  #skipped = 0

  constructor(selection: TailSelection) {
    this.#selection = new LineSelection(selection)
  }

  /** Takes what is wanted of a batch that passes. */
  readonly take = (at: string, batch: Batch): void => {
    const wanted = this.#selection.wantedOrigins(batch)
    if (!wanted.includes(true)) return
    const isLeftOut = this.#isFull ? undefined : this.#selection.leftOut(batch)
    const { origin, flags } = batch.columns
    for (let i = 0; i < batch.count; i++) {
      if (!wanted[origin[i]!]! || (flags[i]! & lineFlags.dropped) !== 0 || isLeftOut?.[i] === 1) continue
      if (this.#isFull) this.#skipped += 1
      else this.#add(lineOf(batch, i, { at, maxBytes: maxShownBytes }))
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
