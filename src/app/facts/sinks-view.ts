import type { Sinks } from '../../api/v1/schemas.ts'
import type { QueueOptions } from '../../component/queue-options.ts'
import { valueOf } from '../metric-value.ts'
import type { FactSources } from './fact-sources.ts'
import { figureKey, labelValues, lostKey, requestsKey } from './figures.ts'
import type { MeasuredAmount } from './rates.ts'

export async function sinksView(
  { pipeline, metrics, config }: Pick<FactSources, 'pipeline' | 'metrics' | 'config'>,
  amountOf: (key: string) => MeasuredAmount,
): Promise<Sinks> {
  const configured = new Map(config().sinks.map((sink) => [sink.id, sink]))
  const sinks: Sinks['sinks'] = []
  for (const { id, ...lane } of pipeline.sinks()) {
    const sink = configured.get(id)
    if (sink === undefined) continue // A reload is taking it out.
    const results = await labelValues(metrics.sinkRequests, { sink: id, label: 'result' })
    sinks.push({
      id,
      type: sink.type,
      inputs: [...sink.inputs],
      lines: amountOf(figureKey('logsSent', id)),
      bytes: amountOf(figureKey('logBytesSent', id)),
      rejected: amountOf(figureKey('logsRejected', id)),
      retries: amountOf(figureKey('sendRetries', id)),
      requests: results.map((result) => ({ result, requests: amountOf(requestsKey(id, result)) })),
      queue: {
        memoryBytes: lane.queuedBytes,
        memoryLimitBytes: sink.queue.memory,
        batches: lane.queuedBatches,
        diskBytes: lane.diskBytes,
        diskLimitBytes: sink.queue.disk,
        diskLines: lane.diskLines,
        whenFull: sink.queue.when_full,
        fill: fillOf(lane, sink.queue),
        lost: await lostOf(metrics, { sink: id, amountOf }),
      },
      lagSeconds: lane.lagSeconds,
      breaker: lane.breaker,
      concurrency: lane.concurrency,
      trouble: lane.trouble ?? null,
      deadLetters: await valueOf(metrics.deadLetters, { sink: id }),
    })
  }
  return { sinks }
}

/** Lines of the disk queue that were lost or dropped, by reason. */
export async function lostOf(
  metrics: FactSources['metrics'],
  { sink, amountOf }: { readonly sink: string; readonly amountOf: (key: string) => MeasuredAmount },
) {
  const reasons = await labelValues(metrics.queueLinesLost, { sink, label: 'reason' })
  return reasons.map((reason) => ({ reason, lines: amountOf(lostKey(sink, reason)) }))
}

/** Of memory and disk together; a little over 1 where a queue takes what was read before its source stopped. */
export function fillOf(
  { queuedBytes, diskBytes }: { readonly queuedBytes: number; readonly diskBytes: number },
  limits: QueueOptions | undefined,
): number {
  const limit = (limits?.memory ?? 0) + (limits?.disk ?? 0)
  return limit === 0 ? 0 : (queuedBytes + diskBytes) / limit
}
