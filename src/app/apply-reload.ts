import type { Sink } from '../component/sink.ts'
import type { Source } from '../component/source.ts'
import { messageOf } from '../lib/error.ts'
import type { OwnedMap } from '../lib/owned-map.ts'
import type { TransformNode } from '../pipeline/graph.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { forgetGauges } from '../telemetry/metrics.ts'
import { createTransforms, disposeTransforms, openSink, openSource, type Surroundings } from './components.ts'
import type { ReloadPlan } from './plan-reload.ts'
import type { CollectorConfig } from './registries.ts'

/** The parts of a running collector that a reload changes. */
export interface Changeable {
  readonly pipeline: Pipeline
  readonly sinks: OwnedMap<Sink>
  readonly sources: OwnedMap<Source>
  transforms: readonly TransformNode[]
}

export interface Applied {
  /** What is in force now: the new configuration, but for what could not be opened. */
  readonly config: CollectorConfig
  /** What could not be opened, a sentence each. */
  readonly failures: readonly string[]
}

interface LiveSurroundings extends Surroundings {
  /** Aborts when a sink has had its time for what it still has. */
  readonly drained: AbortSignal
}

interface Change {
  readonly before: CollectorConfig
  readonly after: CollectorConfig
  readonly plan: ReloadPlan
}

/**
 * Changes a running collector, so that lines are neither lost nor doubled: new sinks first, then what the sources see, then the sources, and
 * what goes away last. What did not change is not touched. A component that cannot be opened stays as it was before.
 */
export async function applyReload(
  running: Changeable,
  change: Change,
  surroundings: LiveSurroundings,
): Promise<Applied> {
  const { before, after, plan } = change
  const failures: string[] = []
  // First: it opens nothing, and when it throws nothing has been changed.
  const unchanged = running.transforms.filter(({ id }) => !plan.transforms.includes(id))
  const transforms = createTransforms(after, surroundings.metrics, unchanged)

  const sinks = await changeSinks(running, change, { surroundings, failures })
  const { removed, reopened, added } = plan.sources
  for (const id of [...removed, ...reopened]) {
    await running.pipeline.removeSource(id)
    await running.sources.close(id)
  }
  for (const id of removed) await forgetGauges(surroundings.metrics, { label: 'source', id })
  const replaced = running.transforms.filter((node) => !unchanged.includes(node))
  running.transforms = transforms
  running.pipeline.rewire({ transforms, inputsOf: new Map(sinks.map(({ id, inputs }) => [id, inputs])) })
  disposeTransforms(replaced)
  for (const { id } of sinks) if (running.pipeline.hasFailed(id)) running.pipeline.mend(id)
  const sources = await openSources(running, { before, after, ids: [...reopened, ...added] }, failures)

  for (const id of plan.sinks.removed) {
    const { lines, linesOnDisk } = await running.pipeline.removeSink(id, surroundings.drained)
    await running.sinks.close(id)
    await forgetGauges(surroundings.metrics, { label: 'sink', id })
    if (lines + linesOnDisk > 0)
      surroundings.log.warn({ sink: id, lines, linesOnDisk }, 'a sink was taken out before it had everything')
  }
  return { config: { ...after, sinks, sources }, failures }
}

/** @returns the sinks that are in force now. */
async function changeSinks(
  running: Changeable,
  { before, after, plan }: Change,
  { surroundings, failures }: { surroundings: LiveSurroundings; failures: string[] },
): Promise<CollectorConfig['sinks']> {
  const inForce: CollectorConfig['sinks'][number][] = []
  for (const wanted of after.sinks) {
    const { id } = wanted
    const earlier = before.sinks.find((sink) => sink.id === id)
    try {
      if (!earlier) {
        const sink = running.sinks.take(id, await openSink(wanted, surroundings))
        await running.pipeline.addSink({ ...wanted, sink })
      } else if (plan.sinks.replaced.includes(id)) await replaceSink(running, { earlier, wanted }, surroundings)
      if (plan.sinks.resized.includes(id)) await running.pipeline.resizeQueue(id, wanted.queue)
      inForce.push(wanted)
    } catch (error) {
      failures.push(`sink "${id}": ${messageOf(error)}`)
      if (earlier) inForce.push({ ...earlier, inputs: wanted.inputs })
      else await running.sinks.close(id)
    }
  }
  return inForce
}

/** The one before is closed first: both may write to the same place. @throws when the new one cannot be opened; the one before is in its place then. */
async function replaceSink(
  { pipeline, sinks }: Changeable,
  { earlier, wanted }: Record<'earlier' | 'wanted', CollectorConfig['sinks'][number]>,
  surroundings: LiveSurroundings,
): Promise<void> {
  let failure: unknown
  const open = async () => {
    await sinks.close(wanted.id)
    try {
      return sinks.take(wanted.id, await openSink(wanted, surroundings))
    } catch (error) {
      failure = error
    }
    try {
      return sinks.take(wanted.id, await openSink(earlier, surroundings))
    } catch (error) {
      return sinks.take(wanted.id, closedSink(messageOf(error)))
    }
  }
  await pipeline.replaceSink(wanted.id, open, surroundings.drained)
  if (failure !== undefined) throw failure as Error
}

/** Stands where no sink could be opened: everything waits in the queue. */
function closedSink(reason: string): Sink {
  return {
    send: () => Promise.resolve({ status: 'retry', reason: `the sink could not be opened again: ${reason}` }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** @returns the sources that are in force now. */
async function openSources(
  { pipeline, sources }: Changeable,
  { before, after, ids }: { before: CollectorConfig; after: CollectorConfig; ids: readonly string[] },
  failures: string[],
): Promise<CollectorConfig['sources']> {
  const open = async (config: CollectorConfig['sources'][number]) => {
    pipeline.add(config.id, sources.take(config.id, await openSource(config, pipeline.contextOf(config.id))))
    return config
  }
  const inForce: CollectorConfig['sources'][number][] = []
  for (const wanted of after.sources) {
    if (!ids.includes(wanted.id)) {
      inForce.push(wanted)
      continue
    }
    try {
      inForce.push(await open(wanted))
    } catch (error) {
      failures.push(`source "${wanted.id}": ${messageOf(error)}`)
      const earlier = before.sources.find(({ id }) => id === wanted.id)
      if (!earlier) continue
      try {
        inForce.push(await open(earlier))
      } catch (again) {
        failures.push(`source "${wanted.id}", as it was before: ${messageOf(again)}`)
      }
    }
  }
  return inForce
}
