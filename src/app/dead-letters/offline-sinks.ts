import { resolve } from 'node:path'
import type { Batch } from '../../batch/batch.ts'
import type { SendOutcome, Sink } from '../../component/sink.ts'
import { messageOf } from '../../lib/error.ts'
import { Owned } from '../../lib/owned.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { openSinks } from '../components.ts'
import type { CollectorConfig } from '../registries.ts'

interface OfflineOptions {
  readonly config: CollectorConfig
  readonly log: Log
  readonly metrics: Metrics
}

/** Sinks without a pipeline: each is opened when the first letter is for it. */
export class OfflineSinks implements AsyncDisposable {
  readonly #options: OfflineOptions
  readonly #owned = new Owned()
  readonly #opened = new Map<string, Sink>()

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
    const only = { ...config, sinks: config.sinks.filter((sink) => sink.id === id) }
    const [opened] = await openSinks(only, { dataDir: resolve(config.dataDir), log, metrics, signal }, this.#owned)
    if (opened) this.#opened.set(id, opened.sink)
    return opened?.sink
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]()
  }
}
