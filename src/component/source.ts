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
  /**
   * As `emit`, for lines that nobody can read again: resolves when every sink behind has the batch, or has it on disk. When `signal` aborts before, with the
   * names of those that do not: they may get it all the same. The batch moves no cursor.
   */
  deliver(batch: Batch, signal: AbortSignal): Promise<readonly string[]>
  /** False while the queues behind are full: stop reading. */
  readonly hasRoom: boolean
  /** What the source has not read may be gone before there is room: queues make some at once, on disk, where they have one. */
  hurry(): void
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

/** Lines of containers that somebody wants to see who was not there when they passed. */
export interface RecentWish {
  /** Of each container, the last so many. */
  readonly lines: number
  /** Undefined: both. */
  readonly stream: 'stdout' | 'stderr' | undefined
  isWanted(containerName: string): boolean
  /** Gets lines in order for each container; the batch is the source's, and valid during the call. */
  take(batch: Batch): void
}

/** Lines that somebody has posted to the API. */
export interface PostedLines {
  /** `ndjson`: a JSON object a line. `text`: lines as they are. */
  readonly format: 'ndjson' | 'text'
  readonly bytes: number
  /** Where lines do not say it themselves. */
  readonly container: string | undefined
  readonly stream: 'stdout' | 'stderr' | undefined
  /** Reads the body, which is `bytes` long; called once, or not at all. Rejects when it does not come. */
  read(): Promise<Buffer>
}

/** What is wrong with a line of a body, which is counted from 1. */
export interface MalformedLine {
  readonly line: number
  readonly problem: string
}

/** What became of posted lines: all of them, or none. */
export type PostOutcome =
  /** Every sink has them, or has them on disk. */
  | { readonly status: 'delivered'; readonly lines: number }
  /** So many lines are not as they should be, the first of which are given: none was taken. */
  | { readonly status: 'malformed'; readonly count: number; readonly lines: readonly MalformedLine[] }
  /** There is no room for them now: none was taken. */
  | { readonly status: 'busy'; readonly reason: string }
  /** They did not come in time: none was taken. */
  | { readonly status: 'late'; readonly reason: string }
  /** Not every sink has them yet: they may arrive, and have to be sent again all the same. */
  | { readonly status: 'unconfirmed'; readonly reason: string }

export interface Source extends AsyncDisposable {
  /**
   * Reads until `signal` aborts; then emits what it has taken so far and settles, with every descriptor closed. Rejects only on a
   * broken invariant: a destination or engine that is away is waited for.
   */
  run(signal: AbortSignal): Promise<void>
  status(): SourceStatus
  /** Every container that it knows of, those that it leaves out included. Only called when somebody looks. Not given: its lines are not of containers. */
  containers?(): readonly ContainerStatus[]
  /**
   * Reads the last lines of containers once more from where they come from, for people, while it runs or not: no cursor moves. @returns what could not be
   * read, a sentence each; when `signal` aborts, what is left. Not given: what has passed cannot be read again.
   */
  recent?(wish: RecentWish, signal: AbortSignal): Promise<readonly string[]>
  /** Takes lines that were posted to the API, many at a time. Not given: it takes none. `signal` aborts when nobody waits for the outcome any more. */
  receive?(post: PostedLines, signal: AbortSignal): Promise<PostOutcome>
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
