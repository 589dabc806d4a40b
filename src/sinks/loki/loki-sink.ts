import type { Batch } from '../../batch/batch.ts'
import type { RequestLimits, SendOutcome, Sink, SinkContext } from '../../component/sink.ts'
import { messageOf } from '../../lib/error.ts'
import { judge, type Verdict } from './answers.ts'
import { LokiClient } from './client.ts'
import { LabelSets } from './label-sets.ts'
import { groupWith, linesOf, Plan, planOf, type Push } from './plan.ts'
import { JsonEncoder, ProtobufEncoder, type PushEncoder } from './push-encoder.ts'
import type { LokiOptions } from './schema.ts'
import { WasmPush } from './wasm-push.ts'

/** Loki takes messages of 4 MiB between its parts by default (server.grpc_server_max_recv_msg_size). */
const maxPushBytes = 3 * 1024 * 1024
/** How long a limit of the server's is believed: somebody may raise it. */
const limitKnownForMs = 600_000
const logOverflowEveryMs = 600_000

export class LokiSink implements Sink {
  readonly requests: RequestLimits
  readonly #client: LokiClient
  readonly #labelSets: LabelSets
  readonly #encoder: PushEncoder
  readonly #context: SinkContext
  readonly #maxStreams: number
  /** What is left of batches that have to be sent again. */
  readonly #plans = new WeakMap<Batch, Plan>()
  /** The newest time of each stream of Loki, in seconds. */
  readonly #newest = new Map<string, number>()
  #lineLimit: { readonly bytes: number; readonly untilMs: number } | undefined
  #nextOverflowLogMs = 0

  constructor(options: LokiOptions, context: SinkContext) {
    const { labels, metadata, tenant, batch } = options
    this.requests = { maxBytes: batch.max_bytes, maxAgeMs: batch.max_age, maxConcurrent: options.concurrency }
    this.#client = new LokiClient(options)
    this.#encoder =
      options.encoding === 'protobuf'
        ? new ProtobufEncoder(WasmPush.create())
        : new JsonEncoder(options.structured_metadata)
    this.#maxStreams = options.max_streams
    this.#labelSets = new LabelSets({
      labels,
      metadata,
      tenant,
      hasMetadata: options.structured_metadata,
      maxStreams: options.max_streams,
    })
    this.#context = context
    context.metrics.lokiOverflowLines.inc({ sink: context.id }, 0)
  }

  async send(batch: Batch, signal: AbortSignal): Promise<SendOutcome> {
    const plan = this.#plans.get(batch) ?? this.#plan(batch)
    for (let push = plan.next; push; push = plan.next) {
      const open = this.#withoutLongLines(push, batch, plan)
      const verdict: Verdict = open.groups.length === 0 ? { kind: 'taken' } : await this.#push(open, batch, signal)
      if (verdict.kind === 'retry') {
        const { reason, afterMs } = verdict
        return { status: 'retry', reason, afterMs }
      }
      this.#apply(verdict, open, plan)
    }
    this.#plans.delete(batch)
    const [first, ...others] = plan.rejections()
    return first ? { status: 'rejected', rejections: [first, ...others] } : { status: 'delivered' }
  }

  #plan(batch: Batch): Plan {
    const nowMs = performance.now()
    const pushes = planOf(batch, {
      targetOf: (origin, values) => this.#labelSets.targetOf(origin, nowMs, values),
      fieldNames: this.#labelSets.fieldNames,
      maxPushBytes,
      newestOf: ({ key }) => this.#newest.get(key),
    })
    this.#countOverflow(pushes, nowMs)
    const plan = new Plan(pushes)
    this.#plans.set(batch, plan)
    return plan
  }

  async #push(push: Push, batch: Batch, signal: AbortSignal): Promise<Verdict> {
    const encoded = await this.#encoder.encode(push, batch)
    try {
      const answer = await this.#client.push({ bytes: encoded.bytes, tenant: push.tenant }, signal)
      const verdict = judge(answer, push, batch)
      // An early answer may come while the body is still being read.
      if (verdict.kind === 'taken') encoded.release()
      return verdict
    } catch (error) {
      return { kind: 'retry', reason: messageOf(error), afterMs: 0 }
    }
  }

  #apply(verdict: Exclude<Verdict, { kind: 'retry' }>, push: Push, plan: Plan): void {
    switch (verdict.kind) {
      case 'taken':
        break
      case 'split':
        if (plan.split()) return
        for (const group of push.groups) plan.reject(verdict.reason, linesOf(group))
        break
      case 'refused':
        if (verdict.maxLineBytes !== undefined)
          this.#lineLimit = { bytes: verdict.maxLineBytes, untilMs: performance.now() + limitKnownForMs }
        for (const [reason, lines] of verdict.lines) plan.reject(reason, lines)
    }
    if (verdict.kind === 'taken') this.#noteNewest(push)
    plan.settle()
  }

  /** The push without lines that the server is known to refuse for their length; they are rejected with the rest of it. */
  #withoutLongLines(push: Push, { columns }: Batch, plan: Plan): Push {
    const limit = this.#lineLimit
    if (!limit || performance.now() > limit.untilMs) return push
    const isShort = (line: number) => columns.end[line]! - columns.start[line]! <= limit.bytes
    const long = push.groups.flatMap(linesOf).filter((line) => !isShort(line))
    if (long.length === 0) return push
    const groups = push.groups.map((group) => groupWith(group, linesOf(group).filter(isShort)))
    plan.reject('line too long', long)
    return plan.replaceNext({ tenant: push.tenant, groups: groups.filter(({ from, to }) => to > from) })
  }

  #noteNewest({ groups }: Push): void {
    // Once a second: a thousand streams have a line or two each in most pushes.
    for (const { target, newest } of groups)
      if (newest > (this.#newest.get(target.key) ?? 0)) this.#newest.set(target.key, newest)
    if (this.#newest.size > this.#maxStreams + 2) this.#forgetOldest()
  }

  /** Forgets an eighth of the streams, those whose newest line is the oldest, so that it is seldom done. */
  #forgetOldest(): void {
    const byAge = [...this.#newest].sort(([, a], [, b]) => a - b)
    for (const [key] of byAge.slice(0, Math.ceil(byAge.length / 8))) this.#newest.delete(key)
  }

  #countOverflow(pushes: readonly Push[], nowMs: number): void {
    let lines = 0
    for (const { groups } of pushes)
      for (const group of groups) if (group.target.isOverflow) lines += group.to - group.from
    if (lines === 0) return
    const { metrics, id, log } = this.#context
    metrics.lokiOverflowLines.inc({ sink: id }, lines)
    if (nowMs < this.#nextOverflowLogMs) return
    this.#nextOverflowLogMs = nowMs + logOverflowEveryMs
    log.warn(
      { sink: id, maxStreams: this.#maxStreams },
      'more label sets than max_streams: further lines go to Loki under log_capturer_overflow; take a label away that has many values',
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
  }
}
