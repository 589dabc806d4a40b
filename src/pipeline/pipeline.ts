import { join } from 'node:path'
import type { Batch } from '../batch/batch.ts'
import { compareCursors, type Cursor } from '../batch/cursor.ts'
import type { Progress } from '../batch/origin.ts'
import type { QueueOptions } from '../component/queue-options.ts'
import type { SendOutcome, Sink } from '../component/sink.ts'
import type { Source, SourceContext, SourceStatus } from '../component/source.ts'
import type { Transform } from '../component/transform.ts'
import { messageOf } from '../lib/error.ts'
import { Owned } from '../lib/owned.ts'
import { abortable } from '../lib/wait.ts'
import type { CursorStore } from '../state/cursor-store.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { branchesOf, type Branches } from './graph.ts'
import type { DeadLetters } from './dead-letters/dead-letters.ts'
import { Lane, type LaneStatus, type Undelivered } from './lane.ts'

/** The components of a pipeline, joined by name. Sinks and sources are owned by the caller. */
export interface PipelineParts {
  readonly transforms: readonly {
    readonly id: string
    readonly inputs: readonly string[]
    readonly transform: Transform
  }[]
  readonly sinks: readonly {
    readonly id: string
    readonly inputs: readonly string[]
    readonly sink: Sink
    readonly queue: QueueOptions
  }[]
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
  /** Why the source has stopped by itself; undefined: it has not. */
  readonly failure: string | undefined
}

interface SourceEntry {
  readonly id: string
  readonly source: Source
  isRunning: boolean
  failure: string | undefined
}

/** Sources on one side, sinks on the other: batches go one way, acknowledgements the other. */
export class Pipeline implements AsyncDisposable {
  readonly #parts: PipelineParts
  readonly #lanes: readonly Lane[]
  readonly #sources: SourceEntry[] = []
  #emission = 0

  private constructor(parts: PipelineParts, lanes: readonly Lane[]) {
    this.#parts = parts
    this.#lanes = lanes
  }

  /** Opens the disk queues, and takes over into the cursor store what sinks and queues know from their own records. */
  static async open(parts: PipelineParts): Promise<Pipeline> {
    await using undo = new Owned()
    const { store, log, metrics, deadLetters, queuesFolder } = parts
    const lanes: Lane[] = []
    for (const { id, sink, queue } of parts.sinks) {
      const onAcknowledged = (progress: readonly Progress[]) => store.advance(id, progress)
      const folder = join(queuesFolder, id)
      const lane = await Lane.open({ id, sink, queue, folder, deadLetters, onAcknowledged, log, metrics })
      lanes.push(undo.take(lane))
      store.merge(id, sink.recovered ?? [])
      store.merge(id, lane.recovered)
    }
    undo.move()
    return new Pipeline(parts, lanes)
  }

  /** What a source needs to open: its output, and its cursors as its sinks have acknowledged them. */
  contextOf(id: string): SourceContext {
    const { store, log, metrics } = this.#parts
    const branches = this.#branchesOf(id)
    return {
      id,
      log: log.child({ source: id }),
      metrics,
      cursorOf: (key, begin) => this.#resume(key, begin, branches),
      markPresent: (isPresent) => store.markPresent(`${id}/`, isPresent),
      output: {
        emit: (batch) => this.#emit(batch, branches),
        get hasRoom() {
          return branches.lanes.every((lane) => lane.hasRoom)
        },
        room: async (signal) => {
          for (let full = fullOf(branches); full; full = fullOf(branches)) await abortable(full.nextRoom, signal)
        },
      },
    }
  }

  add(id: string, source: Source): void {
    this.#sources.push({ id, source, isRunning: false, failure: undefined })
  }

  /**
   * Runs until `stop` aborts, then drains: sources first, then queues, until they are empty or `drained` aborts. Sinks are left open.
   */
  async run(stop: AbortSignal, drained: AbortSignal): Promise<void> {
    const end = new AbortController()
    const lanes = Promise.all(this.#lanes.map((lane) => lane.run(end.signal)))
    const sources = Promise.all(this.#sources.map((entry) => this.#runSource(entry, stop)))
    await untilAborted(stop)
    await this.#untilStopped(sources, drained)
    await this.#drain(drained)
    end.abort(new Error('the pipeline is stopping'))
    await lanes
  }

  /** Gives back the batches that were not delivered, and closes the disk queues; `undelivered` says nothing any more afterwards. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const lane of this.#lanes) lane.release()
    for (const lane of this.#lanes) await lane[Symbol.asyncDispose]()
  }

  undelivered(): ({ readonly sink: string } & Undelivered)[] {
    return this.#lanes
      .map((lane) => ({ sink: lane.id, ...lane.undelivered() }))
      .filter(({ batches, linesOnDisk }) => batches > 0 || linesOnDisk > 0)
  }

  /** Sends lines to a sink once more; what becomes of them is the caller's business. Undefined: there is no such sink. */
  async replay(sink: string, batch: Batch, signal: AbortSignal): Promise<SendOutcome | undefined> {
    const lane = this.#lanes.find(({ id }) => id === sink)
    return lane && (await abortable(lane.replay(batch), signal))
  }

  sources(): SourceState[] {
    return this.#sources.map(({ id, source, failure }) => ({ id, status: source.status(), failure }))
  }

  sinks(): ({ readonly id: string } & LaneStatus)[] {
    return this.#lanes.map((lane) => ({ id: lane.id, ...lane.status() }))
  }

  #branchesOf(sourceId: string): Branches {
    const { transforms, sinks, log, metrics } = this.#parts
    const lanes = sinks.map(({ inputs }, i) => ({ inputs, lane: this.#lanes[i]! }))
    return branchesOf(sourceId, { transforms, lanes }, { log, metrics })
  }

  #emit(batch: Batch, branches: Branches): void {
    this.#emission += 1
    branches.pass(batch, this.#emission)
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

  async #runSource(entry: SourceEntry, stop: AbortSignal): Promise<void> {
    entry.isRunning = true
    try {
      await entry.source.run(stop)
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

  async #untilStopped(sources: Promise<unknown>, drained: AbortSignal): Promise<void> {
    await abortable(sources, drained).catch(() => undefined)
    for (const { id, isRunning } of this.#sources)
      if (isRunning) this.#parts.log.error({ source: id }, 'a source has not stopped; it is waited for no longer')
  }

  async #drain(drained: AbortSignal): Promise<void> {
    for (const lane of this.#lanes) lane.drain()
    const waiting = () => this.#lanes.filter((lane) => !lane.isDrained)
    while (waiting().length > 0 && !drained.aborted) {
      await abortable(Promise.all(waiting().map((lane) => lane.nextDrained)), drained).catch(() => undefined)
    }
  }
}

/** Whether `a` lies after `b`; anything lies after no place at all. */
function isFurther(a: Cursor, b: Cursor | undefined): boolean {
  return b === undefined || compareCursors(a, b) > 0
}

function fullOf({ lanes }: Branches): Lane | undefined {
  return lanes.find((lane) => !lane.hasRoom)
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
