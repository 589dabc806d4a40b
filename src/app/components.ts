import { join } from 'node:path'
import type { z } from 'zod'
import type { Sink, SinkSpec } from '../component/sink.ts'
import type { Source, SourceContext, SourceSpec } from '../component/source.ts'
import type { Transform, TransformSpec } from '../component/transform.ts'
import { Bug } from '../lib/error.ts'
import { Owned } from '../lib/owned.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { type CollectorConfig, registries } from './registries.ts'

interface Surroundings {
  readonly dataDir: string
  readonly log: Log
  readonly metrics: Metrics
}

export type ConfiguredSink = CollectorConfig['sinks'][number]
export type ConfiguredSource = CollectorConfig['sources'][number]
export type ConfiguredTransform = CollectorConfig['transforms'][number]

/** The open sinks and sources by id: their only owner. Sources are closed before sinks. */
export class Components implements AsyncDisposable {
  readonly #surroundings: Surroundings
  readonly #sinks = new Map<string, Sink>()
  readonly #sources = new Map<string, Source>()

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  async openSink({ id, type, options }: ConfiguredSink, signal: AbortSignal): Promise<Sink> {
    const { dataDir, log, metrics } = this.#surroundings
    const spec = specOf(registries.sinks, type) as SinkSpec<string, z.ZodObject>
    const context = { id, stateDir: join(dataDir, 'sinks', id), log: log.child({ sink: id }), metrics, signal }
    const sink = await spec.open(options, context)
    this.#sinks.set(id, sink)
    return sink
  }

  async closeSink(id: string): Promise<void> {
    const sink = this.#sinks.get(id)
    this.#sinks.delete(id)
    await sink?.[Symbol.asyncDispose]()
  }

  /** The sink that is open under this id. */
  sink(id: string): Sink | undefined {
    return this.#sinks.get(id)
  }

  async openSource({ id, type, options }: ConfiguredSource, context: SourceContext): Promise<Source> {
    const spec = specOf(registries.sources, type) as SourceSpec<string, z.ZodObject>
    const source = await spec.open(options, context)
    this.#sources.set(id, source)
    return source
  }

  async closeSource(id: string): Promise<void> {
    const source = this.#sources.get(id)
    this.#sources.delete(id)
    await source?.[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using all = new Owned()
    for (const resource of [...this.#sinks.values(), ...this.#sources.values()]) all.take(resource)
    this.#sinks.clear()
    this.#sources.clear()
  }
}

export function createTransform({ type, options }: ConfiguredTransform): Transform {
  return (specOf(registries.transforms, type) as TransformSpec<string, z.ZodObject>).create(options)
}

/** The configuration was checked against the same registries: `options` are what the type's schema made of them. */
function specOf(registry: Readonly<Record<string, unknown>>, type: string): unknown {
  const spec = registry[type]
  if (spec === undefined) throw new Bug(`the configuration names the type "${type}", which is not registered`)
  return spec
}
