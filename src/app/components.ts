import { join } from 'node:path'
import type { z } from 'zod'
import type { QueueOptions } from '../component/queue-options.ts'
import type { Sink, SinkSpec } from '../component/sink.ts'
import type { SourceSpec } from '../component/source.ts'
import type { Transform, TransformSpec } from '../component/transform.ts'
import { Bug } from '../lib/error.ts'
import type { Owned } from '../lib/owned.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { type CollectorConfig, registries } from './registries.ts'

interface Surroundings {
  readonly dataDir: string
  readonly log: Log
  readonly metrics: Metrics
  readonly signal: AbortSignal
}

/** Opens the sinks one after the other; `owned` closes them. */
export async function openSinks(
  config: CollectorConfig,
  { dataDir, log, metrics, signal }: Surroundings,
  owned: Owned,
): Promise<{ id: string; inputs: readonly string[]; sink: Sink; queue: QueueOptions }[]> {
  const opened = []
  for (const { id, type, inputs, queue, options } of config.sinks) {
    const spec = specOf(registries.sinks, type) as SinkSpec<string, z.ZodObject>
    const context = { id, stateDir: join(dataDir, 'sinks', id), log: log.child({ sink: id }), metrics, signal }
    opened.push({ id, inputs, queue, sink: owned.take(await spec.open(options, context)) })
  }
  return opened
}

export function createTransforms(
  config: CollectorConfig,
): { id: string; inputs: readonly string[]; transform: Transform }[] {
  return config.transforms.map(({ id, type, inputs, options }) => ({
    id,
    inputs,
    transform: (specOf(registries.transforms, type) as TransformSpec<string, z.ZodObject>).create(options),
  }))
}

/** Opens the sources and gives them to the pipeline; `owned` closes them. */
export async function openSources(config: CollectorConfig, pipeline: Pipeline, owned: Owned): Promise<void> {
  for (const { id, type, options } of config.sources) {
    const spec = specOf(registries.sources, type) as SourceSpec<string, z.ZodObject>
    pipeline.add(id, owned.take(await spec.open(options, pipeline.contextOf(id))))
  }
}

/** The configuration was checked against the same registries: `options` are what the type's schema made of them. */
function specOf(registry: Readonly<Record<string, unknown>>, type: string): unknown {
  const spec = registry[type]
  if (spec === undefined) throw new Bug(`the configuration names the type "${type}", which is not registered`)
  return spec
}
