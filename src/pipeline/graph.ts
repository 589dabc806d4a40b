import type { Batch } from '../batch/batch.ts'
import { lineFlags } from '../batch/flags.ts'
import type { Router, Transform } from '../component/transform.ts'
import { messageOf } from '../lib/error.ts'
import { inputName } from '../lib/input-name.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Taps } from './taps.ts'

/** A transform, and the names of the components it reads from. */
export interface TransformNode {
  readonly id: string
  readonly inputs: readonly string[]
  readonly transform: Transform
}

/** What is at the end of a branch: a sink's lane. */
export interface BranchEnd {
  readonly id: string
  /** Takes over one reference to `batch`. */
  take(batch: Batch, emission: number): void
  /** A transform before it has broken at `emission`. */
  fail(emission: number, reason: string): void
}

/** An end, and the names of the components it reads from. */
export interface LaneNode<End extends BranchEnd> {
  readonly lane: End
  readonly inputs: readonly string[]
}

/** Something that takes over one reference to a batch. */
type Consumer<End> = { readonly kind: 'lane'; readonly lane: End } | TransformConsumer<End>

interface TransformConsumer<End> {
  readonly kind: 'transform'
  readonly node: TransformNode
  /** Who reads from each of its outputs; from the only one, where it is no router. */
  readonly next: readonly (readonly Consumer<End>[])[]
  /** The transform has thrown: it is called no more. */
  isBroken: boolean
}

/** What follows a source: transforms and lanes, as a tree that was checked for cycles when the configuration was loaded. */
export interface Branches<End> {
  /** Takes over the reference to `batch`. */
  pass(batch: Batch, emission: number): void
  /** The lanes at the ends, each once. */
  readonly lanes: readonly End[]
}

export function branchesOf<End extends BranchEnd>(
  sourceId: string,
  graph: { transforms: readonly TransformNode[]; lanes: readonly LaneNode<End>[] },
  surroundings: { log: Log; metrics: Metrics; taps: Taps },
): Branches<End> {
  const consumersOf = (id: string): Consumer<End>[] => [
    ...graph.transforms
      .filter(({ inputs }) => inputs.includes(id))
      .map((node) => ({
        ...{ kind: 'transform' as const, node, isBroken: false },
        next: outputNamesOf(node).map(consumersOf),
      })),
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

function outputNamesOf({ id, transform }: TransformNode): readonly string[] {
  return 'route' in transform ? transform.outputs.map((output) => inputName(id, output)) : [id]
}

/** The lanes behind all outputs. */
function lanesBehind<End>({ next }: TransformConsumer<End>): End[] {
  return lanesOf(next.flat())
}

function lanesOf<End>(consumers: readonly Consumer<End>[]): End[] {
  const lanes = consumers.flatMap((consumer) => (consumer.kind === 'lane' ? [consumer.lane] : lanesBehind(consumer)))
  return [...new Set(lanes)]
}

interface Passing {
  readonly emission: number
  readonly log: Log
  readonly metrics: Metrics
  readonly taps: Taps
}

/** Transforms change a batch in place: one that shares its batch with anybody gets a copy of the columns. */
function pass<End extends BranchEnd>(batch: Batch, consumers: readonly Consumer<End>[], passing: Passing): void {
  for (const consumer of consumers) {
    if (consumer.kind === 'lane') {
      batch.retain()
      consumer.lane.take(batch, passing.emission)
      continue
    }
    const mine = consumers.length > 1 ? batch.fork() : batch
    if (mine === batch) batch.retain()
    const made = apply(consumer, mine, passing)
    if (made === undefined) {
      refuse(mine, lanesBehind(consumer), passing.emission)
      continue
    }
    for (const [output, changed] of made.entries()) {
      if (!passing.taps.isIdle) passing.taps.offer(consumer.node.id, 'transform', changed)
      pass(changed, consumer.next[output]!, passing)
    }
  }
  batch.release()
}

/** What the transform made of the batch, for each of its outputs; it has taken over the batch then. Undefined: it could not be applied. When it throws, the lanes behind it fail: they must not acknowledge what they never got. */
function apply<End extends BranchEnd>(
  consumer: TransformConsumer<End>,
  batch: Batch,
  { emission, log, metrics }: Passing,
): readonly Batch[] | undefined {
  if (consumer.isBroken) return undefined
  const { id: transform, transform: instance } = consumer.node
  const before = batch.measure().lines
  let made: readonly Batch[]
  try {
    made = 'route' in instance ? split(batch, instance) : [instance.apply(batch)]
  } catch (error) {
    consumer.isBroken = true
    const lanes = lanesBehind(consumer)
    const reason = `transform "${transform}" has failed: ${messageOf(error)}`
    for (const lane of lanes) lane.fail(emission, reason)
    log.error(
      { transform, sinks: lanes.map(({ id }) => id), error: messageOf(error) },
      'a transform has failed; its sinks take nothing more, and cursors stay before what they did not get',
    )
    return undefined
  }
  if (!made.includes(batch)) batch.release()
  const after = made.reduce(
    (sum, one, output) => sum + (consumer.next[output]!.length > 0 ? one.measure().lines : 0),
    0,
  )
  metrics.logsProcessed.inc({ transform }, after)
  metrics.logsDropped.inc({ transform }, before - after)
  return made
}

/** A copy of the columns for each output, in which what goes elsewhere is dropped: every sink behind learns how far the streams have come. */
function split(batch: Batch, router: Router): readonly Batch[] {
  const outputs = router.route(batch)
  return router.outputs.map((_, index) => {
    const mine = batch.fork()
    keepOutput(mine, outputs, index)
    return mine
  })
}

/** Drops the rows that go to other outputs than this. */
export function keepOutput({ count, columns: { flags } }: Batch, outputs: Uint16Array, index: number): void {
  for (let row = 0; row < count; row++) if (outputs[row] !== index) flags[row] = flags[row]! | lineFlags.dropped
}

/** Lanes that have failed count what they did not take. */
function refuse(batch: Batch, lanes: readonly BranchEnd[], emission: number): void {
  for (const lane of lanes) {
    batch.retain()
    lane.take(batch, emission)
  }
  batch.release()
}
