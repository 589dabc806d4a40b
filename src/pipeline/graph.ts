import type { Batch } from '../batch/batch.ts'
import type { Transform } from '../component/transform.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Lane } from './lane.ts'

/** A transform, and the names of the components it reads from. */
export interface TransformNode {
  readonly id: string
  readonly inputs: readonly string[]
  readonly transform: Transform
}

/** A sink's lane, and the names of the components it reads from. */
export interface LaneNode {
  readonly lane: Lane
  readonly inputs: readonly string[]
}

/** Something that takes over one reference to a batch. */
type Consumer =
  | { readonly kind: 'lane'; readonly lane: Lane }
  | { readonly kind: 'transform'; readonly node: TransformNode; readonly next: readonly Consumer[] }

/** What follows a source: transforms and lanes, as a tree that was checked for cycles when the configuration was loaded. */
export interface Branches {
  /** Takes over the reference to `batch`. */
  pass(batch: Batch, emission: number): void
  /** The lanes at the ends, each once. */
  readonly lanes: readonly Lane[]
}

export function branchesOf(
  sourceId: string,
  graph: { transforms: readonly TransformNode[]; lanes: readonly LaneNode[] },
  metrics: Metrics,
): Branches {
  const consumersOf = (id: string): Consumer[] => [
    ...graph.transforms
      .filter(({ inputs }) => inputs.includes(id))
      .map((node) => ({ kind: 'transform' as const, node, next: consumersOf(node.id) })),
    ...graph.lanes.filter(({ inputs }) => inputs.includes(id)).map(({ lane }) => ({ kind: 'lane' as const, lane })),
  ]
  const consumers = consumersOf(sourceId)
  return {
    pass: (batch, emission) => pass(batch, consumers, { emission, metrics }),
    lanes: [...new Set(lanesOf(consumers))],
  }
}

function lanesOf(consumers: readonly Consumer[]): Lane[] {
  return consumers.flatMap((consumer) => (consumer.kind === 'lane' ? [consumer.lane] : lanesOf(consumer.next)))
}

interface Passing {
  readonly emission: number
  readonly metrics: Metrics
}

/** Transforms change a batch in place: one that shares its batch with anybody gets a copy of the columns. */
function pass(batch: Batch, consumers: readonly Consumer[], passing: Passing): void {
  for (const consumer of consumers) {
    if (consumer.kind === 'lane') {
      batch.retain()
      consumer.lane.take(batch, passing.emission)
      continue
    }
    const mine = consumers.length > 1 ? batch.fork() : batch
    if (mine === batch) batch.retain()
    apply(consumer.node, mine, passing.metrics)
    pass(mine, consumer.next, passing)
  }
  batch.release()
}

function apply({ id, transform }: TransformNode, batch: Batch, metrics: Metrics): void {
  const before = batch.measure().lines
  transform.apply(batch)
  const after = batch.measure().lines
  metrics.logsProcessed.inc({ transform: id }, after)
  metrics.logsDropped.inc({ transform: id }, before - after)
}
