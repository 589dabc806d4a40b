import type { z } from 'zod'
import type { Batch } from '../batch/batch.ts'
import type { Cursor } from '../batch/cursor.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/**
 * Changes lines on their way. What comes out may not depend on how the lines were divided into batches, and time is the time of the lines: what is
 * read again after a restart comes out as it did.
 */
export type Transform = Shaper | Router | Joiner

/** Has one output, with all lines. */
export interface Shaper {
  /**
   * The batch as it goes on: the one given, with lines flagged as dropped or `start` and `end` narrowed in place, or another in its place with the same
   * rows, origins and progress (`BatchRewriter`), which belongs to the caller. It is called for one batch at a time, in order, owns the columns of the
   * batch while it runs, may not write to its bytes, which others read, and must not keep it. What it throws stops the pipeline branch.
   */
  apply(batch: Batch): Batch
}

/** Has several outputs, of which each line goes to one. */
export interface Router {
  /** Others read from them as `ID.NAME`. */
  readonly outputs: readonly string[]
  /** For each row the index of its output; those of rows that are dropped do not count. It changes nothing. Called, and failing, as `apply`. */
  route(batch: Batch): Uint16Array
}

/** Makes one line of several, for which it holds lines back. */
export interface Joiner {
  /** For the lines of one source, which come by one way and in order. */
  begin(): Joining
}

/**
 * The lines of one source on their way through a joiner. What it holds back has not arrived anywhere: the progress of what it gives ends before. It has no clock and
 * no timer of its own: times are `performance.now()`, and whoever has it calls `flush` when something is due.
 */
export interface Joining {
  /**
   * The lines of which it is known with this batch that nothing belongs to them any more, in a batch of its own that belongs to the caller. Its origins are those of
   * `originBehind`. A line that was made of several has the time of the first; a row behind it, dropped, has the time and the number of the last, so that sinks know
   * where they stand. Called for one batch at a time, in order; the batch given is neither changed nor kept. What it throws stops the pipeline branch.
   */
  join(batch: Batch, nowMs: number): Batch
  /** When something that is held is due; undefined: nothing is held. */
  readonly dueAtMs: number | undefined
  /** What is due at `nowMs`, which nothing belongs to that comes later; all that is held with `Infinity`. Undefined: nothing is. */
  flush(nowMs: number): Batch | undefined
  /**
   * The stream is read anew, from a place before everything that is held of it, which is forgotten: it comes again. Sinks behind have the stream up to `places`, where lines
   * ended: they do so again.
   */
  reopen(key: string, places: readonly Cursor[]): void
}

/** What a transform needs of its surroundings. */
export interface TransformContext {
  /** The id in the configuration, and the metrics' label `transform`. */
  readonly id: string
  readonly metrics: Metrics
}

export interface TransformSpec<Name extends string, Schema extends z.ZodObject, Made extends Transform = Transform> {
  /** The word in the configuration's `type`, and the name of the folder. */
  readonly name: Name
  readonly summary: string
  readonly options: Schema
  readonly examples: readonly [z.input<Schema>, ...z.input<Schema>[]]
  /** The outputs of a router, as its options name them. */
  readonly outputs?: (options: z.output<Schema>) => readonly string[]
  /** It makes joiners. */
  readonly holdsBack?: true
  create(options: z.output<Schema>, context: TransformContext): Made
}

export function defineTransform<const Name extends string, Schema extends z.ZodObject, Made extends Transform>(
  spec: TransformSpec<Name, Schema, Made>,
): TransformSpec<Name, Schema, Made> {
  return spec
}
