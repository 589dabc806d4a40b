import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Collector, type CollectorOptions } from '../../src/app/collector.ts'
import { registries } from '../../src/app/registries.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { until } from './until.ts'

/** A whole collector in this process, running; `folder` stands in its configuration for a folder of its own. */
export class RunningCollector implements AsyncDisposable {
  readonly collector: Collector
  readonly folder: string
  /** Its own log, warnings and errors. */
  readonly said: readonly Record<string, unknown>[]
  readonly #stop = new AbortController()
  readonly #drained = new AbortController()
  readonly #running: Promise<void>
  readonly #ownsFolder: boolean

  private constructor(
    collector: Collector,
    parts: Pick<RunningCollector, 'folder' | 'said'> & { readonly ownsFolder: boolean },
  ) {
    this.collector = collector
    this.folder = parts.folder
    this.said = parts.said
    this.#ownsFolder = parts.ownsFolder
    this.#running = collector.run(this.#stop.signal, this.#drained.signal)
  }

  /** `folder` given: that one is used, and left. */
  static async open(
    configuration: (folder: string) => string,
    folder?: string,
    options: Pick<CollectorOptions, 'watchEveryMs'> = {},
  ): Promise<RunningCollector> {
    const own = folder ?? mkdtempSync(join(tmpdir(), 'collector-'))
    const loadAgain = () => {
      const input = { kind: 'text', text: configuration(own), name: 'test.yaml' } as const
      return loadConfig({ registries, input, env: {} })
    }
    const shown = process.env['TEST_LOG'] as 'debug' | undefined
    const said: Record<string, unknown>[] = []
    const log = createLog(shown ?? 'warn', {
      write(line) {
        said.push(JSON.parse(line) as Record<string, unknown>)
        if (shown !== undefined) process.stderr.write(line)
      },
    })
    const collector = await Collector.open({
      config: loadAgain(),
      loadAgain,
      drainTimeoutMs: 1_000,
      log,
      signal: new AbortController().signal,
      ...options,
    })
    return new RunningCollector(collector, { folder: own, said, ownsFolder: folder === undefined })
  }

  /** Aborts when the collector is told to stop. */
  get stopSignal(): AbortSignal {
    return this.#stop.signal
  }

  async ready(): Promise<void> {
    await until('the collector is ready', () => this.collector.health().isReady, {
      seen: () => this.collector.health().reasons,
    })
  }

  /** The value of a series as /metrics shows it: the sum over those that have `labels`. */
  async metric(name: string, labels = ''): Promise<number> {
    const lines = (await this.collector.metricsText()).split('\n')
    const found = lines.filter(
      (line) => line.startsWith(`log_capturer_${name}{`) || line.startsWith(`log_capturer_${name} `),
    )
    return found
      .filter((line) => line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }

  /** Reads the configuration again, as SIGHUP does: `configuration` is called once more. */
  async reload() {
    return this.collector.reload(this.#stop.signal)
  }

  /** Stops as SIGTERM does: waits for everything to be delivered, and closes. What was not delivered comes back. */
  async stop() {
    this.#stop.abort(new Error('the test stops the collector'))
    await this.#running
    const undelivered = this.collector.undelivered()
    await this.collector[Symbol.asyncDispose]()
    return undelivered
  }

  /** Stops with no time left to drain. */
  async abandon() {
    this.#drained.abort(new Error('the deadline is over'))
    return this.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abandon()
    if (this.#ownsFolder) rmSync(this.folder, { recursive: true, force: true })
  }
}
