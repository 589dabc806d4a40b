/** What one run of a row gives: a figure each, by its unit. */
export type Unit =
  | 'CPU s / 1M lines'
  | 'engine CPU s / 1M lines'
  | 'lines/s'
  | 'peak MB'
  | 'resident MB'
  | 'latency p50 ms'
  | 'latency p99 ms'
  | '% of a core'
  | 'first line ms'
  | 'heap MB/h'
  | 'resident MB/h'

export type Figures = Partial<Record<Unit, number>>

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly runs: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: quantile(sorted, 0.5), min: sorted[0]!, max: sorted.at(-1)!, runs: sorted.length }
}

/** Of sorted values, the one that `share` of them do not exceed; in the middle of two neighbours their mean. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1)
  return (sorted[Math.floor(place)]! + sorted[Math.ceil(place)]!) / 2
}
