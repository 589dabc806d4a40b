import { isDeepStrictEqual } from 'node:util'
import { wayBehind } from '../batch/way.ts'
import type { ComponentSpec } from '../config/component-spec.ts'
import { componentOf } from '../lib/input-name.ts'
import { type CollectorConfig, registries } from './registries.ts'

/** What has to be done so that a running collector does what another configuration says. Ids, in the order of the configuration. */
export interface ReloadPlan {
  readonly sources: {
    readonly added: readonly string[]
    readonly removed: readonly string[]
    /** Closed and opened anew at their cursors. */
    readonly reopened: readonly string[]
  }
  readonly sinks: {
    readonly added: readonly string[]
    readonly removed: readonly string[]
    /** Closed and opened anew; their queues stay. */
    readonly replaced: readonly string[]
    /** Their queues get other limits. */
    readonly resized: readonly string[]
  }
  /** Transforms that are made anew; the others keep what they know. */
  readonly transforms: readonly string[]
  /** What reads from what has changed, or a transform has come or gone. */
  readonly isRewired: boolean
  readonly isApiMoved: boolean
  readonly isLogChanged: boolean
  readonly isTelemetryChanged: boolean
  /** Settings that only a restart changes. */
  readonly needsRestart: readonly string[]
}

/** Components that do nothing any more, by id. */
export interface Failed {
  /** They have stopped on a failure of their own. */
  readonly sources: ReadonlySet<string>
  /** They take nothing since a transform before them has failed. */
  readonly sinks: ReadonlySet<string>
}

/** What has `failed` begins again: sources where their sinks had come to. */
export function planReload(
  before: CollectorConfig,
  after: CollectorConfig,
  failed: Failed = { sources: new Set(), sinks: new Set() },
): ReloadPlan {
  const sources = compare(before.sources, after.sources)
  const sinks = compare(before.sinks, after.sinks)
  const transforms = compare(before.transforms, after.transforms)
  const reaches = { before: reachOf(before), after: reachOf(after) }
  const isReopened = (id: string) =>
    sources.changed.includes(id) ||
    failed.sources.has(id) ||
    [...reaches.after(id)].some(
      ([sink, ways]) => !isDeepStrictEqual(reaches.before(id).get(sink), ways) || failed.sinks.has(sink),
    )
  const isResized = (id: string) => !isDeepStrictEqual(find(before.sinks, id)?.queue, find(after.sinks, id)?.queue)
  return {
    sources: { added: sources.added, removed: sources.removed, reopened: sources.kept.filter(isReopened) },
    sinks: {
      added: sinks.added,
      removed: sinks.removed,
      replaced: sinks.changed,
      resized: sinks.kept.filter(isResized),
    },
    transforms: [...transforms.added, ...transforms.changed],
    isRewired: transforms.removed.length > 0 || !isDeepStrictEqual(wiringOf(before), wiringOf(after)),
    isApiMoved: !isDeepStrictEqual(before.api, after.api),
    isLogChanged: before.log.level !== after.log.level,
    isTelemetryChanged: !isDeepStrictEqual(before.telemetry, after.telemetry),
    needsRestart: before.dataDir === after.dataDir ? [] : ['data_dir'],
  }
}

/** Whether there is nothing to do. */
export function isEmptyPlan({ sources, sinks, transforms, ...is }: ReloadPlan): boolean {
  const ids = [...Object.values(sources), ...Object.values(sinks), transforms].flat()
  return ids.length === 0 && !is.isRewired && !is.isApiMoved && !is.isLogChanged && !is.isTelemetryChanged
}

interface Component {
  readonly id: string
  readonly type: string
  readonly options: unknown
}

function compare(before: readonly Component[], after: readonly Component[]) {
  const kept = after.filter(({ id }) => find(before, id) !== undefined)
  const isSame = (one: Component) => {
    const earlier = find(before, one.id)!
    return one.type === earlier.type && isDeepStrictEqual(one.options, earlier.options)
  }
  return {
    added: idsOf(after.filter(({ id }) => find(before, id) === undefined)),
    removed: idsOf(before.filter(({ id }) => find(after, id) === undefined)),
    kept: idsOf(kept),
    changed: idsOf(kept.filter((one) => !isSame(one))),
  }
}

function find<C extends { readonly id: string }>(components: readonly C[], id: string): C | undefined {
  return components.find((one) => one.id === id)
}

function idsOf(components: readonly { readonly id: string }[]): string[] {
  return components.map(({ id }) => id)
}

function wiringOf({ transforms, sinks }: CollectorConfig): unknown {
  return [...transforms, ...sinks].map(({ id, inputs }) => [id, [...inputs].sort()])
}

/** The sinks that lines of a source come to, and the ways on which they do: through which transforms that hold lines back (batch/way.ts). */
function reachOf({ transforms, sinks }: CollectorConfig): (source: string) => ReadonlyMap<string, ReadonlySet<string>> {
  return (source) => {
    const reach = new Map<string, Set<string>>()
    const go = (id: string, way: string): void => {
      for (const sink of sinks.filter(readsFrom(id))) reach.set(sink.id, (reach.get(sink.id) ?? new Set()).add(way))
      for (const transform of transforms.filter(readsFrom(id))) {
        const spec: ComponentSpec = registries.transforms[transform.type]
        go(transform.id, spec.holdsBack === true ? way + wayBehind(transform.id) : way)
      }
    }
    go(source, '')
    return reach
  }
}

function readsFrom(id: string): (reader: { readonly inputs: readonly string[] }) => boolean {
  return ({ inputs }) => inputs.some((input) => componentOf(input) === id)
}
