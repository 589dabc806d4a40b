import { setImmediate as turn } from 'node:timers/promises'
import type { WatchedResourceReport, WatchReport } from '../../api/watch-report.ts'
import { messageOf } from '../../lib/error.ts'
import { formatDuration } from '../../lib/units.ts'
import { hasAborted, isAbortOf, sleep } from '../../lib/wait.ts'
import type { Log } from '../../telemetry/log.ts'
import { type Observation, observe, type Observed } from './observe.ts'
import { descriptorLimit, HeapFloor } from './read-held.ts'
import { reportOf } from './report.ts'
import { type ResourceName, type WatchedResource, watchedResources } from './resources.ts'
import { type WatchVerdict, verdictOf } from './verdict-of.ts'
import { usualEveryMs, Windows } from './windows.ts'

export interface WatchOptions extends Observed {
  readonly log: Log
  /** Between samples; the windows get as much shorter. For tests: a collector has the usual. */
  readonly everyMs?: number | undefined
}

/** The readings of one resource in one window, the oldest first. */
export interface WatchedSeries {
  readonly name: string
  secondsAgo: number[]
  held: number[]
}

/** As the help of the metric says. */
const metricValues = { not_enough_evidence: 0, clean: 1, leak: 2 } as const

const nothingYet: WatchVerdict = { outcome: 'not_enough_evidence', by: undefined }

/** Looks at what the collector itself holds, as long as it is open: gauges, a warning when growth begins and when it ends, a report. It changes nothing. */
export class Watch implements AsyncDisposable {
  readonly #options: WatchOptions
  readonly #windows = new Windows()
  readonly #heap = new HeapFloor()
  readonly #limit = descriptorLimit()
  readonly #beganAtMs = performance.now()
  readonly #stop = new AbortController()
  /** As they were last told. */
  readonly #verdicts = new Map<ResourceName, WatchVerdict>()
  readonly #leakingSince = new Map<ResourceName, Date>()
  #running: Promise<void> = Promise.resolve()
  #last: Observation | undefined

  private constructor(options: WatchOptions) {
    this.#options = options
  }

  static start(options: WatchOptions): Watch {
    const watch = new Watch(options)
    // Gauges exist from the start: a missing series and a zero are not the same.
    for (const { name } of watchedResources)
      options.metrics.leakVerdict.set({ resource: name }, metricValues.not_enough_evidence)
    watch.#running = watch.#run().catch((error: unknown) => {
      options.log.error({ error: messageOf(error) }, 'the watch of its own resources has stopped; collecting goes on')
    })
    return watch
  }

  report(): WatchReport {
    return reportOf({
      watchedSeconds: (performance.now() - this.#beganAtMs) / 1000,
      limit: this.#limit,
      last: this.#last,
      verdictOf: ({ name }) => this.#verdicts.get(name) ?? nothingYet,
      leakingSince: ({ name }) => this.#leakingSince.get(name),
    })
  }

  /** What is judged, as it was read: three windows, of which each keeps the least of each stretch. */
  readings(): { readonly stretchSeconds: number; readonly series: WatchedSeries[] }[] {
    const { everyMs = usualEveryMs } = this.#options
    const nowMinute = performance.now() / 60_000
    return this.#windows.readings().map(({ samplesPerStretch, readings }) => ({
      stretchSeconds: (samplesPerStretch * everyMs) / 1_000,
      series: readings.map(({ name, at, values }) => ({
        name,
        secondsAgo: at.map((minute) => Math.round((nowMinute - minute) * 60)),
        held: [...values],
      })),
    }))
  }

  async #run(): Promise<void> {
    const { everyMs = usualEveryMs } = this.#options
    const { signal } = this.#stop
    try {
      while (!hasAborted(signal)) {
        await sleep(everyMs, signal)
        await this.#look()
      }
    } catch (error) {
      if (!isAbortOf(signal, error)) throw error
    }
  }

  async #look(): Promise<void> {
    const { held, load } = (this.#last = await observe(this.#options, this.#heap))
    this.#windows.add({ minute: performance.now() / 60_000, load, held })
    let isJudged = false
    for (const _ of this.#windows.judge()) {
      isJudged = true
      await turn()
    }
    if (isJudged) for (const resource of watchedResources) this.#tell(resource)
  }

  #tell(resource: WatchedResource): void {
    const { metrics } = this.#options
    const { name } = resource
    const verdict = verdictOf(resource, this.#windows.findings(name))
    const { outcome, by } = verdict
    this.#verdicts.set(name, verdict)
    metrics.leakVerdict.set({ resource: name }, metricValues[outcome])
    for (const [limit, value] of Object.entries({
      low: by?.growth?.low,
      estimate: by?.growth?.rate,
      high: by?.growth?.high,
    }))
      if (value === undefined) metrics.leakGrowth.remove({ resource: name, limit })
      else metrics.leakGrowth.set({ resource: name, limit }, value * 60)
    if (outcome === 'leak' && !this.#leakingSince.has(name)) this.#begin(name)
    if (outcome !== 'leak' && this.#leakingSince.has(name)) this.#end(name)
  }

  #begin(name: ResourceName): void {
    this.#leakingSince.set(name, new Date())
    const { descriptors } = this.report()
    const { growthPerHour, judgedHours, limitInHours, held } = this.#reportOf(name)
    this.#options.log.warn(
      {
        resource: name,
        growth_per_hour: growthPerHour,
        judged_hours: judgedHours,
        held,
        descriptors_open: descriptors.open,
        descriptors_limit: descriptors.limit,
        limit_in_hours: limitInHours,
        hint: 'nothing is lost by it: restart the collector when it suits, before the limit is reached, and report what /health and /metrics say; see docs/watch.md',
      },
      'the collector holds more and more of a resource, and load does not explain it: a leak',
    )
  }

  #end(name: ResourceName): void {
    const lastedMs = Date.now() - this.#leakingSince.get(name)!.getTime()
    this.#leakingSince.delete(name)
    this.#options.log.warn(
      { resource: name, told_for: formatDuration(lastedMs), held: this.#reportOf(name).held },
      'the leak is not seen any more; what was held by it may still be held',
    )
  }

  #reportOf(name: ResourceName): WatchedResourceReport {
    return this.report().resources.find((resource) => resource.name === name)!
  }

  /** Resolves when it looks no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the watch ends'))
    await this.#running
    this.#heap[Symbol.dispose]()
  }
}
