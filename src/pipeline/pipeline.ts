import { join } from 'node:path'
import type { Batch } from '../batch/batch.ts'
import { compareCursors, type Cursor } from '../batch/cursor.ts'
import type { Progress } from '../batch/origin.ts'
import { sourceKeyOf } from '../batch/way.ts'
import type { QueueOptions } from '../component/queue-options.ts'
import type { SendOutcome, Sink } from '../component/sink.ts'
import type { ContainerStatus, RecentWish, Source, SourceContext, SourceStatus } from '../component/source.ts'
import { Bug, messageOf } from '../lib/error.ts'
import { Owned } from '../lib/owned.ts'
import { abortable, type Deferred, deferred, linkSignals } from '../lib/wait.ts'
import type { CursorStore } from '../state/cursor-store.ts'
import type { Log } from '../telemetry/log.ts'
import { beginCounters, type Metrics } from '../telemetry/metrics.ts'
import type { DeadLetters } from './dead-letters/dead-letters.ts'
import { BatchTraces } from './batch-traces.ts'
import { Deliveries } from './deliveries.ts'
import { FlushTimer } from './flush-timer.ts'
import { branchesOf, type Branches, type TransformNode } from './graph.ts'
import { Lane, type LaneStatus, type Undelivered } from './lane.ts'
import type { OnAcknowledged } from './queue.ts'
import { Taps } from './taps.ts'
import { keysAfter, keysOnWays } from './ways.ts'

export interface SinkNode {
  readonly id: string
  readonly inputs: readonly string[]
  readonly sink: Sink
  readonly queue: QueueOptions
}

/** The components of a pipeline, joined by name. Sinks and sources are owned by the caller. */
export interface PipelineParts {
  readonly transforms: readonly TransformNode[]
  readonly sinks: readonly SinkNode[]
  /** Each sink's disk queue has a folder of its own in here. */
  readonly queuesFolder: string
  readonly deadLetters: Pick<DeadLetters, 'add'>
  readonly store: CursorStore
  readonly log: Log
  readonly metrics: Metrics
}

export interface SourceState {
  readonly id: string
  readonly status: SourceStatus
  /** Its lines are of containers that an engine has. */
  readonly hasContainers: boolean
  /** Why the source has stopped by itself; undefined: it has not. */
  readonly failure: string | undefined
  /** A queue behind it is full: it waits. */
  readonly isHeldBack: boolean
}

/** How everything is joined: the transforms, and what each sink reads from. */
export interface Wiring {
  readonly transforms: readonly TransformNode[]
  readonly inputsOf: ReadonlyMap<string, readonly string[]>
}

interface SourceEntry {
  readonly id: string
  readonly source: Source
  readonly stop: AbortController
  /** Undefined: it has not begun. */
  run: Promise<void> | undefined
  isRunning: boolean
  failure: string | undefined
}

interface LaneEntry {
  readonly lane: Lane
  readonly end: AbortController
  run: Promise<void> | undefined
}

/** Sources on one side, sinks on the other: batches go one way, acknowledgements the other. Components may come, go and be joined anew while it runs. */
export class Pipeline implements AsyncDisposable {
  /** Who looks at lines on their way. */
  readonly taps = new Taps()
  /** Who wants to know where batches are. */
  readonly traces = new BatchTraces()
  readonly #parts: PipelineParts
  readonly #lanes = new Map<string, LaneEntry>()
  readonly #sources = new Map<string, SourceEntry>()
  /** What follows each source, as the wiring says now. */
  readonly #branches = new Map<string, Branches<Lane>>()
  /** Calls for what joiners hold, by source. */
  readonly #flushTimers = new Map<string, FlushTimer>()
  /** Sources that wait for room. */
  readonly #waiting = new Set<Deferred<void>>()
  /** Batches of which somebody waits to hear that every sink has them. */
  readonly #deliveries = new Deliveries()
  #wiring: Wiring
  #emission = 0
  #stop: AbortSignal | undefined

  private constructor(parts: PipelineParts) {
    this.#parts = parts
    const { transforms, sinks } = parts
    this.#wiring = { transforms, inputsOf: new Map(sinks.map(({ id, inputs }) => [id, inputs])) }
    for (const { id } of transforms) beginCounters(parts.metrics, { label: 'transform', id })
  }

  /** Opens the disk queues, and takes over into the cursor store what sinks and queues know from their own records. */
  static async open(parts: PipelineParts): Promise<Pipeline> {
    await using undo = new Owned()
    const pipeline = undo.take(new Pipeline(parts))
    for (const node of parts.sinks) await pipeline.addSink(node)
    undo.move()
    return pipeline
  }

  /** What a source needs to open: its output, and its cursors as its sinks have acknowledged them. */
  contextOf(id: string): SourceContext {
    const { store, log, metrics } = this.#parts
    beginCounters(metrics, { label: 'source', id })
    this.#branches.set(id, this.#branchesOf(id))
    const branches = () => this.#branches.get(id)!
    this.#settlePlaces(id, branches())
    this.#flushTimers.set(
      id,
      new FlushTimer({
        dueAtMs: () => branches().dueAtMs(),
        mayFlush: () => branches().lanes.every((lane) => lane.hasRoom),
        flush: (nowMs) => branches().flush(nowMs, this.#nextEmission()),
      }),
    )
    return {
      id,
      log: log.child({ source: id }),
      metrics,
      cursorOf: (key, begin) => this.#resume(key, begin, branches()),
      markPresent: (isPresent) => store.markPresent(`${id}/`, (key) => isPresent(sourceKeyOf(key))),
      markDestroyed: (keys) => store.markDestroyed(keysOnWays(keys, branches().ways)),
      output: {
        emit: (batch) => this.#emit(id, batch, branches()),
        deliver: (batch, signal) => this.#deliver(id, { batch, branches: branches() }, signal),
        get hasRoom() {
          return branches().lanes.every((lane) => lane.hasRoom)
        },
        room: async (signal) => {
          for (let full = fullOf(branches()); full; full = fullOf(branches())) await this.#nextRoom(full, signal)
          this.#flushTimers.get(id)?.readsAgain()
        },
      },
    }
  }

  /** Joins a source that was opened with its context; it runs as soon as the pipeline does. */
  add(id: string, source: Source): void {
    const stop = new AbortController()
    const entry: SourceEntry = { id, source, stop, run: undefined, isRunning: false, failure: undefined }
    this.#sources.set(id, entry)
    this.#startSource(entry)
  }

  /** Resolves when the source has emitted what it had and runs no more; the caller closes it. */
  async removeSource(id: string): Promise<void> {
    const entry = this.#sources.get(id)
    if (!entry) throw new Bug(`there is no source "${id}" in the pipeline`)
    entry.stop.abort(new Error('the source is taken out'))
    await entry.run
    this.#flushHeld(id)
    this.#flushTimers.get(id)?.[Symbol.dispose]()
    this.#flushTimers.delete(id)
    this.#sources.delete(id)
    this.#branches.delete(id)
  }

  /** Opens a sink's queue; lines come when the wiring says so. */
  async addSink({ id, sink, queue }: Pick<SinkNode, 'id' | 'sink' | 'queue'>): Promise<void> {
    const { store, log, metrics, deadLetters, queuesFolder } = this.#parts
    const onAcknowledged: OnAcknowledged = (progress, emission, by) => {
      store.advance(id, progress)
      if (this.traces.isOn) this.traces.acknowledged(emission, id, by)
      this.#deliveries.acknowledge(emission, id)
    }
    const folder = join(queuesFolder, id)
    const lane = await Lane.open({
      id,
      sink,
      queue,
      folder,
      deadLetters,
      onAcknowledged,
      traces: this.traces,
      log,
      metrics,
    })
    const known = new Set(store.keys(id))
    const streams = new Set([...known].map(sourceKeyOf))
    // What is known by other ways now has moved on since.
    const isOfUse = ({ key }: Progress) => known.has(key) || !streams.has(sourceKeyOf(key))
    store.merge(id, (sink.recovered ?? []).filter(isOfUse))
    store.merge(id, lane.recovered.filter(isOfUse))
    const entry: LaneEntry = { lane, end: new AbortController(), run: undefined }
    this.#lanes.set(id, entry)
    this.#startLane(entry)
  }

  /** Delivers what the sink's queue has until `drained` aborts, and keeps the rest on disk. To be called when nothing is wired to it any more. */
  async removeSink(id: string, drained: AbortSignal): Promise<Undelivered> {
    const entry = this.#entryOf(id)
    await drain([entry.lane], drained)
    entry.end.abort(new Error('the sink is taken out'))
    await entry.run
    const undelivered = entry.lane.undelivered()
    entry.lane.release()
    await entry.lane[Symbol.asyncDispose]()
    this.#lanes.delete(id)
    return undelivered
  }

  /**
   * Sends to another sink from now on: `open` closes the one before and opens the next, when the one before does nothing any more or `signal`
   * aborts. Lines wait meanwhile.
   */
  async replaceSink(id: string, open: () => Promise<Sink>, signal: AbortSignal): Promise<void> {
    const { lane } = this.#entryOf(id)
    // A sink that does not give up its sends in time gives them up when it is closed.
    await abortable(lane.pause(), signal).catch(() => undefined)
    lane.resume(await open())
  }

  async resizeQueue(id: string, queue: QueueOptions): Promise<void> {
    await this.#entryOf(id).lane.resize(queue)
  }

  /** Joins everything anew, between two batches. */
  rewire(wiring: Wiring): void {
    for (const id of this.#branches.keys()) this.#flushHeld(id)
    this.#wiring = wiring
    for (const { id } of wiring.transforms) beginCounters(this.#parts.metrics, { label: 'transform', id })
    for (const id of this.#branches.keys()) this.#branches.set(id, this.#branchesOf(id))
    // The lane that has no room may be behind them no longer.
    for (const { resolve } of this.#waiting) resolve()
  }

  /** Sinks that take nothing since a transform before them has failed are given another chance; their sources have to be opened anew. */
  mend(id: string): void {
    this.#entryOf(id).lane.mend()
  }

  /** Whether something before the sink has failed. */
  hasFailed(id: string): boolean {
    return this.#lanes.get(id)?.lane.hasFailed ?? false
  }

  /**
   * Runs until `stop` aborts, then drains: sources first, then queues, until nothing is in memory only or `drained` aborts. Sinks are left open.
   */
  async run(stop: AbortSignal, drained: AbortSignal): Promise<void> {
    this.#stop = stop
    for (const entry of this.#lanes.values()) this.#startLane(entry)
    for (const entry of this.#sources.values()) this.#startSource(entry)
    await untilAborted(stop)
    await this.#untilStopped(drained)
    // What belongs to it and comes later is an event of its own, at the next start: nobody knows whether there will be one.
    for (const id of this.#branches.keys()) this.#flushHeld(id)
    await drain(
      [...this.#lanes.values()].map(({ lane }) => lane),
      drained,
    )
    for (const { end } of this.#lanes.values()) end.abort(new Error('the pipeline is stopping'))
    await Promise.all([...this.#lanes.values()].map(({ run }) => Promise.resolve(run)))
  }

  /** Gives back the batches that were not delivered, and closes the disk queues; `undelivered` says nothing any more afterwards. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#flushTimers.values()) timer[Symbol.dispose]()
    for (const { lane } of this.#lanes.values()) lane.release()
    for (const { lane } of this.#lanes.values()) await lane[Symbol.asyncDispose]()
  }

  undelivered(): ({ readonly sink: string } & Undelivered)[] {
    return [...this.#lanes]
      .map(([sink, { lane }]) => ({ sink, ...lane.undelivered() }))
      .filter(({ batches, linesOnDisk }) => batches > 0 || linesOnDisk > 0)
  }

  /** Sends lines to a sink once more; what becomes of them is the caller's business. Undefined: there is no such sink. */
  async replay(sink: string, batch: Batch, signal: AbortSignal): Promise<SendOutcome | undefined> {
    const entry = this.#lanes.get(sink)
    return entry && (await abortable(entry.lane.replay(batch), signal))
  }

  /** Why the sink sends nothing now; undefined: it does, or there is no such sink. */
  troubleOf(sink: string): string | undefined {
    return this.#lanes.get(sink)?.lane.status().trouble
  }

  sources(): SourceState[] {
    return [...this.#sources.values()].map(({ id, source, failure }) => ({
      id,
      status: source.status(),
      hasContainers: source.containers !== undefined,
      failure,
      isHeldBack: this.#branches.get(id)?.lanes.some((lane) => !lane.hasRoom) ?? false,
    }))
  }

  /** The sources that take posted lines, by id. */
  receivers(): ReadonlyMap<string, NonNullable<Source['receive']>> {
    const found = [...this.#sources.values()].flatMap(({ id, source }) =>
      source.receive ? [[id, source.receive.bind(source)] as const] : [],
    )
    return new Map(found)
  }

  /** What each source knows of its containers. */
  containers(): { readonly source: string; readonly containers: readonly ContainerStatus[] }[] {
    return [...this.#sources.values()].map(({ id, source }) => ({
      source: id,
      containers: source.containers?.() ?? [],
    }))
  }

  /** Reads the last lines of one source's containers again, or of all. @returns what could not be read, a sentence each */
  async recent(
    wanted: string | undefined,
    wishOf: (source: string) => RecentWish,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const sources = [...this.#sources.values()].filter(({ id }) => wanted === undefined || id === wanted)
    const notes = sources.map(async ({ id, source }) => {
      if (source.recent) return source.recent(wishOf(id), signal)
      // Who wants to see all sources knows that, or does not care.
      return wanted === undefined ? [] : [`what passed "${id}" before cannot be read again`]
    })
    return (await Promise.all(notes)).flat()
  }

  /** Up to where each sink behind the source has acknowledged the stream; 1970 where it has nothing of it. */
  acknowledgedUpTo(source: string, key: string): { sink: string; seconds: number; nanos: number }[] {
    const { store } = this.#parts
    const { lanes, ways } = this.#branches.get(source) ?? { lanes: [], ways: [] }
    return lanes.map((lane) => {
      const places = ways
        .filter((one) => one.lane === lane)
        .map(({ way }) => store.position(lane.id, key + way) ?? { seconds: 0, nanos: 0, count: 0 })
      const { seconds, nanos } = places.reduce((a, b) => (compareCursors(a, b) <= 0 ? a : b))
      return { sink: lane.id, seconds, nanos }
    })
  }

  sinks(): ({ readonly id: string } & LaneStatus)[] {
    return [...this.#lanes].map(([id, { lane }]) => ({ id, ...lane.status() }))
  }

  async #nextRoom(full: Lane, signal: AbortSignal): Promise<void> {
    const waiter = deferred()
    this.#waiting.add(waiter)
    void full.nextRoom.then(waiter.resolve)
    try {
      await abortable(waiter.promise, signal)
    } finally {
      this.#waiting.delete(waiter)
    }
  }

  #entryOf(id: string): LaneEntry {
    const entry = this.#lanes.get(id)
    if (!entry) throw new Bug(`there is no sink "${id}" in the pipeline`)
    return entry
  }

  #branchesOf(sourceId: string): Branches<Lane> {
    const { log, metrics } = this.#parts
    const { transforms, inputsOf } = this.#wiring
    const lanes = [...this.#lanes].map(([id, { lane }]) => ({ lane, inputs: inputsOf.get(id) ?? [] }))
    return branchesOf(sourceId, { transforms, lanes }, { log, metrics, taps: this.taps })
  }

  /** What joiners hold of the batch is passed on right behind it: nothing of it comes later. */
  #deliver(
    source: string,
    { batch, branches }: { readonly batch: Batch; readonly branches: Branches<Lane> },
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const { lanes } = branches
    const delivery = this.#deliveries.begin([this.#emission + 1, this.#emission + 2])
    const entries = takenDuring(lanes, () => {
      this.#emit(source, batch, branches)
      this.#flushHeld(source)
    })
    // A lane that has failed takes nothing, and so never has it.
    for (const { id, hasFailed } of lanes) if (hasFailed) entries.set(id, Number.POSITIVE_INFINITY)
    return this.#deliveries.wait(delivery, entries, signal)
  }

  #emit(source: string, batch: Batch, branches: Branches<Lane>): void {
    const emission = this.#nextEmission()
    const trace = this.traces.isOn ? this.traces.begin(batch, source) : undefined
    const pass = () => branches.pass(batch, emission)
    if (trace) this.traces.passed(emission, trace, takenDuring(branches.lanes, pass))
    else pass()
    this.#flushTimers.get(source)?.look()
  }

  #nextEmission(): number {
    this.#emission += 1
    return this.#emission
  }

  /** Passes on everything that is held of the source's lines. */
  #flushHeld(id: string): void {
    this.#branches.get(id)?.flush(Number.POSITIVE_INFINITY, this.#nextEmission())
  }

  /** Where lines come to a sink by other ways than before, its places move with them. To be called while nothing of the source is read. */
  #settlePlaces(id: string, { lanes, ways }: Branches<Lane>): void {
    const { store } = this.#parts
    for (const lane of lanes) {
      const wanted = ways.filter((one) => one.lane === lane).map(({ way }) => way)
      const keysOf = keysAfter(id, wanted, new Set([...store.keys(lane.id), ...lane.queuedKeys()]))
      if (keysOf === undefined) continue
      store.rename(lane.id, keysOf)
      lane.rename(keysOf)
    }
  }

  /**
   * The earliest of the sinks' places; the sinks that are further will pass over what they have. What is on its way to a sink counts: it
   * will arrive, and a source that opens the stream anew must not bring it again.
   */
  #resume(key: string, begin: Cursor | undefined, branches: Branches<Lane>): Cursor | undefined {
    const { store } = this.#parts
    const places = branches.ways.map(({ lane, way }) => {
      const name = key + way
      return { lane, way, name, cursor: lane.queuedUpTo(name) ?? store.position(lane.id, name) ?? begin }
    })
    let earliest = places[0]?.cursor
    for (const { lane, name, cursor } of places) {
      // Kept, so that a crash before the sink's first line does not move where it begins.
      if (begin && cursor === begin) store.advance(lane.id, [{ key: name, cursor: begin }])
      if (earliest && (cursor === undefined || isFurther(earliest, cursor))) earliest = cursor
    }
    const further = places.flatMap(({ cursor, ...rest }) =>
      cursor && isFurther(cursor, earliest) ? [{ ...rest, cursor }] : [],
    )
    for (const { lane, name, cursor } of further) lane.passOver(name, cursor)
    branches.reopen(key, further)
    return earliest
  }

  #startLane(entry: LaneEntry): void {
    if (this.#stop !== undefined) entry.run ??= entry.lane.run(entry.end.signal)
  }

  #startSource(entry: SourceEntry): void {
    if (this.#stop !== undefined) entry.run ??= this.#runSource(entry, this.#stop)
  }

  async #runSource(entry: SourceEntry, stop: AbortSignal): Promise<void> {
    entry.isRunning = true
    using either = linkSignals(stop, entry.stop.signal)
    try {
      await entry.source.run(either.signal)
    } catch (error) {
      entry.failure = messageOf(error)
      this.#parts.log.error(
        { source: entry.id, error: entry.failure },
        'a source has stopped on a failure of its own; the others go on',
      )
    } finally {
      entry.isRunning = false
    }
  }

  async #untilStopped(drained: AbortSignal): Promise<void> {
    const runs = Promise.all([...this.#sources.values()].map(({ run }) => Promise.resolve(run)))
    await abortable(runs, drained).catch(() => undefined)
    for (const { id, isRunning } of this.#sources.values())
      if (isRunning) this.#parts.log.error({ source: id }, 'a source has not stopped; it is waited for no longer')
  }
}

/** Resolves when nothing of the lanes is in memory only, or `drained` aborts. */
async function drain(lanes: readonly Lane[], drained: AbortSignal): Promise<void> {
  for (const lane of lanes) lane.drain()
  const waiting = () => lanes.filter((lane) => !lane.isDrained)
  while (waiting().length > 0 && !drained.aborted) {
    await abortable(Promise.all(waiting().map((lane) => lane.nextDrained)), drained).catch(() => undefined)
  }
}

/** Whether `a` lies after `b`; anything lies after no place at all. */
function isFurther(a: Cursor, b: Cursor | undefined): boolean {
  return b === undefined || compareCursors(a, b) > 0
}

function fullOf({ lanes }: Branches<Lane>): Lane | undefined {
  return lanes.find((lane) => !lane.hasRoom)
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** How many batches each lane takes while something is passed on. */
function takenDuring(lanes: readonly Lane[], pass: () => void): Map<string, number> {
  const before = lanes.map(({ taken }) => taken)
  pass()
  return new Map(lanes.map((lane, i) => [lane.id, lane.taken - before[i]!]))
}
