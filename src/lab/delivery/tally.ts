import { deferred, type Deferred } from '../../lib/wait.ts'
import { findLines } from './line-text.ts'

interface OpenRun {
  /** Undefined: it still writes. */
  written: number | undefined
  readonly places: Set<number>
  readonly complete: Deferred<void>
}

export interface TallyCounts {
  readonly linesWritten: number
  readonly linesDelivered: number
  /** Those that have come before, and what nobody wrote. */
  readonly linesDoubled: number
  /** Runs of which lines are missing. */
  readonly incompleteRuns: number
  readonly linesMissing: number
}

/** Which lines of which run were written and have arrived, by their identity. A run that is complete is forgotten. */
export class Tally {
  readonly #lab: string
  readonly #open = new Map<number, OpenRun>()
  #linesWritten = 0
  #linesDelivered = 0
  #linesDoubled = 0

  /** Lines that do not carry the lab's name are none of its business. */
  constructor(lab: string) {
    this.#lab = lab
  }

  /** The run has begun. */
  expect(run: number): void {
    this.#open.set(run, { written: undefined, places: new Set(), complete: deferred() })
  }

  /** It has written so many lines, in places 1 to `lines`, and will write no more. */
  wrote(run: number, lines: number): void {
    const open = this.#open.get(run)
    if (open === undefined) return
    open.written = lines
    this.#linesWritten += lines
    this.#settle(run, open)
  }

  /** Resolves when every line of the run has arrived. */
  arrived(run: number): Promise<void> {
    return this.#open.get(run)?.complete.promise ?? Promise.resolve()
  }

  /** Takes every line of the lab that is in `text`. */
  takeFrom(text: string): void {
    findLines(text, this.#lab, (run, place) => this.take(run, place))
  }

  /** A line has come. */
  take(run: number, place: number): void {
    const open = this.#open.get(run)
    if (open === undefined || open.places.has(place) || place > (open.written ?? place)) {
      this.#linesDoubled += 1
      return
    }
    open.places.add(place)
    this.#linesDelivered += 1
    this.#settle(run, open)
  }

  counts(): TallyCounts {
    const incomplete = [...this.#open.values()].filter(({ written }) => written !== undefined)
    return {
      linesWritten: this.#linesWritten,
      linesDelivered: this.#linesDelivered,
      linesDoubled: this.#linesDoubled,
      incompleteRuns: incomplete.length,
      linesMissing: incomplete.reduce((sum, { written, places }) => sum + written! - places.size, 0),
    }
  }

  #settle(run: number, open: OpenRun): void {
    if (open.written === undefined || open.places.size < open.written) return
    this.#open.delete(run)
    open.complete.resolve()
  }
}
