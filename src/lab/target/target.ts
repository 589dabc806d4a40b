import type { ProbeClient } from '../probe/probe-client.ts'

/** A program that is looked at while it works. */
export interface Target extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  /** It lets go of what it keeps for later within so long; 0: that is not known. */
  readonly longestTimerMs: number
  /** Where it tells its metrics in Prometheus' format; undefined: nowhere. */
  readonly metricsUrl: string | undefined
  /** Reads what cannot be seen from outside; only in a program of ours. */
  readonly probe: ProbeClient | undefined
  /** Resolves when it collects. */
  ready(signal: AbortSignal): Promise<void>
  /** How it ended; undefined: it runs. */
  ended(): string | undefined
}
