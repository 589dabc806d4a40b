import type { Health } from '../../api/health.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { RootLog } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { CollectorConfig } from '../registries.ts'
import type { Watch } from '../watch/watch.ts'

/** What the facts are taken from, as it is at the moment. */
export interface FactSources {
  readonly pipeline: Pipeline
  readonly metrics: Metrics
  readonly watch: Pick<Watch, 'report' | 'readings'>
  /** The configuration that is in force. */
  readonly config: () => CollectorConfig
  readonly health: () => Health
  readonly log: Pick<RootLog, 'recent'>
}
