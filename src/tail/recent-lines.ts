import type { Batch } from '../batch/batch.ts'
import { lineFlags } from '../batch/flags.ts'
import { LineSelection, type TailSelection } from './line-selection.ts'
import { maxShownBytes } from './tail.ts'
import { lineOf, type TailLine } from './tail-line.ts'

/** What is kept of all containers together, the latest: whoever looks at hundreds of them at once reads no more. */
const maxLines = 10_000
const maxTextBytes = 8 << 20

/** Lines that were there before somebody began to look, to be shown before those that pass; and what of these was among them already. */
export class RecentLines {
  readonly #selection: LineSelection
  #lines: TailLine[] = []
  #textBytes = 0
  #skipped = 0
  /** How often each was shown that has not passed since. */
  readonly #shown = new Map<string, number>()
  /** The time of the first that was shown of each container. */
  readonly #firstTimes = new Map<string, string>()

  constructor(selection: TailSelection) {
    this.#selection = new LineSelection(selection)
  }

  /** Takes what is wanted of a batch; the batch stays the caller's. */
  take(at: string, batch: Batch): void {
    const wanted = this.#selection.wantedOrigins(batch)
    const isLeftOut = this.#selection.leftOut(batch)
    const { origin, flags } = batch.columns
    for (let i = 0; i < batch.count; i++) {
      if (!wanted[origin[i]!]! || (flags[i]! & lineFlags.dropped) !== 0 || isLeftOut?.[i] === 1) continue
      const line = lineOf(batch, i, { at, maxBytes: maxShownBytes })
      this.#lines.push(line)
      this.#textBytes += line.text.length
    }
    if (this.#lines.length > 2 * maxLines || this.#textBytes > 2 * maxTextBytes) this.#trim()
  }

  /** All of them in the order of their times, and how many had no room. Afterwards `isNew` knows them. */
  end(): { readonly lines: readonly TailLine[]; readonly skipped: number } {
    this.#trim()
    const lines = this.#lines
    this.#lines = []
    for (const line of lines) {
      this.#shown.set(nameOf(line), (this.#shown.get(nameOf(line)) ?? 0) + 1)
      if (!this.#firstTimes.has(line.containerId)) this.#firstTimes.set(line.containerId, line.time)
    }
    return { lines, skipped: this.#skipped }
  }

  /** Whether a line that passes was not among them, nor lies before them: what was asked for was the last ones. Each was read once by us, and passes once. */
  isNew(line: NamedLine): boolean {
    const first = this.#firstTimes.get(line.containerId)
    if (first === undefined) return true
    if (line.time < first) return false
    const name = nameOf(line)
    const times = this.#shown.get(name)
    if (times === undefined) return true
    if (times > 1) this.#shown.set(name, times - 1)
    else this.#shown.delete(name)
    return false
  }

  /** What was read long ago does not pass any more. */
  forget(): void {
    this.#shown.clear()
    this.#firstTimes.clear()
  }

  #trim(): void {
    // Stable: lines of one time stay in the order of their log.
    this.#lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    let from = this.#lines.length
    let bytes = 0
    while (from > 0 && this.#lines.length - from < maxLines && bytes <= maxTextBytes) {
      from -= 1
      bytes += this.#lines[from]!.text.length
    }
    this.#skipped += from
    this.#lines = this.#lines.slice(from)
    this.#textBytes = bytes
  }
}

/** What a line is known by. */
type NamedLine = Pick<TailLine, 'containerId' | 'stream' | 'time' | 'text'>

function nameOf({ containerId, stream, time, text }: NamedLine): string {
  return `${containerId} ${stream} ${time} ${text}`
}
