import type { WatchedResourceReport, WatchOutcome, WatchReport } from '../../api/watch-report.ts'
import { projectionOf } from '../../soak/verdict/projection.ts'
import type { Observation } from './observe.ts'
import { criterionPerHour, type WatchedResource, watchedResources } from './resources.ts'
import type { WatchVerdict } from './verdict-of.ts'

/** Everything that a report is made of. */
export interface WatchState {
  readonly watchedSeconds: number
  readonly limit: number | undefined
  /** Undefined: none was made yet. */
  readonly last: Observation | undefined
  readonly verdictOf: (resource: WatchedResource) => WatchVerdict
  /** When the leak that is told now was first told. */
  readonly leakingSince: (resource: WatchedResource) => Date | undefined
}

export function reportOf(state: WatchState): WatchReport {
  const { watchedSeconds, limit, last } = state
  const resources = watchedResources.map((resource) => resourceReport(resource, state))
  return {
    outcome: worst(resources.map(({ outcome }) => outcome)),
    watchedSeconds: Math.round(watchedSeconds),
    descriptors: { open: readable(last?.descriptors), limit },
    residentBytes: process.memoryUsage.rss(),
    resources,
  }
}

function resourceReport(resource: WatchedResource, state: WatchState): WatchedResourceReport {
  const { name, kind } = resource
  const held = readable(name === 'heap' ? state.last?.heapBytes : state.last?.held[name])
  const { outcome, by } = state.verdictOf(resource)
  // The heap is read when it is collected, which may take a while.
  const isUnreadable = held === undefined && state.last !== undefined && name !== 'heap'
  return {
    name,
    unit: kind === 'count' ? 'items' : 'bytes',
    outcome: isUnreadable ? 'invalid' : outcome,
    held,
    growthPerHour: by?.growth && {
      rate: by.growth.rate * 60,
      low: by.growth.low * 60,
      high: by.growth.high * 60,
    },
    judgedHours: by && by.minutes / 60,
    criterionPerHour: criterionPerHour[kind],
    since: state.leakingSince(resource)?.toISOString(),
    limitInHours: limitInHours(resource, state),
    reason: isUnreadable ? 'it cannot be read on this system' : reasonOf(outcome, { held, by }),
  }
}

function reasonOf(outcome: WatchOutcome, { held, by }: { held: number | undefined; by: WatchVerdict['by'] }) {
  if (outcome !== 'not_enough_evidence') return undefined
  if (held === undefined) return 'it has not been read yet: the heap is, when it was collected in full'
  if (by === undefined) return 'the first verdict takes half an hour'
  return by.reason ?? 'no leak is shown, and growth as fast as the criterion is not ruled out'
}

function limitInHours(resource: WatchedResource, { limit, last, verdictOf }: WatchState) {
  const { outcome, by } = verdictOf(resource)
  if (outcome !== 'leak' || !by?.growth || !resource.takesDescriptors || limit === undefined || last === undefined)
    return undefined
  const { growth } = by
  const projection = projectionOf({ outcome, growth }, { present: last.descriptors, ceiling: limit })
  if (projection?.kind !== 'reached' || projection.likely === undefined || projection.latest === undefined)
    return undefined
  return { soonest: projection.soonest / 60, likely: projection.likely / 60, latest: projection.latest / 60 }
}

function worst(outcomes: readonly WatchOutcome[]): WatchOutcome {
  const order: readonly WatchOutcome[] = ['leak', 'invalid', 'not_enough_evidence', 'clean']
  return order.find((outcome) => outcomes.includes(outcome)) ?? 'not_enough_evidence'
}

function readable(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value
}
