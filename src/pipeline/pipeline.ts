import { join } from 'node:path'
import type { Batch } from '../batch/batch.ts'
import type { Progress } from '../batch/origin.ts'
import { sourceKeyOf } from '../batch/way.ts'
import type { QueueOptions } from '../component/queue-options.ts'
import type { SendOutcome, Sink } from '../component/sink.ts'
import type { Source, SourceContext } from '../component/source.ts'
import { Bug } from '../lib/error.ts'
import { Owned } from '../lib/owned.ts'
import { abortable, type Deferred, deferred } from '../lib/wait.ts'
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
import { acknowledgedUpTo, resumeAt, settlePlaces } from './places.ts'
import { type SourceState, Sources } from './sources.ts'
import { Taps } from './taps.ts'
import { keysOnWays } from './ways.ts'

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

/** How everything is joined: the transforms, and what each sink reads from. */
export interface Wiring {
  readonly transforms: readonly TransformNode[]
  readonly inputsOf: ReadonlyMap<string, readonly string[]>
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
  readonly #sources: Sources
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
    this.#sources = new Sources(parts.log)
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
    settlePlaces(store, id, branches())
    this.#flushTimers.set(
      id,
      new FlushTimer({
        dueAtMs: () => branches().dueAtMs(),
        mayFlush: () => fullOf(branches()) === undefined,
        flush: (nowMs) => branches().flush(nowMs, this.#nextEmission()),
      }),
    )
    return {
      id,
      log: log.child({ source: id }),
      metrics,
      cursorOf: (key, begin) => resumeAt(store, { key, begin, branches: branches() }),
      markPresent: (isPresent) => store.markPresent(`${id}/`, (key) => isPresent(sourceKeyOf(key))),
      markDestroyed: (keys) => store.markDestroyed(keysOnWays(keys, branches().ways)),
      output: {
        emit: (batch) => this.#emit(id, batch, branches()),
        deliver: (batch, signal) => this.#deliver(id, { batch, branches: branches() }, signal),
        get hasRoom() {
          return fullOf(branches()) === undefined
        },
        hurry: () => {
          for (const lane of branches().lanes) lane.hurry()
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
    this.#sources.add(id, source)
  }

  /** Resolves when the source has emitted what it had and runs no more; the caller closes it. */
  async removeSource(id: string): Promise<void> {
    await this.#sources.remove(id)
    this.#flushHeld(id)
    this.#flushTimers.get(id)?.[Symbol.dispose]()
    this.#flushTimers.delete(id)
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
    this.#sources.run(stop)
    await untilAborted(stop)
    await this.#sources.untilStopped(drained)
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
    return this.#sources.states((id) => this.#branches.get(id)?.lanes.some((lane) => !lane.hasRoom) ?? false)
  }

  /** The sources that take posted lines, by id. */
  receivers(): ReturnType<Sources['receivers']> {
    return this.#sources.receivers()
  }

  /** What each source knows of its containers. */
  containers(): ReturnType<Sources['containers']> {
    return this.#sources.containers()
  }

  /** See Sources. */
  recent(...wish: Parameters<Sources['recent']>): ReturnType<Sources['recent']> {
    return this.#sources.recent(...wish)
  }

  /** Up to where each sink behind the source has acknowledged the stream; 1970 where it has nothing of it. */
  acknowledgedUpTo(source: string, key: string): { sink: string; seconds: number; nanos: number }[] {
    const branches = this.#branches.get(source)
    return branches === undefined ? [] : acknowledgedUpTo(this.#parts.store, key, branches)
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

  #startLane(entry: LaneEntry): void {
    if (this.#stop !== undefined) entry.run ??= entry.lane.run(entry.end.signal)
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
