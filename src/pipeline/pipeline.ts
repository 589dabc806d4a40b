import type { Batch } from '../batch/batch.ts'
import { compareCursors, type Cursor } from '../batch/cursor.ts'
import type { Sink } from '../component/sink.ts'
import type { Source, SourceContext, SourceStatus } from '../component/source.ts'
import { messageOf } from '../lib/error.ts'
import { abortable, type Deferred, deferred, linkSignals } from '../lib/wait.ts'
import type { CursorStore } from '../state/cursor-store.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { branchesOf, type Branches, type TransformNode } from './graph.ts'
import { Lane, type LaneStatus } from './lane.ts'

/** A sink, and the names of the components it reads from. */
export interface SinkPart {
  readonly id: string
  readonly inputs: readonly string[]
  readonly sink: Sink
}

/** The components of a pipeline, joined by name. Sinks and sources are owned by the caller. */
export interface PipelineParts {
  readonly transforms: readonly TransformNode[]
  readonly sinks: readonly SinkPart[]
  readonly store: CursorStore
  readonly log: Log
  readonly metrics: Metrics
}

/** Who reads from whom, from now on. */
export interface Wiring {
  readonly transforms: readonly TransformNode[]
  /** A sink of the pipeline that is not among them gets nothing more. */
  readonly sinks: readonly { readonly id: string; readonly inputs: readonly string[] }[]
}

export interface SourceState {
  readonly id: string
  readonly status: SourceStatus
  /** Why the source has stopped by itself; undefined: it has not. */
  readonly failure: string | undefined
}

/** What a sink has not got. */
export interface Undelivered {
  readonly sink: string
  readonly batches: number
  readonly lines: number
}

interface SourceEntry {
  readonly source: Source
  readonly end: AbortController
  isRunning: boolean
  failure: string | undefined
  done: Promise<void>
}

interface LaneEntry {
  readonly lane: Lane
  readonly end: AbortController
  inputs: readonly string[]
  done: Promise<void>
}

type Telemetry = Pick<PipelineParts, 'store' | 'log' | 'metrics'>

/**
 * Sources on one side, sinks on the other: batches go one way, acknowledgements the other. Sources, sinks and what is between them may be
 * exchanged while it runs; each method says what must be at rest for it.
 */
export class Pipeline {
  readonly #parts: Telemetry
  readonly #lanes = new Map<string, LaneEntry>()
  readonly #sources = new Map<string, SourceEntry>()
  readonly #branches = new Map<string, Branches>()
  /** Sources that wait for room: a change of the wiring may be what makes it. */
  readonly #waiting = new Set<Deferred<void>>()
  #transforms: readonly TransformNode[]
  #changing: Promise<void> = Promise.resolve()
  #stop: AbortSignal | undefined
  #emission = 0

  private constructor({ transforms, store, log, metrics }: PipelineParts) {
    this.#parts = { store, log, metrics }
    this.#transforms = transforms
  }

  static async open(parts: PipelineParts): Promise<Pipeline> {
    const pipeline = new Pipeline(parts)
    for (const part of parts.sinks) await pipeline.addSink(part)
    return pipeline
  }

  /** What a source needs to open: its output, and its cursors as its sinks have acknowledged them. */
  contextOf(id: string): SourceContext {
    const { store, log, metrics } = this.#parts
    const branches = () => this.#branchesOf(id)
    return {
      id,
      log: log.child({ source: id }),
      metrics,
      cursorOf: (key, begin) => this.#resume(key, begin, branches()),
      markPresent: (isPresent) => store.markPresent(`${id}/`, isPresent),
      output: {
        emit: (batch) => {
          this.#emission += 1
          branches().pass(batch, this.#emission)
        },
        get hasRoom() {
          return fullOf(branches()) === undefined
        },
        room: async (signal) => {
          for (let full = fullOf(branches()); full; full = fullOf(branches())) await this.#nextRoom(full, signal)
        },
      },
    }
  }

  /** Adds a source; it begins at once where the pipeline runs. */
  addSource(id: string, source: Source): void {
    const entry = {
      source,
      end: new AbortController(),
      isRunning: false,
      failure: undefined,
      done: Promise.resolve(),
    }
    this.#sources.set(id, entry)
    if (this.#stop) this.#startSource(id, entry, this.#stop)
  }

  /** Stops a source and takes it out; resolves when it has emitted what it had, or `signal` aborts. It is left open. */
  async removeSource(id: string, signal: AbortSignal): Promise<void> {
    const entry = this.#sources.get(id)
    if (!entry) return
    entry.end.abort(new Error('the source is taken out'))
    await this.#untilStopped(id, entry, signal)
    this.#sources.delete(id)
  }

  /** Adds a sink. The sources that reach it must be at rest, so that they begin at its own place when they are opened. */
  async addSink({ id, inputs, sink }: SinkPart): Promise<void> {
    const { store, log, metrics } = this.#parts
    store.merge(id, sink.recovered ?? [])
    const onAcknowledged: Parameters<typeof Lane.open>[0]['onAcknowledged'] = (progress) => store.advance(id, progress)
    const lane = await Lane.open({ id, sink, log, metrics, onAcknowledged })
    const entry = { lane, inputs, end: new AbortController(), done: Promise.resolve() }
    this.#lanes.set(id, entry)
    this.#forgetBranches()
    if (this.#stop) entry.done = lane.run(entry.end.signal)
  }

  hasSink(id: string): boolean {
    return this.#lanes.has(id)
  }

  /** Lines for the sink wait from now on; resolves when it has answered all that was sent. */
  async pauseSink(id: string): Promise<void> {
    await this.#lanes.get(id)?.lane.pause()
  }

  /** Goes on with another sink in the place of the one that was paused, or with the same. */
  resumeSink(id: string, sink: Sink): void {
    const { lane } = this.#lanes.get(id)!
    // Where lines still wait, the sink's own records may reach beyond a gap: then the place in the store is the one that is true.
    const recovered = (sink.recovered ?? []).filter(({ key }) => lane.queuedUpTo(key) === undefined)
    this.#parts.store.merge(id, recovered)
    lane.resume(sink)
  }

  /**
   * Delivers what is on its way to a sink that gets nothing more, until it is empty or `signal` aborts, and takes it out. What is left is
   * given back, or in its queue on disk. The sink is left open.
   */
  async removeSink(id: string, signal: AbortSignal): Promise<Undelivered> {
    const { lane, end, done } = this.#lanes.get(id)!
    await untilEmpty([lane], signal)
    end.abort(new Error('the sink is taken out'))
    await done
    const undelivered = { sink: id, ...lane.undelivered() }
    this.#lanes.delete(id)
    this.#forgetBranches()
    await lane.close()
    return undelivered
  }

  /** Between two batches: what was emitted goes the old ways, what comes goes the new ones. Must bring no source a sink that it has not had. */
  rewire({ transforms, sinks }: Wiring): void {
    this.#transforms = transforms
    const inputs = new Map(sinks.map((sink) => [sink.id, sink.inputs]))
    for (const [id, entry] of this.#lanes) entry.inputs = inputs.get(id) ?? []
    this.#forgetBranches()
  }

  /** A change of several steps: a pipeline that is told to stop waits for it, so that nothing is at rest that should be drained. */
  async change<T>(action: () => Promise<T>): Promise<T> {
    const done = action()
    // The caller gets the error; here it only matters that the change is over.
    this.#changing = done.then(nothing, nothing)
    return await done
  }

  /**
   * Runs until `stop` aborts, then drains: sources first, then queues, until they are empty or `drained` aborts. Sinks are left open.
   */
  async run(stop: AbortSignal, drained: AbortSignal): Promise<void> {
    this.#stop = stop
    for (const entry of this.#lanes.values()) entry.done = entry.lane.run(entry.end.signal)
    for (const [id, entry] of this.#sources) this.#startSource(id, entry, stop)
    await untilAborted(stop)
    await abortable(this.#changing, drained).catch(() => undefined)
    await Promise.all([...this.#sources].map(([id, entry]) => this.#untilStopped(id, entry, drained)))
    await untilEmpty(
      [...this.#lanes.values()].map(({ lane }) => lane),
      drained,
    )
    const lanes = [...this.#lanes.values()]
    for (const { end } of lanes) end.abort(new Error('the pipeline is stopping'))
    await Promise.all(lanes.map(({ done }) => done))
  }

  /** Gives back the batches that were not delivered; `undelivered` says nothing any more afterwards. */
  release(): void {
    for (const { lane } of this.#lanes.values()) lane.release()
  }

  undelivered(): Undelivered[] {
    return [...this.#lanes.values()]
      .map(({ lane }) => ({ sink: lane.id, ...lane.undelivered() }))
      .filter(({ batches }) => batches > 0)
  }

  sources(): SourceState[] {
    return [...this.#sources].map(([id, { source, failure }]) => ({ id, status: source.status(), failure }))
  }

  sinks(): ({ readonly id: string } & LaneStatus)[] {
    return [...this.#lanes.values()].map(({ lane }) => ({ id: lane.id, ...lane.status() }))
  }

  #branchesOf(sourceId: string): Branches {
    let branches = this.#branches.get(sourceId)
    if (!branches) {
      const { log, metrics } = this.#parts
      const lanes = [...this.#lanes.values()]
      branches = branchesOf(sourceId, { transforms: this.#transforms, lanes }, { log, metrics })
      this.#branches.set(sourceId, branches)
    }
    return branches
  }

  #forgetBranches(): void {
    this.#branches.clear()
    for (const { resolve } of this.#waiting) resolve()
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

  /**
   * The earliest of the sinks' places; the sinks that are further will pass over what they have. What is on its way to a sink counts: it
   * will arrive, and a source that opens the stream anew must not bring it again.
   */
  #resume(key: string, begin: Cursor | undefined, { lanes }: Branches): Cursor | undefined {
    const { store } = this.#parts
    const places = lanes.map((lane) => ({
      lane,
      cursor: lane.queuedUpTo(key) ?? store.position(lane.id, key) ?? begin,
    }))
    let earliest = places[0]?.cursor
    for (const { lane, cursor } of places) {
      // Kept, so that a crash before the sink's first line does not move where it begins.
      if (begin && cursor === begin) store.advance(lane.id, [{ key, cursor: begin }])
      if (earliest && (cursor === undefined || isFurther(earliest, cursor))) earliest = cursor
    }
    for (const { lane, cursor } of places) if (cursor && isFurther(cursor, earliest)) lane.passOver(key, cursor)
    return earliest
  }

  #startSource(id: string, entry: SourceEntry, stop: AbortSignal): void {
    entry.done = this.#runSource(id, entry, stop)
  }

  async #runSource(id: string, entry: SourceEntry, stop: AbortSignal): Promise<void> {
    using end = linkSignals(stop, entry.end.signal)
    entry.isRunning = true
    try {
      await entry.source.run(end.signal)
    } catch (error) {
      entry.failure = messageOf(error)
      this.#parts.log.error(
        { source: id, error: entry.failure },
        'a source has stopped on a failure of its own; the others go on',
      )
    } finally {
      entry.isRunning = false
    }
  }

  async #untilStopped(id: string, entry: SourceEntry, signal: AbortSignal): Promise<void> {
    await abortable(entry.done, signal).catch(() => undefined)
    if (entry.isRunning) this.#parts.log.error({ source: id }, 'a source has not stopped; it is waited for no longer')
  }
}

async function untilEmpty(lanes: readonly Lane[], signal: AbortSignal): Promise<void> {
  const full = () => lanes.filter((lane) => !lane.isEmpty)
  while (full().length > 0 && !signal.aborted)
    await abortable(Promise.all(full().map((lane) => lane.nextEmpty)), signal).catch(() => undefined)
}

function nothing(): void {
  // Only that it is over matters.
}

/** Whether `a` lies after `b`; anything lies after no place at all. */
function isFurther(a: Cursor, b: Cursor | undefined): boolean {
  return b === undefined || compareCursors(a, b) > 0
}

function fullOf({ lanes }: Branches): Lane | undefined {
  for (const lane of lanes) if (!lane.hasRoom) return lane
  return undefined
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
