import type { Counter, Gauge } from 'prom-client'
import type { Metrics } from '../../telemetry/metrics.ts'

/** The counters that the API tells of, by the label that tells them apart. */
const counters = {
  logsCollected: 'source',
  logBytesCollected: 'source',
  repeatsDropped: 'source',
  linesTruncated: 'source',
  gapsSuspected: 'source',
  logsProcessed: 'transform',
  logsDropped: 'transform',
  linesJoined: 'transform',
  logsSent: 'sink',
  logBytesSent: 'sink',
  logsRejected: 'sink',
  sendRetries: 'sink',
} as const satisfies Partial<Record<keyof Metrics, string>>

export type CounterName = keyof typeof counters

/** What the metrics say now: counts by a name of their own, which `figureKey` and its kin make. */
export async function readFigures(metrics: Metrics): Promise<Map<string, number>> {
  const figures = new Map<string, number>()
  const add = (key: string, value: number) => figures.set(key, (figures.get(key) ?? 0) + value)
  for (const [name, label] of Object.entries(counters) as [CounterName, string][]) {
    for (const { labels, value } of (await metrics[name].get()).values) {
      add(figureKey(name, String((labels as Record<string, unknown>)[label])), value)
      add(figureKey(name), value)
    }
  }
  for (const { labels, value } of (await metrics.sinkRequests.get()).values)
    add(requestsKey(String(labels.sink), String(labels.result)), value)
  for (const { labels, value } of (await metrics.queueLinesLost.get()).values)
    add(lostKey(String(labels.sink), String(labels.reason)), value)
  figures.set('cpuSeconds', cpuSeconds())
  return figures
}

/** Of one component, or of all. */
export function figureKey(name: CounterName, component = ''): string {
  return `${name} ${component}`
}

export function requestsKey(sink: string, result: string): string {
  return `requests ${sink} ${result}`
}

export function lostKey(sink: string, reason: string): string {
  return `lost ${sink} ${reason}`
}

/** The values that a label has, of series of one component. */
export async function labelValues(
  metric: Counter<'sink' | 'result'> | Counter<'sink' | 'reason'>,
  { sink, label }: { readonly sink: string; readonly label: string },
): Promise<string[]> {
  const values = (await metric.get()).values as { readonly labels: Readonly<Record<string, unknown>> }[]
  return values.filter(({ labels }) => labels['sink'] === sink).map(({ labels }) => String(labels[label]))
}

/** A gauge's series, by one of its labels. */
export async function seriesOf(gauge: Gauge, label: string): Promise<Record<string, number>> {
  const series: Record<string, number> = {}
  for (const { labels, value } of (await gauge.get()).values) {
    const name = String((labels as Record<string, unknown>)[label])
    series[name] = (series[name] ?? 0) + value
  }
  return series
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
