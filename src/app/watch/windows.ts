import type { Growth } from '../../soak/verdict/growth.ts'
import { judgeGrowth } from './judge-growth.ts'
import { Minima } from './minima.ts'
import {
  type Held,
  leastGrowth,
  type Load,
  type ResourceName,
  type WatchedResource,
  watchedResources,
} from './resources.ts'

/** One moment: what was held, and the load that it was held under. */
export interface Sample {
  /** Monotonic. */
  readonly minute: number
  readonly load: Load
  readonly held: Held
}

/** What a window shows of a resource. */
export interface WindowFinding {
  /** Per minute. Undefined: there is too little to tell. */
  readonly growth: Growth | undefined
  /** Length of what was judged. */
  readonly minutes: number
  /**
   * Growth is shown, and it is more than what comes of pools that fill. It lasts until a look shows no growth at all; one that cannot tell ends nothing: what is
   * told, and taken back, and told again is soon not heard any more.
   */
  readonly isLeak: boolean
  /** Why there is no growth. */
  readonly reason: string | undefined
}

/** Between samples. */
export const usualEveryMs = 10_000
/** Of every window; it is judged each time that there are so many new ones. */
const stretches = 180
const stretchesPerLook = 15
/** With samples every 10 s windows of 3 hours, a day, a week: a short one finds what is fast within hours, a long one what is slow. */
const samplesPerStretch: readonly number[] = [6, 48, 336]
/** After a longer pause (the process was stopped) all begins anew. */
const longestPauseMinutes = 3
/** Of all windows and resources together, where nothing leaks. */
const falseAlarmsPerMonth = 0.01
const samplesPerMonth = (30 * 24 * 3_600_000) / usualEveryMs

interface Window {
  readonly minima: Minima
  /** Of each look at each resource. */
  readonly level: number
  stretchesSinceLook: number
  readonly findings: Map<ResourceName, WindowFinding>
}

/** Sliding windows over what the collector holds, and what they show. A function of the samples: no clock, no files. */
export class Windows {
  #windows = openWindows()
  #lastMinute: number | undefined

  add({ minute, load, held }: Sample): void {
    if (this.#lastMinute !== undefined && minute - this.#lastMinute > longestPauseMinutes) this.#windows = openWindows()
    this.#lastMinute = minute
    const values = watchedResources.flatMap(({ name, perLoad, load: by }) => [
      held[name],
      held[name] - perLoad * load[by],
    ])
    for (const window of this.#windows) if (window.minima.add(minute, values)) window.stretchesSinceLook += 1
  }

  /** Judges what is due, one resource of one window a step: some milliseconds at the most, so that others may run between. */
  *judge(): Generator<void> {
    for (const window of this.#windows) {
      if (window.stretchesSinceLook < stretchesPerLook) continue
      window.stretchesSinceLook = 0
      for (const [i, resource] of watchedResources.entries()) {
        window.findings.set(resource.name, lookAt(window, resource, i))
        yield
      }
    }
  }

  /** What each window holds of each resource: the least of whole stretches. */
  readings() {
    return this.#windows.map(({ minima }, window) => ({
      samplesPerStretch: samplesPerStretch[window]!,
      readings: watchedResources.map(({ name }, i) => ({ name, ...minima.readings(2 * i) })),
    }))
  }

  /** What was found at the last looks, of the shortest window first; empty: there was none yet. */
  findings(name: ResourceName): readonly WindowFinding[] {
    return this.#windows.map(({ findings }) => findings.get(name)).filter((finding) => finding !== undefined)
  }
}

function openWindows(): Window[] {
  return samplesPerStretch.map((samples) => {
    const looksPerMonth = samplesPerMonth / samples / stretchesPerLook
    return {
      minima: new Minima({ columns: 2 * watchedResources.length, samplesPerStretch: samples, stretches }),
      level: falseAlarmsPerMonth / samplesPerStretch.length / watchedResources.length / looksPerMonth,
      stretchesSinceLook: 0,
      findings: new Map(),
    }
  })
}

function lookAt({ minima, level, findings }: Window, { name, kind }: WatchedResource, i: number): WindowFinding {
  const { at, values } = minima.readings(2 * i)
  const without = minima.readings(2 * i + 1).values
  const explained = values.map((value, k) => value - without[k]!)
  // Only the process's own beginning is warm-up.
  const warmUp = minima.isSliding ? 0 : undefined
  const finding = judgeGrowth(
    { at, values, explained },
    { level, warmUp, isCount: kind === 'count', blur: leastGrowth[kind] / 5 },
  )
  const minutes = finding.evidence.exposure
  const before = findings.get(name)
  if (finding.kind === 'unjudged')
    return before?.isLeak === true ? before : { growth: undefined, minutes, isLeak: false, reason: finding.reason }
  const { growth } = finding
  const isLeak = growth.low * minutes >= leastGrowth[kind] || (before?.isLeak === true && finding.isLeak)
  return { growth, minutes, isLeak, reason: undefined }
}
