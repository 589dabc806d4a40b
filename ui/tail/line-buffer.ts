import type { TailEvent, TailLine } from '../../src/api/v1/schemas.ts'
import { type Level, levelOf } from './level.ts'

/** A line, or a place where lines were skipped. */
export type Entry = LineEntry | SkipEntry

export interface LineEntry {
  readonly kind: 'line'
  readonly id: number
  readonly line: TailLine
  readonly level: Level
  /** A number for the colour of its container. */
  readonly hue: number
}

export interface SkipEntry {
  readonly kind: 'skip'
  readonly id: number
  count: number
}

/** Colours that are told apart; each container gets the next. */
const hues = 12

export type IsWanted = (entry: LineEntry) => boolean

/** Memory moves when so many more have come than are kept. */
const slack = 0.1

/** The newest entries, and those of them that are wanted. */
export class LineBuffer {
  /** Grows at its end; what is too old is taken out now and then. */
  shown: Entry[] = []
  /** Lines that have come in all, and that were skipped. */
  received = 0
  skipped = 0
  readonly #limit: number
  #all: Entry[] = []
  #isWanted: IsWanted
  #nextId = 1
  readonly #hues = new Map<string, number>()

  constructor(limit: number, isWanted: IsWanted = () => true) {
    this.#limit = limit
    this.#isWanted = isWanted
  }

  add({ lines, skipped }: TailEvent): void {
    for (const line of lines) {
      const hue = this.#hueOf(line.container)
      const entry: LineEntry = { kind: 'line', id: this.#nextId++, line, level: levelOf(line.text), hue }
      this.#all.push(entry)
      if (this.#isWanted(entry)) this.shown.push(entry)
    }
    this.received += lines.length
    if (skipped > 0) this.#skip(skipped)
    if (this.#all.length > this.#limit * (1 + slack)) this.#takeOut()
  }

  /** Other entries are wanted from now on. */
  want(isWanted: IsWanted): void {
    this.#isWanted = isWanted
    this.shown = this.#all.filter((entry) => entry.kind === 'skip' || isWanted(entry))
  }

  clear(): void {
    this.#all = []
    this.shown = []
  }

  #hueOf(container: string): number {
    let hue = this.#hues.get(container)
    if (hue === undefined) this.#hues.set(container, (hue = this.#hues.size % hues))
    return hue
  }

  #skip(count: number): void {
    this.skipped += count
    const last = this.#all.at(-1)
    // A reader that is slow for long is told so once.
    if (last?.kind === 'skip') {
      last.count += count
      return
    }
    const entry: SkipEntry = { kind: 'skip', id: this.#nextId++, count }
    this.#all.push(entry)
    this.shown.push(entry)
  }

  #takeOut(): void {
    this.#all = this.#all.slice(-this.#limit)
    const oldest = this.#all[0]!.id
    const from = this.shown.findIndex(({ id }) => id >= oldest)
    this.shown = from < 0 ? [] : this.shown.slice(from)
  }
}
