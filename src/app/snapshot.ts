import type { WatchReport } from '../api/watch-report.ts'

/** The collector at one moment, for displays. Counts are totals since it was opened. */
export interface CollectorSnapshot {
  readonly linesIn: number
  readonly bytesIn: number
  /** Lines acknowledged, by sink. */
  readonly linesOut: Readonly<Record<string, number>>
  readonly queuedBytes: number
  /** Age of the oldest batch that a sink has not acknowledged. */
  readonly lagSeconds: number
  readonly streamsActive: number
  readonly streamsOpened: number
  readonly streamsClosed: number
  readonly poolActive: number
  readonly poolIdle: number
  /** What it says of its own resources. */
  readonly watch: WatchReport
  readonly engines: readonly { readonly id: string; readonly isConnected: boolean; readonly detail: string }[]
}
