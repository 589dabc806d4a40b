import type { WatchReport } from './watch-report.ts'

/** How the collector is, in detail. */
export interface Health {
  /** `degraded`: it works, and something needs looking at. */
  readonly status: 'ok' | 'degraded' | 'not ready'
  readonly isReady: boolean
  /** Why it is not `ok`, a sentence each. */
  readonly reasons: readonly string[]
  readonly version: string
  readonly uptimeSeconds: number
  readonly sources: readonly {
    readonly id: string
    readonly isConnected: boolean
    readonly detail: string
    readonly streams: number
  }[]
  readonly sinks: readonly {
    readonly id: string
    readonly queuedBytes: number
    readonly queuedBatches: number
    readonly diskBytes: number
    readonly diskLines: number
    readonly lagSeconds: number
    readonly breaker: 'closed' | 'half_open' | 'open'
    readonly concurrency: number
    /** Why the last send has to be repeated; undefined: it has not. */
    readonly trouble: string | undefined
  }[]
  /** What it says of its own resources. A leak is told here, in the log and in the metrics, and makes nothing degraded: a probe that acts on it would restart what works. */
  readonly watch: WatchReport
}

/** Puts the parts together; `troubles` are what is wrong besides sources that are away and sinks that retry. */
export function judgeHealth(
  parts: Omit<Health, 'status' | 'isReady' | 'reasons'> & { readonly troubles: readonly string[] },
): Health {
  const { troubles, ...detail } = parts
  const away = detail.sources
    .filter(({ isConnected }) => !isConnected)
    .map(({ id, detail: why }) => `source "${id}" is not connected: ${why}`)
  const retrying = detail.sinks
    .filter(({ trouble }) => trouble !== undefined)
    .map(({ id, trouble }) => `sink "${id}" sends again: ${trouble!}`)
  const isReady = away.length === 0
  const reasons = [...away, ...retrying, ...troubles]
  return { status: !isReady ? 'not ready' : reasons.length > 0 ? 'degraded' : 'ok', isReady, reasons, ...detail }
}
