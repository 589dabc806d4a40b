import type { Overview } from '../../src/api/v1/schemas.ts'

/** Five minutes, a reading a second. */
const longest = 300

/** What the charts show: columns of equal length, times in seconds since 1970 first. */
export interface History {
  readonly times: number[]
  readonly linesIn: (number | null)[]
  readonly linesOut: (number | null)[]
  readonly lagSeconds: (number | null)[]
  readonly fill: (number | null)[]
  readonly descriptors: (number | null)[]
  readonly heapBytes: (number | null)[]
  /** Percent of a core. */
  readonly processor: (number | null)[]
}

export const emptyHistory: History = {
  times: [],
  linesIn: [],
  linesOut: [],
  lagSeconds: [],
  fill: [],
  descriptors: [],
  heapBytes: [],
  processor: [],
}

export function withReading(history: History, overview: Overview, nowMs: number): History {
  const { lines, lagSeconds, queue, process } = overview
  const cores = process.cpuSeconds.perSecond
  const add = <T>(column: readonly T[], value: T): T[] => [...column.slice(-(longest - 1)), value]
  return {
    times: add(history.times, nowMs / 1000),
    linesIn: add(history.linesIn, lines.in.perSecond),
    linesOut: add(history.linesOut, lines.out.perSecond),
    lagSeconds: add(history.lagSeconds, lagSeconds),
    fill: add(history.fill, queue.fill * 100),
    descriptors: add(history.descriptors, process.descriptors.open),
    heapBytes: add(history.heapBytes, process.heapBytes),
    processor: add(history.processor, cores === null ? null : cores * 100),
  }
}
