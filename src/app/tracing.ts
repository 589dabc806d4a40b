import { hostname } from 'node:os'
import type { BatchTraces } from '../pipeline/batch-traces.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { OtlpExporter } from '../telemetry/traces/otlp-exporter.ts'
import type { CollectorConfig } from './registries.ts'
import { version } from './version.ts'

type Settings = CollectorConfig['telemetry']['traces']

/** Sends the traces of batches where the configuration says; loads and opens nothing where it says nothing. */
export class Tracing implements AsyncDisposable {
  readonly #traces: BatchTraces
  readonly #surroundings: { readonly log: Log; readonly metrics: Metrics }
  #exporter: OtlpExporter | undefined

  constructor(traces: BatchTraces, surroundings: { readonly log: Log; readonly metrics: Metrics }) {
    this.#traces = traces
    this.#surroundings = surroundings
  }

  /** What was gathered before goes where it was meant to go. */
  async apply(settings: Settings): Promise<void> {
    this.#traces.use(undefined)
    await this.#exporter?.[Symbol.asyncDispose]()
    this.#exporter = undefined
    if (settings === undefined) return
    const { OtlpExporter: Exporter } = await import('../telemetry/traces/otlp-exporter.ts')
    const { url, headers, one_in: oneIn, service_name: serviceName } = settings
    const resource = {
      ...{ 'service.name': serviceName, 'service.version': version },
      ...{ 'host.name': hostname(), 'process.pid': process.pid },
    }
    const exporter = new Exporter({ url, headers, producer: { resource, version }, ...this.#surroundings })
    this.#exporter = exporter
    this.#traces.use({ oneIn, onEnded: (spans) => exporter.add(spans) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.apply(undefined)
  }
}
