import type { Batch } from '../batch/batch.ts'
import type { Shaper, Transform } from '../component/transform.ts'
import { LogCapturerError } from '../lib/error.ts'
import { componentOf, outputOf } from '../lib/input-name.ts'
import { keepOutput } from '../pipeline/graph.ts'
import { createSelection } from '../sources/docker/selection.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { createTransforms } from './components.ts'
import { type LokiDelivery, lokiDelivery, type TimesOff } from './loki-delivery.ts'
import type { CollectorConfig } from './registries.ts'

/** A configuration that does not say clearly enough which lines a sink gets. */
export class DeliveryPlanError extends LogCapturerError {
  readonly code = 'DELIVERY_PLAN'
}

export interface FileDelivery {
  readonly kind: 'files'
  readonly pattern: string
  readonly format: 'ndjson' | 'text'
}

/** What a configuration says of one sink: which engine its lines come from, what is done with them, where they are. */
export interface DeliveryPlan {
  readonly sinkId: string
  readonly source: Extract<CollectorConfig['sources'][number], { type: 'docker' }>['options']
  readonly delivery: FileDelivery | LokiDelivery
  /** What the transforms make of the batch, which is taken over. */
  prepare(batch: Batch): Batch
  isCollected(container: Parameters<ReturnType<typeof createSelection>>[0]): boolean
}

/** @throws DeliveryPlanError where the configuration has no such sink, or one whose lines come in a way that is not understood */
export function planOf(config: CollectorConfig, sinkId: string | undefined): DeliveryPlan {
  const sink = chooseSink(config, sinkId)
  const transforms = new Map(createTransforms(config, createMetrics()).map((one) => [one.id, one]))
  const way: Shaper[] = []
  const ids: string[] = []
  let inputs = fromEngines(sink.inputs, config)
  while (true) {
    if (inputs.length !== 1)
      throw new DeliveryPlanError(`the lines of "${sink.id}" come by more than one way, which is not understood`, {
        hint: 'compare with --engine, and --files or --loki',
      })
    const node = transforms.get(componentOf(inputs[0]!))
    if (!node) break
    way.unshift(shaperOf(node.transform, inputs[0]!))
    ids.push(node.id)
    inputs = fromEngines(node.inputs, config)
  }
  const source = config.sources.find(({ id }) => id === inputs[0])
  if (source?.type !== 'docker') throw new DeliveryPlanError(`"${inputs[0]!}" is no docker source`)
  return {
    sinkId: sink.id,
    source: source.options,
    delivery:
      sink.type === 'file'
        ? {
            kind: 'files',
            pattern: sink.options.path.replaceAll('{source}', source.id),
            format: sink.options.format,
          }
        : lokiDelivery(sink.options, {
            ...{ sourceId: source.id, streams: source.options.streams },
            timesOff: timesOffOf(config.transforms.filter(({ id }) => ids.includes(id))),
          }),
    isCollected: createSelection(source.options),
    prepare(batch) {
      let current = batch
      for (const transform of way) {
        const changed = transform.apply(current)
        if (changed !== current) current.release()
        current = changed
      }
      return current
    },
  }
}

/** How far lines' own times may lie from the engine's, where a transform takes them. */
function timesOffOf(transforms: CollectorConfig['transforms']): TimesOff {
  const off = transforms.flatMap((one) => (one.type === 'timestamp' ? [one.options] : []))
  return {
    beforeMs: Math.max(0, ...off.map(({ max_behind: ms }) => ms)),
    behindMs: Math.max(0, ...off.map(({ max_ahead: ms }) => ms)),
  }
}

/** Without sources whose lines no engine has, where there are others: they are not looked for in an engine, and lie beside those that are. */
function fromEngines(inputs: readonly string[], { sources }: CollectorConfig): readonly string[] {
  const others = inputs.filter((input) => sources.find(({ id }) => id === input)?.type !== 'push')
  return others.length > 0 ? others : inputs
}

/** Of a router only what it sends to the output that `input` names. */
function shaperOf(transform: Transform, input: string): Shaper {
  if ('begin' in transform)
    throw new DeliveryPlanError(
      `"${componentOf(input)}" makes one line of several, and where it ended them is not known here`,
      { hint: 'compare a sink that gets the lines as they were written' },
    )
  if (!('route' in transform)) return transform
  const index = transform.outputs.indexOf(outputOf(input) ?? '')
  return {
    apply(batch) {
      keepOutput(batch, transform.route(batch), index)
      return batch
    },
  }
}

function chooseSink(config: CollectorConfig, sinkId: string | undefined) {
  const sinks = config.sinks.filter((one) => one.type === 'file' || one.type === 'loki')
  const sink = sinkId === undefined && sinks.length === 1 ? sinks[0] : sinks.find(({ id }) => id === sinkId)
  if (sink) return sink
  const hint =
    sinks.length === 0
      ? 'only sinks of the types file and loki are understood'
      : `--sink takes ${sinks.map(({ id }) => id).join(', ')}`
  throw new DeliveryPlanError(
    sinkId === undefined ? 'which sink is meant is not clear' : `there is no file or Loki sink "${sinkId}"`,
    { hint },
  )
}
