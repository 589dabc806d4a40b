import { join, resolve } from 'node:path'
import { type Health, judgeHealth } from '../api/health.ts'
import type { ApiParts, ReloadAnswer } from '../api/routes.ts'
import { ApiServer, type ListenAddress } from '../api/server.ts'
import type { Sink } from '../component/sink.ts'
import type { Source } from '../component/source.ts'
import { ConfigError } from '../config/problem.ts'
import { LogCapturerError, messageOf } from '../lib/error.ts'
import { OwnedMap } from '../lib/owned-map.ts'
import { Owned } from '../lib/owned.ts'
import { linkSignals } from '../lib/wait.ts'
import { Pipeline, type SinkNode } from '../pipeline/pipeline.ts'
import { CursorStore } from '../state/cursor-store.ts'
import { DataDirLock } from '../state/data-dir-lock.ts'
import type { RootLog } from '../telemetry/log.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { ProcessMetrics } from '../telemetry/process-metrics.ts'
import { LocalOffice, openDeadLetters } from './dead-letters/local-office.ts'
import { valueOf } from './metric-value.ts'
import { readApiTls } from './api-tls.ts'
import type { CollectorConfig } from './registries.ts'
import type { CollectorSnapshot } from './snapshot.ts'
import { applyReload, type Changeable } from './apply-reload.ts'
import { createTransforms, disposeTransforms, openSink, openSource } from './components.ts'
import { Facts } from './facts/facts.ts'
import { warnOfOrphanQueues } from './orphan-queues.ts'
import { type Failed, isEmptyPlan, planReload, type ReloadPlan } from './plan-reload.ts'
import { createLineTaker } from './post-lines.ts'
import { Tracing } from './tracing.ts'
import { version } from './version.ts'
import { Watch } from './watch/watch.ts'

export interface CollectorOptions {
  readonly config: CollectorConfig
  readonly log: RootLog
  /** Aborts opening. */
  readonly signal: AbortSignal
  /** Reads the configuration again, for a reload; throws when it cannot be used. Not given: there is no other. */
  readonly loadAgain?: () => CollectorConfig
  /** How long a sink that a reload takes out may deliver what it still has. */
  readonly drainTimeoutMs?: number
  /** Between looks at what the collector itself holds; for tests. */
  readonly watchEveryMs?: number
}

type ApiSettings = CollectorConfig['api']

interface Parts extends Changeable {
  readonly options: CollectorOptions
  readonly store: CursorStore
  readonly office: LocalOffice
  readonly tracing: Tracing
  readonly metrics: Metrics
  readonly processMetrics: ProcessMetrics
  readonly watch: Watch
  /** The one that listens, and those that give their last answers. */
  readonly servers: Set<ApiServer>
  readonly owned: Owned
}

/** What a reload has come to. */
export interface ReloadResult {
  /** What is in force that was not before. */
  readonly plan: ReloadPlan
  /** What could not be opened, and is as it was before, a sentence each. */
  readonly failures: readonly string[]
}

/** The configuration cannot be used while this collector runs. */
export class ReloadError extends LogCapturerError {
  readonly code = 'RELOAD'
}

const defaultDrainTimeoutMs = 30_000
/** As the help of the metric says. */
const breakerValues = { closed: 0, half_open: 1, open: 2 } as const

/** A whole collector: its state, its components joined to a pipeline, its HTTP port. The owner of all of them. */
export class Collector implements AsyncDisposable {
  readonly #parts: Parts
  readonly #openedAtMs = performance.now()
  readonly #facts: Facts
  #api: ApiServer | undefined
  #signals: { readonly stop: AbortSignal; readonly drained: AbortSignal } | undefined
  #config: CollectorConfig
  #reloading: Promise<unknown> = Promise.resolve()
  /** Why the last reload did not do what was asked; undefined: it did. */
  #reloadFailure: string | undefined

  private constructor(parts: Parts) {
    this.#parts = parts
    this.#config = parts.options.config
    const { pipeline, metrics, watch } = parts
    const { log } = parts.options
    this.#facts = new Facts({ pipeline, metrics, watch, log, config: () => this.#config, health: () => this.health() })
  }

  /** Opens everything, in the order in which nothing can be lost: state, sinks, sources. On a failure all is closed again. */
  static async open(options: CollectorOptions): Promise<Collector> {
    const { config, log, signal } = options
    await using undo = new Owned()
    const metrics = createMetrics()
    metrics.buildInfo.set({ version, node: process.version }, 1)
    const processMetrics = new ProcessMetrics(metrics)
    undo.defer(() => processMetrics[Symbol.dispose]())
    const dataDir = resolve(config.dataDir)
    undo.take(await DataDirLock.open(dataDir))
    const store = undo.take(await CursorStore.open({ folder: join(dataDir, 'cursors'), log, metrics }))
    const deadLetters = undo.take(await openDeadLetters(config, { log, metrics }))
    const sinks = undo.take(new OwnedMap<Sink>())
    const nodes: SinkNode[] = []
    for (const one of config.sinks)
      nodes.push({ ...one, sink: sinks.take(one.id, await openSink(one, { dataDir, log, metrics, signal })) })
    const transforms = createTransforms(config, metrics)
    undo.defer(() => disposeTransforms(transforms))
    const queuesFolder = join(dataDir, 'queues')
    const pipeline = undo.take(
      await Pipeline.open({ sinks: nodes, transforms, queuesFolder, deadLetters, store, log, metrics }),
    )
    const send = pipeline.replay.bind(pipeline)
    const troubleOf = pipeline.troubleOf.bind(pipeline)
    const office = undo.take(await LocalOffice.open({ letters: deadLetters, send, troubleOf, dataDir, log, metrics }))
    const sources = undo.take(new OwnedMap<Source>())
    for (const one of config.sources)
      pipeline.add(one.id, sources.take(one.id, await openSource(one, pipeline.contextOf(one.id))))
    const tracing = undo.take(new Tracing(pipeline.traces, { log, metrics }))
    await tracing.apply(config.telemetry.traces)
    const servers = new Set<ApiServer>()
    const apiConnections = () => [...servers].reduce((sum, { connections }) => sum + connections, 0)
    const watch = undo.take(Watch.start({ log, metrics, pipeline, apiConnections, everyMs: options.watchEveryMs }))
    const telling = { metrics, processMetrics, watch, servers }
    const parts = { options, pipeline, tracing, sinks, sources, transforms, store, office, ...telling }
    await using collector = new Owned()
    const opened = collector.take(new Collector({ ...parts, owned: undo.move() }))
    await opened.#moveApi(config.api, config.api)
    await opened.#warnOfOrphanQueues()
    collector.move()
    return opened
  }

  /** Where the HTTP port is; undefined where none was asked for. */
  get listen(): ListenAddress | undefined {
    return this.#api?.address
  }

  /** Runs until `stop` aborts; then drains until everything is delivered, or `drained` aborts. */
  async run(stop: AbortSignal, drained: AbortSignal): Promise<void> {
    this.#signals = { stop, drained }
    // A reload that goes on is let through first: it opens and closes what the end would have to wait for.
    const gate = new AbortController()
    const end = () =>
      void Promise.race([this.#reloading, rejected(drained)])
        .catch(() => undefined)
        .then(() => gate.abort(stop.reason))
    if (stop.aborted) end()
    else stop.addEventListener('abort', end, { once: true })
    await this.#parts.pipeline.run(gate.signal, drained)
  }

  /**
   * Goes on with the configuration as it is now: one reload after the other. Components that did not change are not touched. @throws ConfigError
   * or ReloadError when it cannot be used: then nothing has changed.
   */
  async reload(signal: AbortSignal): Promise<ReloadResult> {
    const next = this.#reloading.then(() => this.#reload(signal))
    this.#reloading = next.catch(() => undefined)
    const { log } = this.#parts.options
    try {
      const result = await next
      this.#tellReload(result.failures.length === 0 ? undefined : result.failures.join('; '))
      if (this.#reloadFailure !== undefined)
        log.error({ error: this.#reloadFailure }, 'parts of the new configuration do not work; they stay as they were')
      return result
    } catch (error) {
      this.#tellReload(messageOf(error))
      log.error({ error: this.#reloadFailure }, 'the configuration cannot be used; the one before stays')
      throw error
    }
  }

  async #answerReload(): Promise<ReloadAnswer> {
    try {
      const { plan, failures } = await this.reload(this.#signals?.stop ?? this.#parts.options.signal)
      const changed = toldOf(plan)
      if (failures.length > 0) return { status: 500, body: { status: 'failed', failures, changed } }
      return { status: 200, body: { status: isEmptyPlan(plan) ? 'unchanged' : 'changed', changed } }
    } catch (error) {
      if (error instanceof ConfigError) {
        // Without the lines themselves, which are for the terminal.
        const problems = error.problems.map(({ position, ...problem }) => ({
          ...problem,
          line: position?.line,
          column: position?.column,
        }))
        return { status: 422, body: { status: 'invalid', problems } }
      }
      return { status: error instanceof ReloadError ? 409 : 500, body: { status: 'failed', error: messageOf(error) } }
    }
  }

  #tellReload(failure: string | undefined): void {
    const { metrics } = this.#parts
    this.#reloadFailure = failure
    metrics.configReloads.inc({ result: failure === undefined ? 'ok' : 'failed' })
    metrics.configReloadFailed.set(failure === undefined ? 0 : 1)
  }

  async #reload(signal: AbortSignal): Promise<ReloadResult> {
    const { options, metrics } = this.#parts
    signal.throwIfAborted()
    if (!options.loadAgain)
      throw new ReloadError('this collector was started with a configuration that cannot be read again')
    const before = this.#config
    const after = options.loadAgain()
    const plan = planReload(before, after, this.#failed())
    if (plan.needsRestart.length > 0)
      throw new ReloadError(`${plan.needsRestart.join(', ')} cannot change while the collector runs`, {
        hint: 'restart the collector',
      })
    if (!plan.isApiMoved) this.#renewCertificates(before.api)
    if (isEmptyPlan(plan)) return { plan, failures: [] }
    // What is opened is needed for draining, too: only the end of the time to drain ends opening.
    const end = this.#signals?.drained ?? signal
    const drained = AbortSignal.timeout(options.drainTimeoutMs ?? defaultDrainTimeoutMs)
    using either = linkSignals(drained, signal)
    const surroundings = {
      dataDir: resolve(before.dataDir),
      log: options.log,
      metrics,
      signal: end,
      drained: either.signal,
    }
    const { config, failures } = await applyReload(this.#parts, { before, after, plan }, surroundings)
    this.#config = config
    await this.#warnOfOrphanQueues()
    if (plan.isTelemetryChanged) await this.#parts.tracing.apply(after.telemetry.traces)
    if (plan.isLogChanged) options.log.setLevel(after.log.level)
    if (plan.isApiMoved) {
      try {
        await this.#moveApi(after.api, before.api)
      } catch (error) {
        this.#config = { ...config, api: before.api }
        return { plan, failures: [...failures, messageOf(error)] }
      }
    }
    options.log.info(toldOf(plan), 'the configuration was read again')
    return { plan, failures }
  }

  async #warnOfOrphanQueues(): Promise<void> {
    const { dataDir, sinks } = this.#config
    const ids = new Set(sinks.map(({ id }) => id))
    await warnOfOrphanQueues(join(resolve(dataDir), 'queues'), ids, this.#parts.options.log)
  }

  #failed(): Failed {
    const { pipeline } = this.#parts
    const sources = pipeline.sources().filter(({ failure }) => failure !== undefined)
    const sinks = pipeline.sinks().filter(({ id }) => pipeline.hasFailed(id))
    return { sources: new Set(sources.map(({ id }) => id)), sinks: new Set(sinks.map(({ id }) => id)) }
  }

  /** What was not delivered, by sink; after `run`. Its cursors have not moved: it is read again at the next start. */
  undelivered(): ReturnType<Pipeline['undelivered']> {
    return this.#parts.pipeline.undelivered()
  }

  async snapshot(): Promise<CollectorSnapshot> {
    const { metrics, pipeline, watch } = this.#parts
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
      watch: watch.report(),
      engines: pipeline
        .sources()
        .map(({ id, status }) => ({ id, isConnected: status.isConnected, detail: status.detail })),
    }
  }

  health(): Health {
    const { pipeline, store, watch } = this.#parts
    const sources = pipeline.sources()
    const troubles = sources
      .filter(({ failure }) => failure !== undefined)
      .map(({ id, failure }) => `source "${id}" has stopped: ${failure!}`)
    if (this.#reloadFailure !== undefined) troubles.push(`the last reload failed: ${this.#reloadFailure}`)
    if (store.failure !== undefined) troubles.push(`cursors cannot be written: ${store.failure}`)
    return judgeHealth({
      version,
      uptimeSeconds: (performance.now() - this.#openedAtMs) / 1000,
      sources: sources.map(({ id, status }) => ({ id, ...status })),
      sinks: pipeline.sinks(),
      watch: watch.report(),
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

  /**
   * Listens there instead. The one before is closed first where both have the same port, and opened again when the new one cannot be had;
   * else it is closed when the new one listens. @throws ListenError
   */
  async #moveApi(wanted: ApiSettings, earlier: ApiSettings): Promise<void> {
    const before = this.#api
    const { listen } = wanted
    if (before && listen !== 'off' && listen.port === before.address.port) {
      const { address } = before
      // What can be known to be wrong is, before the port is let go.
      readApiTls(wanted)
      this.#retire(before)
      this.#api = undefined
      try {
        this.#api = await this.#openApi(wanted, listen)
      } catch (error) {
        this.#api = await this.#openApi(earlier, address)
        throw error
      }
      return
    }
    this.#api = listen === 'off' ? undefined : await this.#openApi(wanted, listen)
    if (before) this.#retire(before)
  }

  /** Certificates end, and others take their places in the same files. @throws ApiTlsError; then those before stay */
  #renewCertificates(api: ApiSettings): void {
    const tls = readApiTls(api)
    if (tls) this.#api?.renew(tls)
  }

  /** The answer to the request for this very reload may be on its way. */
  #retire(server: ApiServer): void {
    void server.retire().then(() => this.#parts.servers.delete(server))
  }

  async #openApi(settings: ApiSettings, listen: ListenAddress): Promise<ApiServer> {
    const { metrics, office, pipeline, servers } = this.#parts
    const { contentType } = metrics.registry
    const tls = readApiTls(settings)
    const parts: ApiParts = {
      metrics: async () => ({ contentType, text: await this.metricsText() }),
      health: () => this.health(),
      reload: () => this.#answerReload(),
      deadLetters: office,
      lines: createLineTaker(pipeline),
      facts: this.#facts,
      version,
      scheme: tls ? 'https' : 'http',
      access: {
        credentials: settings.auth,
        requestsPerSecond: settings.limits.requests_per_second,
        maxBodyBytes: settings.limits.body,
      },
    }
    const server = await ApiServer.open({
      listen,
      listener: async () => (await import('../api/listener.ts')).createListener(parts),
      tls,
      maxConnections: settings.limits.connections,
      onAcceptError: () => metrics.swallowedErrors.inc({ place: 'api_accept' }),
    })
    servers.add(server)
    return server
  }

  /** Closes everything; resolves when every descriptor is gone and the cursors are on disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#parts.servers) await server[Symbol.asyncDispose]()
    await this.#reloading
    await this.#parts.owned[Symbol.asyncDispose]()
    disposeTransforms(this.#parts.transforms)
  }
}

/** Rejects when `signal` aborts. */
function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

/** A plan for the log: what changes, by what becomes of it. */
function toldOf({ sources, sinks, transforms }: ReloadPlan): Record<string, unknown> {
  const all = { ...prefixed('sources', sources), ...prefixed('sinks', sinks), transforms }
  return Object.fromEntries(Object.entries(all).filter(([, ids]) => ids.length > 0))
}

function prefixed(prefix: string, lists: Readonly<Record<string, readonly string[]>>) {
  return Object.fromEntries(Object.entries(lists).map(([name, ids]) => [`${prefix}_${name}`, ids]))
}
