import type { TailFeed } from '../../api/v1/facts.ts'
import type { TailEvent } from '../../api/v1/schemas.ts'
import type { RecentWish } from '../../component/source.ts'
import { matchesWildcard } from '../../lib/wildcard.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { TailSelection } from '../../tail/line-selection.ts'
import { RecentLines } from '../../tail/recent-lines.ts'

/** Engines have so long; what has not come by then is said. */
const readMs = 10_000
/** So long a line that passes is held against those that were shown; a collector that is further behind shows them again. */
const forgetMs = 60_000
const maxLines = 2_000
/** Of containers that could not be read so many are named. */
const maxNotes = 10

export interface RecentOptions {
  readonly sources: Pick<Pipeline, 'recent'>
  readonly selection: TailSelection
  /** Of one source; undefined: of all. */
  readonly at: string | undefined
  readonly last: number
}

/** What was there, and then what passes in `live`, which is looked at from the beginning on: each line once. */
export class RecentFeed implements TailFeed {
  readonly #options: RecentOptions
  readonly #live: TailFeed
  readonly #recent: RecentLines
  readonly #closing = new AbortController()
  #events: TailEvent[] | undefined
  #forgetAtMs = 0

  constructor(options: RecentOptions, live: TailFeed) {
    this.#options = options
    this.#live = live
    this.#recent = new RecentLines(options.selection)
  }

  begin(): void {
    this.#live.begin()
  }

  async next(): Promise<TailEvent> {
    this.#events ??= await this.#read()
    const event = this.#events.shift()
    if (event) return event
    const { lines, skipped } = await this.#live.next()
    if (performance.now() > this.#forgetAtMs) this.#recent.forget()
    return { lines: lines.filter((line) => this.#recent.isNew(line)), skipped }
  }

  async #read(): Promise<TailEvent[]> {
    const { sources, at, last, selection } = this.#options
    const { container: patterns, stream } = selection
    const wish = (source: string): RecentWish => ({
      lines: last,
      stream,
      isWanted: (name) => patterns.length === 0 || patterns.some((pattern) => matchesWildcard(pattern, name)),
      take: (batch) => this.#recent.take(source, batch),
    })
    const timer = setTimeout(() => this.#closing.abort(new Error(`it took more than ${readMs / 1_000} s`)), readMs)
    const notes = await sources.recent(at, wish, this.#closing.signal).finally(() => clearTimeout(timer))
    this.#forgetAtMs = performance.now() + forgetMs
    const { lines, skipped } = this.#recent.end()
    const first = { lines: [], skipped, ...(notes.length > 0 ? { notes: shortened(notes) } : {}) }
    const events: TailEvent[] = [first]
    for (let from = 0; from < lines.length; from += maxLines)
      events.push({ lines: lines.slice(from, from + maxLines), skipped: 0 })
    return events
  }

  [Symbol.dispose](): void {
    this.#closing.abort(new Error('nobody looks any more'))
    this.#live[Symbol.dispose]()
  }
}

function shortened(notes: readonly string[]): string[] {
  if (notes.length <= maxNotes) return [...notes]
  return [...notes.slice(0, maxNotes), `and so it is with ${notes.length - maxNotes} more`]
}
