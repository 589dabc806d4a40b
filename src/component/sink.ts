import type { z } from 'zod'
import type { Batch } from '../batch/batch.ts'
import type { Progress } from '../batch/origin.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Examination, ExaminationContext } from './examination.ts'

/** What became of a batch. The one retry loop, in the pipeline, switches on it; sinks never retry by themselves. */
export type SendOutcome =
  /** The destination has it for good: the cursor may move. */
  | { readonly status: 'delivered' }
  /** A passing trouble (destination down, busy, disk full): send the same batch again, not before `afterMs`. */
  | { readonly status: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** The destination will never take the lines of `rejections`; it has the others. They go to the dead letters, and the cursor may move. */
  | { readonly status: 'rejected'; readonly rejections: readonly [Rejection, ...Rejection[]] }

/** Lines that a destination refuses for good, and why. */
export interface Rejection {
  readonly reason: string
  /** Indices into the batch. No line is in two rejections. */
  readonly lines: readonly number[] | 'all'
}

/** How the pipeline makes requests of batches, for a sink whose destination takes requests. */
export interface RequestLimits {
  /** Bytes of text after which a request is full: lines of further batches are merged in until then. */
  readonly maxBytes: number
  /** A request that is not full is sent so long after the one before: the most that a line waits for others. */
  readonly maxAgeMs: number
  /**
   * Calls of `send` that may be unsettled at a time. How many there are is found by the pipeline: more while latency holds, half after a
   * failure. No two of them have lines of the same stream, so that each stream arrives in order.
   */
  readonly maxConcurrent: number
}

export interface Sink extends AsyncDisposable {
  /**
   * Delivers one batch. Called in order; called again before an earlier call has settled, up to `maxInFlight` calls: a sink
   * whose destination needs order keeps it. The batch is valid until the promise settles and must not be changed.
   * Lines flagged `dropped` are passed over. Throwing counts as `retry`. `signal` aborts when nobody waits any longer.
   */
  send(batch: Batch, signal: AbortSignal): Promise<SendOutcome>
  /** Calls of `send` that may be unsettled at a time; 1 where it is not given. Without meaning where `requests` are given. */
  readonly maxInFlight?: number
  /** Given: batches are merged, and split by stream, into requests. Without: every batch is sent as the source made it. */
  readonly requests?: RequestLimits
  /** It writes to a disk of this host: lines that it takes, however slowly, gain nothing by waiting on a disk before. */
  readonly isLocal?: true
  /**
   * Streams of which this sink itself knows, from its own durable records, that it has more than the cursor store says
   * (a crash came between). Read once, before the first `send`.
   */
  readonly recovered?: readonly Progress[]
}

export interface SinkContext {
  /** The sink's name in the configuration. */
  readonly id: string
  /** A folder of the sink's own below `data_dir`, for what it must remember; made on demand by the sink. */
  readonly stateDir: string
  readonly log: Log
  readonly metrics: Metrics
  /** Aborts opening. */
  readonly signal: AbortSignal
}

export interface SinkSpec<Name extends string, Schema extends z.ZodObject> {
  /** The word in the configuration's `type`, and the name of the folder. */
  readonly name: Name
  readonly summary: string
  readonly options: Schema
  /** Options that are paths which no two components may share. */
  readonly exclusivePaths?: readonly string[]
  readonly examples: readonly [z.input<Schema>, ...z.input<Schema>[]]
  /** Opens the sink. Throws when the configuration can never work; a destination that is merely down is no reason. */
  open(options: z.output<Schema>, context: SinkContext): Promise<Sink>
  /**
   * Looks at what the destination needs (`log-capturer doctor`): is it there, may we use it, does it work? Only reads, changes nothing, and keeps nothing
   * open. What is wrong is a finding; it rejects with the signal's reason only.
   */
  examine?(options: z.output<Schema>, context: ExaminationContext): Promise<Examination>
}

export function defineSink<const Name extends string, Schema extends z.ZodObject>(
  spec: SinkSpec<Name, Schema>,
): SinkSpec<Name, Schema> {
  return spec
}
