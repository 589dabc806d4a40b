import { Arena } from '../batch/arena.ts'
import { allocateColumns, Batch } from '../batch/batch.ts'
import type { Origin, Progress } from '../batch/origin.ts'
import { rowsOf } from '../batch/row.ts'
import { lineFlags } from '../batch/flags.ts'
import type { QueueOptions } from '../component/queue-options.ts'
import type { RequestLimits, SendOutcome, Sink } from '../component/sink.ts'
import { type Deferred, deferred } from '../lib/wait.ts'

/** A queue without a disk. */
export const memoryOnly: QueueOptions = { memory: 64 * 1024 * 1024, disk: 0, when_full: 'block' }

/** Dead letters that nobody reads. */
export const noDeadLetters = { add: () => Promise.resolve() }

/** A line of a test: its stream's key, its time in whole seconds, its number at that time. */
export interface ToyLine {
  readonly key: string
  readonly seconds: number
  readonly ordinal?: number
  readonly text?: string
}

/** `count` lines of one stream, one per second from `seconds` on. */
export function linesFrom(key: string, seconds: number, count: number): ToyLine[] {
  return Array.from({ length: count }, (_, i) => ({ key, seconds: seconds + i }))
}

/** Makes batches, and counts those whose arena has not been given back. */
export class ToyBatches {
  held = 0

  of(lines: readonly ToyLine[], arenaBytes = 4_096): Batch {
    const keys = [...new Set(lines.map(({ key }) => key))]
    const columns = allocateColumns(lines.length)
    this.held += 1
    const arena = new Arena(arenaBytes, () => {
      this.held -= 1
    })
    const progress = new Map<string, Progress>()
    for (const [i, { key, seconds, ordinal = 0, text = textOf({ key, seconds, ordinal }) }] of lines.entries()) {
      columns.start[i] = arena.used
      arena.used += arena.bytes.write(text, arena.used)
      columns.end[i] = arena.used
      columns.seconds[i] = seconds
      columns.ordinal[i] = ordinal
      columns.origin[i] = keys.indexOf(key)
      progress.set(key, { key, cursor: { seconds, nanos: 0, count: ordinal + 1 } })
    }
    return new Batch({
      columns,
      arena,
      origins: keys.map(originOf),
      progress: [...progress.values()],
      count: lines.length,
      openedAtMs: performance.now(),
      onFree: () => undefined,
    })
  }
}

export function textOf({ key, seconds, ordinal = 0 }: ToyLine): string {
  return `${key}@${seconds}.${ordinal}`
}

function originOf(key: string): Origin {
  return { key, stream: 'stdout', container: { id: key, name: key, image: 'toy' }, labels: {}, host: 'here' }
}

/** The texts of the lines that no transform and no filter has taken out. */
export function textsOf(batch: Batch): string[] {
  return rowsOf(batch)
    .filter(({ flags }) => (flags & lineFlags.dropped) === 0)
    .map(({ text }) => text)
}

/** A call of a sink's `send`, for the test to answer. */
export interface HeldSend {
  readonly texts: readonly string[]
  readonly signal: AbortSignal
  readonly answer: Deferred<SendOutcome>
}

/** A sink that answers when and what the test says. */
export class HeldSink implements Sink {
  readonly maxInFlight: number
  /** Calls that have not been answered, in the order they came. */
  readonly open: HeldSend[] = []

  readonly requests?: RequestLimits

  constructor(limits: number | RequestLimits = 1) {
    this.maxInFlight = typeof limits === 'number' ? limits : 1
    if (typeof limits !== 'number') this.requests = limits
  }

  async send(batch: Batch, signal: AbortSignal): Promise<SendOutcome> {
    const send: HeldSend = { texts: textsOf(batch), signal, answer: deferred<SendOutcome>() }
    this.open.push(send)
    try {
      return await send.answer.promise
    } finally {
      this.open.splice(this.open.indexOf(send), 1)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve()
  }
}

/** A sink that takes everything at once. */
export class TakingSink implements Sink {
  readonly texts: string[] = []

  async send(batch: Batch): Promise<SendOutcome> {
    this.texts.push(...textsOf(batch))
    return { status: 'delivered' }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve()
  }
}
