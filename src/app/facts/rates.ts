/** Counts are as old as this at least when speeds are made of them. */
const shortestMs = 950
/** And at most as old: a mean over longer is no speed of now. */
const longestMs = 30_000
/** Between two readings that are kept. */
const keepEveryMs = 450

interface Reading {
  readonly atMs: number
  readonly counts: ReadonlyMap<string, number>
}

/** A count, and how fast it grows; null: not known yet. */
export interface MeasuredAmount {
  readonly total: number
  readonly perSecond: number | null
}

/** Speeds of counts that are read only when somebody asks: each of what was read about a second before, whoever asked then. */
export class Rates {
  readonly #nowMs: () => number
  #readings: Reading[] = []

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** Takes what the counts are now; the result gives a count, 0 where there is none, with its speed. */
  measure(counts: ReadonlyMap<string, number>): (key: string) => MeasuredAmount {
    const atMs = this.#nowMs()
    this.#readings = this.#readings.filter((reading) => atMs - reading.atMs <= longestMs)
    const base = this.#readings.findLast((reading) => atMs - reading.atMs >= shortestMs)
    this.#readings = this.#readings.filter((reading) => base === undefined || reading.atMs >= base.atMs)
    const last = this.#readings.at(-1)
    if (last === undefined || atMs - last.atMs >= keepEveryMs) this.#readings.push({ atMs, counts })
    return (key) => {
      const total = counts.get(key) ?? 0
      if (base === undefined) return { total, perSecond: null }
      // What is counted anew, after a reload perhaps, begins below.
      const grown = Math.max(0, total - (base.counts.get(key) ?? 0))
      return { total, perSecond: grown / ((atMs - base.atMs) / 1_000) }
    }
  }
}
