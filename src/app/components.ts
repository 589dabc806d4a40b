import { join } from 'node:path'
import type { z } from 'zod'
import type { Sink, SinkSpec } from '../component/sink.ts'
import type { Source, SourceContext, SourceSpec } from '../component/source.ts'
import type { TransformSpec } from '../component/transform.ts'
import { Bug } from '../lib/error.ts'
import type { TransformNode } from '../pipeline/graph.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { type CollectorConfig, registries } from './registries.ts'

export interface Surroundings {
  readonly dataDir: string
  readonly log: Log
  readonly metrics: Metrics
  readonly signal: AbortSignal
}

/** Opens a sink; the caller closes it. */
export function openSink(
  { id, type, options }: CollectorConfig['sinks'][number],
  { dataDir, log, metrics, signal }: Surroundings,
): Promise<Sink> {
  const spec = specOf(registries.sinks, type) as SinkSpec<string, z.ZodObject>
  const context = { id, stateDir: join(dataDir, 'sinks', id), log: log.child({ sink: id }), metrics, signal }
  return spec.open(options, context)
}

/** Opens a source; the caller closes it. */
export function openSource(
  { type, options }: CollectorConfig['sources'][number],
  context: SourceContext,
): Promise<Source> {
  return (specOf(registries.sources, type) as SourceSpec<string, z.ZodObject>).open(options, context)
}

/** The transforms of a configuration; those that are in `kept` stay the instances they were. */
export function createTransforms(
  { transforms }: Pick<CollectorConfig, 'transforms'>,
  metrics: Metrics,
  kept: readonly TransformNode[] = [],
): readonly TransformNode[] {
  return transforms.map(({ id, type, inputs, options }) => {
    const earlier = kept.find((node) => node.id === id)?.transform
    const spec = specOf(registries.transforms, type) as TransformSpec<string, z.ZodObject>
    return { id, inputs, transform: earlier ?? spec.create(options, { id, metrics }) }
  })
}

/** The configuration was checked against the same registries: `options` are what the type's schema made of them. */
function specOf(registry: Readonly<Record<string, unknown>>, type: string): unknown {
  const spec = registry[type]
  if (spec === undefined) throw new Bug(`the configuration names the type "${type}", which is not registered`)
  return spec
}
