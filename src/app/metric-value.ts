import type { Counter, Gauge } from 'prom-client'

/** The sum of a metric's series, of those that have `labels` where labels are given. */
export async function valueOf(metric: Counter | Gauge, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const { values } = await metric.get()
  return values
    .filter((value) =>
      Object.entries(labels).every(([name, text]) => (value.labels as Record<string, unknown>)[name] === text),
    )
    .reduce((sum, { value }) => sum + value, 0)
}
