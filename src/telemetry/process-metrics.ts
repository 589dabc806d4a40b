import { readdir, readFile, readlink } from 'node:fs/promises'
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { descriptorLimitIn } from '../lib/descriptor-limit.ts'
import type { Metrics } from './metrics.ts'

/** Each look wakes the process up: at 20 ms they were a third of what a quiet collector takes. */
const lagResolutionMs = 200

/** What the process uses of the machine, read when somebody asks (a scrape), so that nobody asking costs nothing. */
export class ProcessMetrics implements Disposable {
  readonly #metrics: Metrics
  readonly #lag: IntervalHistogram
  #cpuSeconds = 0

  constructor(metrics: Metrics) {
    this.#metrics = metrics
    this.#lag = monitorEventLoopDelay({ resolution: lagResolutionMs })
    this.#lag.enable()
  }

  async refresh(): Promise<void> {
    const { descriptors, descriptorLimit, handles, heapBytes, externalBytes, residentBytes, cpuSeconds } = this.#metrics
    for (const [kind, count] of await countDescriptors()) descriptors.set({ kind }, count)
    // Zero where there is no /proc: the figures above are zero there, too.
    descriptorLimit.set(descriptorLimitIn(await readFile('/proc/self/limits', 'utf8').catch(() => '')) ?? 0)
    handles.reset()
    for (const type of process.getActiveResourcesInfo()) handles.inc({ type })
    const memory = process.memoryUsage()
    heapBytes.set(memory.heapUsed)
    externalBytes.set(memory.external)
    residentBytes.set(memory.rss)
    const { user, system } = process.cpuUsage()
    cpuSeconds.inc((user + system) / 1e6 - this.#cpuSeconds)
    this.#cpuSeconds = (user + system) / 1e6
    this.#refreshLag()
  }

  #refreshLag(): void {
    for (const [statistic, percent] of [
      ['median', 50],
      ['p99', 99],
      ['max', 100],
    ] as const) {
      // The histogram measures whole intervals: what is beyond one is the lag.
      const seconds = this.#lag.count === 0 ? 0 : this.#lag.percentile(percent) / 1e9 - lagResolutionMs / 1e3
      this.#metrics.eventLoopLag.set({ statistic }, Math.max(0, seconds))
    }
    this.#lag.reset()
  }

  [Symbol.dispose](): void {
    this.#lag.disable()
  }
}

export const descriptorKinds = ['socket', 'file', 'pipe', 'anonymous', 'device', 'other'] as const
export type DescriptorKind = (typeof descriptorKinds)[number]

/** The open descriptors of this process by what they are; all zero where there is no /proc. The one that lists them is left out. */
export async function countDescriptors(folder = '/proc/self/fd'): Promise<Map<DescriptorKind, number>> {
  const counts = new Map<DescriptorKind, number>(descriptorKinds.map((kind) => [kind, 0]))
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const target = await readlink(`${folder}/${name}`).catch(() => undefined)
    if (target === undefined || /^\/proc\/\d+\/fd$/.test(target)) continue
    const kind = kindOf(target)
    counts.set(kind, counts.get(kind)! + 1)
  }
  return counts
}

function kindOf(target: string): DescriptorKind {
  if (target.startsWith('socket:')) return 'socket'
  if (target.startsWith('pipe:')) return 'pipe'
  if (target.startsWith('anon_inode:')) return 'anonymous'
  if (target.startsWith('/dev/')) return 'device'
  return target.startsWith('/') ? 'file' : 'other'
}
