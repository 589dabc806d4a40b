import type { Batch } from '../batch/batch.ts'
import type { Cursor } from '../batch/cursor.ts'
import { lineFlags } from '../batch/flags.ts'
import { wayBehind } from '../batch/way.ts'
import type { Joiner, Joining, Router, Transform } from '../component/transform.ts'
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

/** Something that takes over one reference to a batch. `way`: through which joiners its lines have come, as their keys say (batch/way.ts). */
type Consumer<End> = { readonly kind: 'lane'; readonly lane: End; readonly way: string } | TransformConsumer<End>

interface TransformConsumer<End> {
  readonly kind: 'transform'
  readonly node: TransformNode
  readonly way: string
  /** Of a joiner: the lines of this source on their way through it. */
  readonly joining: Joining | undefined
  /** Who reads from each of its outputs; from the only one, where it is no router. */
  readonly next: readonly (readonly Consumer<End>[])[]
  /** The transform has thrown: it is called no more. */
  isBroken: boolean
}

/** A lane, and a way on which it gets the lines of a source: through which joiners. */
export interface BranchWay<End> {
  readonly lane: End
  readonly way: string
}

/** Where a stream stands behind a way: the place of one lane. */
export interface PlaceOnWay {
  readonly way: string
  readonly cursor: Cursor
}

/** What follows a source: transforms and lanes, as a tree that was checked for cycles when the configuration was loaded. */
export interface Branches<End> {
  /** Takes over the reference to `batch`. */
  pass(batch: Batch, emission: number): void
  /** The lanes at the ends, each once. */
  readonly lanes: readonly End[]
  /** The ways to them, each once. */
  readonly ways: readonly BranchWay<End>[]
  /** When something that joiners hold is due, by `performance.now()`; undefined: they hold nothing. */
  dueAtMs(): number | undefined
  /** Passes on what is due; with `Infinity` all that is held. */
  flush(nowMs: number, emission: number): void
  /** The stream is read anew, from a place before everything that is held of it. */
  reopen(key: string, places: readonly PlaceOnWay[]): void
}

export function branchesOf<End extends BranchEnd>(
  sourceId: string,
  graph: { transforms: readonly TransformNode[]; lanes: readonly LaneNode<End>[] },
  surroundings: { log: Log; metrics: Metrics; taps: Taps },
): Branches<End> {
  const consumersOf = (id: string, way: string): Consumer<End>[] => [
    ...graph.transforms.filter(({ inputs }) => inputs.includes(id)).map((node) => consumerOf(node, way, consumersOf)),
    ...graph.lanes
      .filter(({ inputs }) => inputs.includes(id))
      .map(({ lane }) => ({ kind: 'lane' as const, lane, way })),
  ]
  const consumers = consumersOf(sourceId, '')
  const joiners = joinersOf(consumers)
  return {
    pass: (batch, emission) => {
      if (!surroundings.taps.isIdle) surroundings.taps.offer(sourceId, 'source', batch)
      pass(batch, consumers, { emission, ...surroundings })
    },
    lanes: lanesOf(consumers),
    ways: waysOf(consumers),
    dueAtMs: () => earliest(joiners.map(({ joining }) => joining.dueAtMs)),
    flush: (nowMs, emission) => {
      // From the front: what one passes on the next may hold.
      for (const joiner of joiners) flush(joiner, nowMs, { emission, ...surroundings })
    },
    reopen: (key, places) => {
      for (const { joining, way, behind } of joiners)
        joining.reopen(
          key + way,
          places.filter((place) => place.way.startsWith(behind)).map(({ cursor }) => cursor),
        )
    },
  }
}

function consumerOf<End extends BranchEnd>(
  node: TransformNode,
  way: string,
  consumersOf: (id: string, way: string) => Consumer<End>[],
): TransformConsumer<End> {
  const { id, transform } = node
  const joining = 'begin' in transform ? transform.begin() : undefined
  const wayOn = joining ? way + wayBehind(id) : way
  const next = outputNamesOf(node).map((output) => consumersOf(output, wayOn))
  return { kind: 'transform', node, way, joining, isBroken: false, next }
}

interface JoinerConsumer<End> extends TransformConsumer<End> {
  readonly joining: Joining
  /** The way behind it. */
  readonly behind: string
}

/** Those nearer to the source first. */
function joinersOf<End>(consumers: readonly Consumer<End>[]): JoinerConsumer<End>[] {
  return consumers.flatMap((consumer) => {
    if (consumer.kind === 'lane') return []
    const { joining, way, node } = consumer
    const behind = joinersOf(consumer.next.flat())
    // The consumer itself, not a copy: it may break.
    return joining ? [Object.assign(consumer, { joining, behind: way + wayBehind(node.id) }), ...behind] : behind
  })
}

function waysOf<End>(consumers: readonly Consumer<End>[]): BranchWay<End>[] {
  const ways = consumers.flatMap((consumer) =>
    consumer.kind === 'lane' ? [{ lane: consumer.lane, way: consumer.way }] : waysOf(consumer.next.flat()),
  )
  return ways.filter(({ lane, way }, index) => ways.findIndex((one) => one.lane === lane && one.way === way) === index)
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
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
    // A joiner changes nothing.
    const mine = consumers.length > 1 && consumer.joining === undefined ? batch.fork() : batch
    if (mine === batch) batch.retain()
    const made = apply(consumer, mine, passing)
    if (made === undefined) refuse(mine, lanesBehind(consumer), passing.emission)
    else passOn(consumer, made, passing)
  }
  batch.release()
}

function passOn<End extends BranchEnd>(
  { node, next }: TransformConsumer<End>,
  made: readonly Batch[],
  passing: Passing,
): void {
  for (const [output, changed] of made.entries()) {
    if (!passing.taps.isIdle) passing.taps.offer(node.id, 'transform', changed)
    pass(changed, next[output]!, passing)
  }
}

/** What a joiner holds and is due. */
function flush<End extends BranchEnd>(consumer: JoinerConsumer<End>, nowMs: number, passing: Passing): void {
  if (consumer.isBroken) return
  const batch = consumer.joining.flush(nowMs)
  if (batch === undefined) return
  passing.metrics.logsProcessed.inc({ transform: consumer.node.id }, batch.measure().lines)
  passOn(consumer, [batch], passing)
}

/** What the transform made of the batch, for each of its outputs; it has taken over the batch then. Undefined: it could not be applied. When it throws, the lanes behind it fail: they must not acknowledge what they never got. */
function apply<End extends BranchEnd>(
  consumer: TransformConsumer<End>,
  batch: Batch,
  { emission, log, metrics }: Passing,
): readonly Batch[] | undefined {
  if (consumer.isBroken) return undefined
  const { id: transform } = consumer.node
  const before = consumer.joining ? 0 : batch.measure().lines
  let made: readonly Batch[]
  try {
    made = make(consumer, batch)
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
  // What a joiner does with the rest it counts itself.
  if (!consumer.joining) metrics.logsDropped.inc({ transform }, before - after)
  return made
}

function make<End>({ node, joining }: TransformConsumer<End>, batch: Batch): readonly Batch[] {
  if (joining) return [joining.join(batch, performance.now())]
  const transform = node.transform as Exclude<Transform, Joiner>
  return 'route' in transform ? split(batch, transform) : [transform.apply(batch)]
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
