import type { Overview } from '../../api/v1/schemas.ts'
import { valueOf } from '../metric-value.ts'
import { openDescriptors } from '../watch/read-held.ts'
import type { FactSources } from './fact-sources.ts'
import { figureKey, seriesOf } from './figures.ts'
import type { MeasuredAmount } from './rates.ts'
import { fillOf } from './sinks-view.ts'

export async function overviewOf(
  { pipeline, metrics, watch, config, health }: FactSources,
  amountOf: (key: string) => MeasuredAmount,
): Promise<Overview> {
  const { status, reasons, version, uptimeSeconds, sinks } = health()
  const report = watch.report()
  const open = await openDescriptors()
  const { heapUsed, rss, external } = process.memoryUsage()
  const limits = new Map(config().sinks.map(({ id, queue }) => [id, queue]))
  const sumOf = (value: (sink: (typeof sinks)[number]) => number) => sinks.reduce((sum, one) => sum + value(one), 0)
  return {
    version,
    startedAt: new Date(Date.now() - uptimeSeconds * 1_000).toISOString(),
    uptimeSeconds,
    status,
    reasons: [...reasons],
    lines: { in: amountOf(figureKey('logsCollected')), out: amountOf(figureKey('logsSent')) },
    bytes: { in: amountOf(figureKey('logBytesCollected')), out: amountOf(figureKey('logBytesSent')) },
    lagSeconds: Math.max(0, ...sinks.map(({ lagSeconds }) => lagSeconds)),
    queue: {
      memoryBytes: sumOf(({ queuedBytes }) => queuedBytes),
      memoryLimitBytes: sumOf(({ id }) => limits.get(id)?.memory ?? 0),
      diskBytes: sumOf(({ diskBytes }) => diskBytes),
      diskLimitBytes: sumOf(({ id }) => limits.get(id)?.disk ?? 0),
      fill: Math.max(0, ...sinks.map((sink) => fillOf(sink, limits.get(sink.id)))),
    },
    // Health has asked the sources for their status, which brings these gauges up to date.
    containers: await seriesOf(metrics.containers, 'state'),
    streams: {
      active: await valueOf(metrics.streamsActive),
      opened: await valueOf(metrics.streamsOpened),
      closed: await valueOf(metrics.streamsClosed),
    },
    process: {
      descriptors: { open: Number.isNaN(open) ? null : open, limit: report.descriptors.limit ?? null },
      heapBytes: heapUsed,
      residentBytes: rss,
      externalBytes: external,
      cpuSeconds: amountOf('cpuSeconds'),
    },
    engines: pipeline
      .sources()
      .filter(({ hasContainers }) => hasContainers)
      .map(({ id: source, status: one }) => ({
        source,
        isConnected: one.isConnected,
        detail: one.detail,
        product: one.engine?.product ?? null,
        version: one.engine?.version ?? null,
        apiVersion: one.engine?.apiVersion ?? null,
        address: one.engine?.address ?? null,
        streams: one.streams,
      })),
    watch: { ...report, resources: [...report.resources] },
  }
}
