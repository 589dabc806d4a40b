import { join, resolve } from 'node:path'
import type { Counter, Gauge } from 'prom-client'
import { type Health, judgeHealth } from '../api/health.ts'
import { createRoutes } from '../api/routes.ts'
import { ApiServer, type ListenAddress } from '../api/server.ts'
import { Owned } from '../lib/owned.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { CursorStore } from '../state/cursor-store.ts'
import { DataDirLock } from '../state/data-dir-lock.ts'
import type { Log } from '../telemetry/log.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { ProcessMetrics } from '../telemetry/process-metrics.ts'
import { LocalOffice, openDeadLetters } from './dead-letters/local-office.ts'
import type { CollectorConfig } from './registries.ts'
import type { CollectorSnapshot } from './snapshot.ts'
import { openSinks, openSources, createTransforms } from './components.ts'
import { version } from './version.ts'

export interface CollectorOptions {
  readonly config: CollectorConfig
  readonly log: Log
  /** Aborts opening. */
  readonly signal: AbortSignal
}

interface Parts {
  readonly pipeline: Pipeline
  readonly store: CursorStore
  readonly office: LocalOffice
  readonly metrics: Metrics
  readonly processMetrics: ProcessMetrics
  readonly owned: Owned
}

/** As the help of the metric says. */
const breakerValues = { closed: 0, half_open: 1, open: 2 } as const

/** A whole collector: its state, its components joined to a pipeline, its HTTP port. The owner of all of them. */
export class Collector implements AsyncDisposable {
  readonly #parts: Parts
  readonly #openedAtMs = performance.now()
  /** Where the HTTP port is; undefined where none was asked for. */
  listen: ListenAddress | undefined

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Opens everything, in the order in which nothing can be lost: state, sinks, sources. On a failure all is closed again. */
  static async open({ config, log, signal }: CollectorOptions): Promise<Collector> {
    await using undo = new Owned()
    const metrics = createMetrics()
    metrics.buildInfo.set({ version, node: process.version }, 1)
    const processMetrics = new ProcessMetrics(metrics)
    undo.defer(() => processMetrics[Symbol.dispose]())
    const dataDir = resolve(config.dataDir)
    undo.take(await DataDirLock.open(dataDir))
    const store = undo.take(await CursorStore.open({ folder: join(dataDir, 'cursors'), log, metrics }))
    const sinks = await openSinks(config, { dataDir, log, metrics, signal }, undo)
    const deadLetters = undo.take(await openDeadLetters(config, { log, metrics }))
    const queuesFolder = join(dataDir, 'queues')
    const transforms = createTransforms(config)
    const pipeline = undo.take(
      await Pipeline.open({ sinks, transforms, queuesFolder, deadLetters, store, log, metrics }),
    )
    const send = pipeline.replay.bind(pipeline)
    const office = undo.take(await LocalOffice.open({ letters: deadLetters, send, dataDir, log, metrics }))
    await openSources(config, pipeline, undo)
    await using collector = new Owned()
    const opened = collector.take(
      new Collector({ pipeline, store, office, metrics, processMetrics, owned: undo.move() }),
    )
    if (config.api.listen !== 'off') await opened.#startApi(config.api.listen)
    collector.move()
    return opened
  }

  /** Runs until `stop` aborts; then drains until everything is delivered, or `drained` aborts. */
  async run(stop: AbortSignal, drained: AbortSignal): Promise<void> {
    await this.#parts.pipeline.run(stop, drained)
  }

  /** What was not delivered, by sink; after `run`. Its cursors have not moved: it is read again at the next start. */
  undelivered(): ReturnType<Pipeline['undelivered']> {
    return this.#parts.pipeline.undelivered()
  }

  async snapshot(): Promise<CollectorSnapshot> {
    const { metrics, pipeline } = this.#parts
    const sinks = pipeline.sinks()
    const linesOut: Record<string, number> = {}
    for (const { id } of sinks) linesOut[id] = await valueOf(metrics.logsSent, { sink: id })
    return {
      linesIn: await valueOf(metrics.logsCollected),
      bytesIn: await valueOf(metrics.logBytesCollected),
      linesOut,
      queuedBytes: sinks.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0),
      lagSeconds: Math.max(0, ...sinks.map(({ lagSeconds }) => lagSeconds)),
      streamsActive: await valueOf(metrics.streamsActive),
      streamsOpened: await valueOf(metrics.streamsOpened),
      streamsClosed: await valueOf(metrics.streamsClosed),
      poolActive: await valueOf(metrics.dockerHttpActive),
      poolIdle: await valueOf(metrics.dockerHttpIdle),
      engines: pipeline
        .sources()
        .map(({ id, status }) => ({ id, isConnected: status.isConnected, detail: status.detail })),
    }
  }

  health(): Health {
    const { pipeline, store } = this.#parts
    const sources = pipeline.sources()
    const troubles = sources
      .filter(({ failure }) => failure !== undefined)
      .map(({ id, failure }) => `source "${id}" has stopped: ${failure!}`)
    if (store.failure !== undefined) troubles.push(`cursors cannot be written: ${store.failure}`)
    return judgeHealth({
      version,
      uptimeSeconds: (performance.now() - this.#openedAtMs) / 1000,
      sources: sources.map(({ id, status }) => ({ id, ...status })),
      sinks: pipeline.sinks(),
      troubles,
    })
  }

  /** The metrics in Prometheus' text format, as of now. */
  async metricsText(): Promise<string> {
    const { metrics, pipeline, processMetrics } = this.#parts
    await processMetrics.refresh()
    // Asking a source for its status brings its gauges up to date.
    pipeline.sources()
    for (const { id: sink, ...status } of pipeline.sinks()) {
      metrics.sinkQueueBytes.set({ sink }, status.queuedBytes)
      metrics.sinkDiskQueueBytes.set({ sink }, status.diskBytes)
      metrics.sinkDiskQueueLines.set({ sink }, status.diskLines)
      metrics.sinkLagSeconds.set({ sink }, status.lagSeconds)
      metrics.sinkConcurrency.set({ sink }, status.concurrency)
      metrics.sinkBreaker.set({ sink }, breakerValues[status.breaker])
    }
    return metrics.registry.metrics()
  }

  async #startApi(listen: ListenAddress): Promise<void> {
    const { owned, metrics, office } = this.#parts
    const { contentType } = metrics.registry
    const routes = createRoutes({
      metrics: async () => ({ contentType, text: await this.metricsText() }),
      health: () => this.health(),
      deadLetters: office,
      listenHost: listen.host,
    })
    const onAcceptError = () => metrics.swallowedErrors.inc({ place: 'api_accept' })
    this.listen = owned.take(await ApiServer.open(listen, routes, onAcceptError)).address
  }

  /** Closes everything; resolves when every descriptor is gone and the cursors are on disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.owned[Symbol.asyncDispose]()
  }
}

/** The sum of a metric's series, of those that have `labels` where labels are given. */
async function valueOf(metric: Counter | Gauge, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const { values } = await metric.get()
  return values
    .filter((value) =>
      Object.entries(labels).every(([name, text]) => (value.labels as Record<string, unknown>)[name] === text),
    )
    .reduce((sum, { value }) => sum + value, 0)
}
