import type { z } from 'zod'
import type { Batch } from '../batch/batch.ts'
import type { Cursor } from '../batch/cursor.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Examination, ExaminationContext } from './examination.ts'

/** Where a source puts its batches. */
export interface SourceOutput {
  /** Takes over the batch (its reference, too). Never waits: a source that goes on after `hasRoom` turned false is bounded by its own arenas only. */
  emit(batch: Batch): void
  /** False while the queues behind are full: stop reading. */
  readonly hasRoom: boolean
  /** Resolves when there is room again. */
  room(signal: AbortSignal): Promise<void>
}

export interface SourceContext {
  /** The source's name in the configuration; cursor keys begin with it. */
  readonly id: string
  readonly output: SourceOutput
  /**
   * Where reading of a stream goes on: the earliest of the places up to which its sinks have acknowledged it. A sink that has no place in it yet
   * begins at `begin`, for good; undefined: at the beginning.
   */
  cursorOf(key: string, begin: Cursor | undefined): Cursor | undefined
  /**
   * Says, for every key of this source that has a cursor, whether its container is still there. Cursors of those that are not expire by age;
   * they are kept for a while, because an engine may come back with them.
   */
  markPresent(isPresent: (key: string) => boolean): void
  /** The container of these streams was destroyed and will never be there again: their cursors go as soon as nobody needs them. */
  markDestroyed(keys: readonly string[]): void
  readonly log: Log
  readonly metrics: Metrics
}

/** What people and probes are told about a source. */
export interface SourceStatus {
  readonly isConnected: boolean
  /** One line: what it is connected to, or why it is not. */
  readonly detail: string
  readonly streams: number
  /** The engine that it is connected to, or was last; undefined: it has not been connected yet. */
  readonly engine?:
    | { readonly product: string; readonly version: string; readonly apiVersion: string; readonly address: string }
    | undefined
}

/** What is known of one container, for people. */
export interface ContainerStatus {
  readonly id: string
  readonly name: string
  readonly image: string
  /** What is done with its log. `left_out`: the configuration, or the container itself, wants it so. */
  readonly state: 'starting' | 'catching_up' | 'following' | 'in_turns' | 'ended' | 'unreadable' | 'left_out'
  /** How its log is read now; undefined: it is not. */
  readonly reader: 'files' | 'api' | undefined
  /** Why it is not read; undefined: it is, or would be. */
  readonly reason: string | undefined
  readonly streams: readonly StreamStatus[]
}

/** What was read of one stream since the source was opened. */
export interface StreamStatus {
  /** Of its cursors. */
  readonly key: string
  readonly stream: 'stdout' | 'stderr'
  readonly lines: number
  /** Of the lines' text. */
  readonly bytes: number
  /** Places before which lines may be missing. */
  readonly gaps: number
  /** The engine's time of the last line that was read, now or before the start; undefined: none was. */
  readonly last: { readonly seconds: number; readonly nanos: number } | undefined
}

export interface Source extends AsyncDisposable {
  /**
   * Reads until `signal` aborts; then emits what it has taken so far and settles, with every descriptor closed. Rejects only on a
   * broken invariant: a destination or engine that is away is waited for.
   */
  run(signal: AbortSignal): Promise<void>
  status(): SourceStatus
  /** Every container that it knows of, those that it leaves out included. Only called when somebody looks. Not given: its lines are not of containers. */
  containers?(): readonly ContainerStatus[]
}

export interface SourceSpec<Name extends string, Schema extends z.ZodObject> {
  /** The word in the configuration's `type`, and the name of the folder. */
  readonly name: Name
  readonly summary: string
  readonly options: Schema
  readonly examples: readonly [z.input<Schema>, ...z.input<Schema>[]]
  open(options: z.output<Schema>, context: SourceContext): Promise<Source>
  /**
   * Looks at what the source needs (`log-capturer doctor`): is it there, may we use it, does it work? Only reads, changes nothing, and keeps nothing
   * open. What is wrong is a finding; it rejects with the signal's reason only.
   */
  examine?(options: z.output<Schema>, context: ExaminationContext): Promise<Examination>
}

export function defineSource<const Name extends string, Schema extends z.ZodObject>(
  spec: SourceSpec<Name, Schema>,
): SourceSpec<Name, Schema> {
  return spec
}
