import { randomBytes } from 'node:crypto'
import type { Batch } from '../batch/batch.ts'
import type { SendOutcome } from '../component/sink.ts'
import type { Span } from '../telemetry/traces/span.ts'

/** Batches that are traced at a time; those that are not acknowledged for long give way to others. */
const maxOpen = 256

export interface Tracing {
  /** One batch in so many is traced. */
  readonly oneIn: number
  /** Takes the spans of a trace when all of them have ended. */
  readonly onEnded: (spans: readonly Span[]) => void
}

/** One call of a sink's `send`. */
export interface TracedSend {
  readonly sink: string
  /** The emissions that it has lines of. */
  readonly emissions: readonly number[]
  readonly startedAtMs: number
  /** Of the whole request, which may have lines of other batches, too. */
  readonly lines: number
  readonly bytes: number
  readonly outcome: SendOutcome
}

interface Delivery {
  readonly spanId: string
  readonly sends: Span[]
  retries: number
  /** Entries of the sink's queue that are not acknowledged. */
  waiting: number
}

/** A batch that is traced, and has not been passed on yet. */
export interface BegunTrace {
  readonly traceId: string
  readonly spanId: string
  readonly emittedAtMs: number
  readonly openedAtMs: number
  readonly attributes: Readonly<Record<string, string | number>>
}

interface Trace extends BegunTrace {
  /** Sinks that have not acknowledged, by id. */
  readonly deliveries: Map<string, Delivery>
  readonly ended: Span[]
}

/**
 * Where some batches are, step by step: `batch` from its first line until every sink has acknowledged it, in it `read`, and `deliver` for each sink, in that `queue`, `send` for each
 * try, and `acknowledge`. While nobody wants traces it costs one comparison for each step of a batch.
 */
export class BatchTraces {
  isOn = false
  #tracing: Tracing | undefined
  readonly #open = new Map<number, Trace>()

  /** Undefined: from now on there are none. */
  use(tracing: Tracing | undefined): void {
    this.end()
    this.#tracing = tracing
    this.isOn = tracing !== undefined
  }

  /** A source has given a batch. To be called before it is passed on. @returns undefined where it is none of those that are traced */
  begin(batch: Batch, source: string): BegunTrace | undefined {
    if (Math.random() * this.#tracing!.oneIn >= 1) return undefined
    const { lines, bytes } = batch.measure()
    return {
      ...{ traceId: newId(16), spanId: newId(8), emittedAtMs: performance.now(), openedAtMs: batch.openedAtMs },
      attributes: { 'log_capturer.source': source, 'log_capturer.lines': lines, 'log_capturer.bytes': bytes },
    }
  }

  /** The batch was passed on: so many entries of the queue of each sink are of it. None at all: what was not taken out is held, and goes on with another. */
  passed(emission: number, begun: BegunTrace, entries: ReadonlyMap<string, number>): void {
    if (this.#open.size >= maxOpen) this.#giveUp(this.#open.keys().next().value!)
    const some = [...entries].filter(([, count]) => count > 0)
    const delivery = (waiting: number): Delivery => ({ spanId: newId(8), sends: [], retries: 0, waiting })
    const deliveries = new Map(some.map(([sink, count]) => [sink, delivery(count)]))
    const trace: Trace = { ...begun, deliveries, ended: [] }
    const { openedAtMs: startedAtMs, emittedAtMs: endedAtMs } = trace
    trace.ended.push(spanOf(trace, { name: 'read', parent: trace.spanId, startedAtMs, endedAtMs }))
    this.#open.set(emission, trace)
    if (deliveries.size === 0) this.#close(emission, trace)
  }

  sent({ sink, emissions, startedAtMs, lines, bytes, outcome }: TracedSend): void {
    for (const emission of emissions) {
      const trace = this.#open.get(emission)
      const delivery = trace?.deliveries.get(sink)
      if (!trace || !delivery) continue
      const attributes = {
        ...{ 'log_capturer.sink': sink, 'log_capturer.outcome': outcome.status },
        ...{ 'log_capturer.lines': lines, 'log_capturer.bytes': bytes },
      }
      const error = outcome.status === 'delivered' ? undefined : reasonOf(outcome)
      const step = { name: 'send', parent: delivery.spanId, startedAtMs, endedAtMs: performance.now() }
      delivery.sends.push(spanOf(trace, { ...step, kind: 'client', attributes, error }))
      if (outcome.status === 'retry') delivery.retries += 1
    }
  }

  /** The sink has an entry of the batch, or its disk queue has. */
  acknowledged(emission: number, sink: string, by: 'sink' | 'disk'): void {
    const trace = this.#open.get(emission)
    const delivery = trace?.deliveries.get(sink)
    if (!trace || !delivery) return
    delivery.waiting -= 1
    if (delivery.waiting > 0) return
    trace.deliveries.delete(sink)
    trace.ended.push(...spansOf(trace, delivery, { sink, by }))
    if (trace.deliveries.size === 0) this.#close(emission, trace)
  }

  /** Ends what is not acknowledged. */
  end(): void {
    for (const emission of [...this.#open.keys()]) this.#giveUp(emission)
  }

  #giveUp(emission: number): void {
    const trace = this.#open.get(emission)!
    for (const [sink, delivery] of trace.deliveries)
      trace.ended.push(...spansOf(trace, delivery, { sink, by: undefined }))
    this.#close(emission, trace)
  }

  #close(emission: number, trace: Trace): void {
    this.#open.delete(emission)
    const { spanId, openedAtMs: startedAtMs, attributes, deliveries } = trace
    const error = deliveries.size === 0 ? undefined : `not acknowledged by ${[...deliveries.keys()].join(', ')}`
    const batch = spanOf(trace, { name: 'batch', spanId, startedAtMs, endedAtMs: performance.now(), attributes, error })
    this.#tracing?.onEnded([batch, ...trace.ended])
  }
}

/** `deliver` and what is in it; `by` undefined: it was not acknowledged. */
function spansOf(
  trace: Trace,
  { spanId, sends, retries }: Delivery,
  { sink, by }: { readonly sink: string; readonly by: 'sink' | 'disk' | undefined },
): readonly Span[] {
  const endedAtMs = performance.now()
  const { emittedAtMs } = trace
  const firstSendAtMs = sends[0]?.startedAtMs ?? endedAtMs
  const lastSendEndAtMs = Math.max(...sends.map((send) => send.endedAtMs))
  const attributes = {
    ...{ 'log_capturer.sink': sink, 'log_capturer.retries': retries },
    ...(by === undefined ? {} : { 'log_capturer.acknowledged_by': by }),
  }
  const error = by === undefined ? 'not acknowledged' : undefined
  const deliver = { name: 'deliver', spanId, parent: trace.spanId, startedAtMs: emittedAtMs, endedAtMs }
  return [
    spanOf(trace, { ...deliver, attributes, error }),
    spanOf(trace, { name: 'queue', parent: spanId, startedAtMs: emittedAtMs, endedAtMs: firstSendAtMs }),
    ...sends,
    ...(sends.length > 0 && by !== undefined
      ? [spanOf(trace, { name: 'acknowledge', parent: spanId, startedAtMs: lastSendEndAtMs, endedAtMs })]
      : []),
  ]
}

interface Step {
  readonly name: string
  readonly spanId?: string
  readonly parent?: string
  readonly kind?: Span['kind']
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly attributes?: Span['attributes']
  readonly error?: string | undefined
}

function spanOf({ traceId }: Trace, step: Step): Span {
  const { name, spanId = newId(8), parent, kind = 'internal', startedAtMs, endedAtMs, attributes = {}, error } = step
  return { traceId, spanId, parentSpanId: parent, name, kind, startedAtMs, endedAtMs, attributes, error }
}

function reasonOf(outcome: Exclude<SendOutcome, { status: 'delivered' }>): string {
  return outcome.status === 'retry' ? outcome.reason : outcome.rejections[0].reason
}

function newId(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
