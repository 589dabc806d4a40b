import type { Batch } from '../batch/batch.ts'
import type { Transform } from '../component/transform.ts'
import { messageOf } from '../lib/error.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Lane } from './lane.ts'
import type { Taps } from './taps.ts'

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
type Consumer = { readonly kind: 'lane'; readonly lane: Lane } | TransformConsumer

interface TransformConsumer {
  readonly kind: 'transform'
  readonly node: TransformNode
  readonly next: readonly Consumer[]
  /** The transform has thrown: it is called no more. */
  isBroken: boolean
}

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
  surroundings: { log: Log; metrics: Metrics; taps: Taps },
): Branches {
  const consumersOf = (id: string): Consumer[] => [
    ...graph.transforms
      .filter(({ inputs }) => inputs.includes(id))
      .map((node) => ({ kind: 'transform' as const, node, next: consumersOf(node.id), isBroken: false })),
    ...graph.lanes.filter(({ inputs }) => inputs.includes(id)).map(({ lane }) => ({ kind: 'lane' as const, lane })),
  ]
  const consumers = consumersOf(sourceId)
  return {
    pass: (batch, emission) => {
      if (!surroundings.taps.isIdle) surroundings.taps.offer(sourceId, 'source', batch)
      pass(batch, consumers, { emission, ...surroundings })
    },
    lanes: lanesOf(consumers),
  }
}

function lanesOf(consumers: readonly Consumer[]): Lane[] {
  const lanes = consumers.flatMap((consumer) => (consumer.kind === 'lane' ? [consumer.lane] : lanesOf(consumer.next)))
  return [...new Set(lanes)]
}

interface Passing {
  readonly emission: number
  readonly log: Log
  readonly metrics: Metrics
  readonly taps: Taps
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
    const changed = apply(consumer, mine, passing)
    if (changed === undefined) {
      refuse(mine, lanesOf(consumer.next), passing.emission)
      continue
    }
    if (changed !== mine) mine.release()
    if (!passing.taps.isIdle) passing.taps.offer(consumer.node.id, 'transform', changed)
    pass(changed, consumer.next, passing)
  }
  batch.release()
}

/** What the transform made of the batch; undefined: it could not be applied. When it throws, the lanes behind it fail: they must not acknowledge what they never got. */
function apply(consumer: TransformConsumer, batch: Batch, { emission, log, metrics }: Passing): Batch | undefined {
  if (consumer.isBroken) return undefined
  const { id: transform, transform: instance } = consumer.node
  const before = batch.measure().lines
  let changed: Batch
  try {
    changed = instance.apply(batch)
  } catch (error) {
    consumer.isBroken = true
    const lanes = lanesOf(consumer.next)
    const reason = `transform "${transform}" has failed: ${messageOf(error)}`
    for (const lane of lanes) lane.fail(emission, reason)
    log.error(
      { transform, sinks: lanes.map(({ id }) => id), error: messageOf(error) },
      'a transform has failed; its sinks take nothing more, and cursors stay before what they did not get',
    )
    return undefined
  }
  const after = changed.measure().lines
  metrics.logsProcessed.inc({ transform }, after)
  metrics.logsDropped.inc({ transform }, before - after)
  return changed
}

/** Lanes that have failed count what they did not take. */
function refuse(batch: Batch, lanes: readonly Lane[], emission: number): void {
  for (const lane of lanes) {
    batch.retain()
    lane.take(batch, emission)
  }
  batch.release()
}
