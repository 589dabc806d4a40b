import { isDeepStrictEqual } from 'node:util'
import type { CollectorConfig } from './registries.ts'

/** The components of one section by what a reload does with them, by id. */
export interface SectionPlan {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Another type or other options. */
  readonly changed: readonly string[]
}

/** What has to be done to go on with another configuration. */
export interface ReloadPlan {
  /** Why it cannot be done at all while the collector runs; undefined: it can. */
  readonly refusal: string | undefined
  readonly sources: SectionPlan & {
    /** Unchanged themselves, with a sink behind them that wants lines from before: they are opened anew at its place. */
    readonly reopened: readonly string[]
  }
  readonly transforms: SectionPlan
  readonly sinks: SectionPlan & {
    /** The way into them is opened anew: their queue has other limits, or had failed. */
    readonly requeued: readonly string[]
  }
  /** Inputs have changed. */
  readonly isRewired: boolean
  readonly isApiChanged: boolean
  readonly isLogChanged: boolean
  /** There is nothing to do. */
  readonly isEmpty: boolean
}

/** Components that have failed for good, by id: a reload begins them anew. */
export interface Broken {
  readonly sources: ReadonlySet<string>
  readonly sinks: ReadonlySet<string>
}

const nothingBroken: Broken = { sources: new Set(), sinks: new Set() }

interface Component {
  readonly id: string
  readonly type: string
  readonly options: unknown
}

/** Compares two configurations. Does nothing else. */
export function planReload(before: CollectorConfig, after: CollectorConfig, broken: Broken = nothingBroken): ReloadPlan {
  const transforms = planSection(before.transforms, after.transforms)
  const sinks = {
    ...planSection(before.sinks, after.sinks),
    requeued: both(before.sinks, after.sinks)
      .filter(([was, is]) => broken.sinks.has(is.id) || !isDeepStrictEqual(was.queue, is.queue))
      .map(([, { id }]) => id),
  }
  const sources = planSources(before, after, { broken, begunSinks: new Set([...sinks.added, ...sinks.requeued]) })
  const isRewired =
    !isDeepStrictEqual(inputsOf(before.transforms), inputsOf(after.transforms)) ||
    !isDeepStrictEqual(inputsOf(before.sinks), inputsOf(after.sinks))
  const isApiChanged = !isDeepStrictEqual(before.api, after.api)
  const isLogChanged = before.log.level !== after.log.level
  const lists = [sources, transforms, sinks].flatMap((section) => Object.values(section)) as (readonly string[])[]
  const refusal =
    before.dataDir === after.dataDir
      ? undefined
      : `data_dir cannot change from "${before.dataDir}" to "${after.dataDir}" while the collector runs; restart it`
  const isEmpty =
    refusal === undefined && lists.every(({ length }) => length === 0) && !isRewired && !isApiChanged && !isLogChanged
  return { refusal, sources, transforms, sinks, isRewired, isApiChanged, isLogChanged, isEmpty }
}

function planSources(
  before: CollectorConfig,
  after: CollectorConfig,
  { broken, begunSinks }: { broken: Broken; begunSinks: ReadonlySet<string> },
): ReloadPlan['sources'] {
  const plan = planSection(before.sources, after.sources)
  const reopened = both(before.sources, after.sources)
    .map(([, { id }]) => id)
    .filter((id) => {
      if (plan.changed.includes(id)) return false
      const had = sinksBehind(id, before)
      const isNew = (sink: string) => begunSinks.has(sink) || !had.has(sink)
      return broken.sources.has(id) || [...sinksBehind(id, after)].some(isNew)
    })
  return { ...plan, reopened }
}

function planSection(before: readonly Component[], after: readonly Component[]): SectionPlan {
  const [was, is] = [new Set(before.map(({ id }) => id)), new Set(after.map(({ id }) => id))]
  return {
    added: [...is].filter((id) => !was.has(id)),
    removed: [...was].filter((id) => !is.has(id)),
    changed: both(before, after)
      .filter(([one, other]) => one.type !== other.type || !isDeepStrictEqual(one.options, other.options))
      .map(([, { id }]) => id),
  }
}

function both<C extends { readonly id: string }>(before: readonly C[], after: readonly C[]): [C, C][] {
  const byId = new Map(before.map((component) => [component.id, component]))
  return after.flatMap((component): [C, C][] => {
    const was = byId.get(component.id)
    return was ? [[was, component]] : []
  })
}

function inputsOf(stages: readonly { readonly id: string; readonly inputs: readonly string[] }[]) {
  return new Map(stages.map(({ id, inputs }) => [id, new Set(inputs)]))
}

/** The sinks that the lines of a source come to, through whatever transforms. */
function sinksBehind(sourceId: string, { transforms, sinks }: CollectorConfig): Set<string> {
  const reached = new Set([sourceId])
  for (let size = 0; size !== reached.size; ) {
    size = reached.size
    for (const { id, inputs } of transforms) if (inputs.some((input) => reached.has(input))) reached.add(id)
  }
  return new Set(sinks.filter(({ inputs }) => inputs.some((input) => reached.has(input))).map(({ id }) => id))
}
