import type { Comparison } from './compare.ts'
import { KeyTable } from './key-table.ts'
import { hashText } from './line-columns.ts'
import type { StreamName, TruthStream } from './truth.ts'

/** A line that the collector gave up, and says so. */
export interface GivenUpLine {
  /** The container's name. */
  readonly container: string
  readonly stream: StreamName
  readonly seconds: number
  readonly nanos: number
  readonly text: Buffer
}

/** What a collector can tell of lines that a destination does not have. */
export interface CollectorRecords {
  /** Calls `onLine` for each line that is kept because the destination refused it. @returns why not all can be told; undefined: they are */
  eachGivenUp(onLine: (line: GivenUpLine, reason: string) => void): Promise<string | undefined>
  /** Lines that it lost without keeping which. */
  losses(): Promise<readonly string[]>
}

/** Reasons of missing lines, by the line. */
export class KnownLosses {
  /** What the collector tells besides, or why it cannot. */
  readonly notes: string[] = []
  readonly #lines = new KeyTable()
  /** By line: its index in `reasons`. */
  readonly #reasonOf: number[] = []
  readonly #reasons: string[] = []
  /** Containers and streams in the order of their numbers. */
  readonly #streams: string[] = []

  async read(records: CollectorRecords): Promise<void> {
    const facts = { seconds: 0, nanos: 0, ordinal: 0, high: 0, low: 0, flags: 0 }
    const refused = await records.eachGivenUp(({ container, stream, seconds, nanos, text }, reason) => {
      hashText(text, 0, text.length, facts)
      const place = numberOf(this.#streams, `${container}/${stream}`)
      this.#reasonOf[this.#lines.add(facts.high, (facts.low ^ place) >>> 0, seconds, nanos)] = numberOf(
        this.#reasons,
        reason,
      )
    })
    if (refused !== undefined) this.notes.push(`the collector's dead letters are unknown: ${refused}`)
    this.notes.push(...(await records.losses()))
  }

  /** Why a line of the truth is missing; undefined: nobody knows. */
  reasonOf({ container, stream, lines }: TruthStream, index: number, { behindGap }: Comparison): string | undefined {
    const place = this.#streams.indexOf(`${container.name}/${stream}`)
    const [high, low] = [lines.high[index]!, lines.low[index]!]
    const found =
      place < 0 ? -1 : this.#lines.find(high, (low ^ place) >>> 0, lines.seconds[index]!, lines.nanos[index]!)
    if (found >= 0) return this.#reasons[this.#reasonOf[found]!]
    return behindGap.has(index) ? 'the record after it says so: the engine no longer had it (gap_before)' : undefined
  }
}

function numberOf(names: string[], name: string): number {
  const found = names.indexOf(name)
  return found >= 0 ? found : names.push(name) - 1
}
