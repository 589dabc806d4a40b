import { resolve } from 'node:path'
import type { Batch } from '../../batch/batch.ts'
import type { SendOutcome, Sink } from '../../component/sink.ts'
import { messageOf } from '../../lib/error.ts'
import { OwnedMap } from '../../lib/owned-map.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { openSink } from '../components.ts'
import type { CollectorConfig } from '../registries.ts'

interface OfflineOptions {
  readonly config: CollectorConfig
  readonly log: Log
  readonly metrics: Metrics
}

/** Sinks without a pipeline: each is opened when the first letter is for it. */
export class OfflineSinks implements AsyncDisposable {
  readonly #options: OfflineOptions
  readonly #opened = new OwnedMap<Sink>()

  constructor(options: OfflineOptions) {
    this.#options = options
  }

  /** Undefined: the configuration has no sink of this name. Rejects when the sink cannot be opened. */
  async send(id: string, batch: Batch, signal: AbortSignal): Promise<SendOutcome | undefined> {
    const sink = this.#opened.get(id) ?? (await this.#open(id, signal))
    try {
      return await sink?.send(batch, signal)
    } catch (error) {
      return { status: 'retry', reason: messageOf(error) }
    }
  }

  async #open(id: string, signal: AbortSignal): Promise<Sink | undefined> {
    const { config, log, metrics } = this.#options
    const wanted = config.sinks.find((sink) => sink.id === id)
    if (!wanted) return undefined
    return this.#opened.take(id, await openSink(wanted, { dataDir: resolve(config.dataDir), log, metrics, signal }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]()
  }
}
