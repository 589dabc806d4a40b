import { Bug } from '../../lib/error.ts'
import { type MetricSpec, metricSpecs } from '../metrics.ts'

type Specs = typeof metricSpecs
export type MetricKey = keyof Specs
type LabelOf<Key extends MetricKey> = Specs[Key]['labels'][number]
type HistogramKey = { [Key in MetricKey]: Specs[Key]['type'] extends 'histogram' ? Key : never }[MetricKey]

/** Series of one metric. Made by `metric` and `buckets` only, so that whatever names a metric names one of the registry. */
export class Selector {
  readonly key: MetricKey
  readonly name: string
  readonly #matchers: readonly string[]

  constructor(key: MetricKey, name: string, matchers: readonly string[]) {
    this.key = key
    this.name = name
    this.#matchers = matchers
  }

  render(more: readonly string[]): string {
    const matchers = [...this.#matchers, ...more]
    return matchers.length === 0 ? this.name : `${this.name}{${matchers.join(',')}}`
  }
}

/** The series of a counter or gauge, of those that have these labels where any are given. */
export function metric<Key extends Exclude<MetricKey, HistogramKey>>(
  key: Key,
  labels: Partial<Record<LabelOf<Key>, string>> = {},
): Selector {
  const matchers = Object.entries<string | undefined>(labels).map(([label, value]) => `${label}="${value!}"`)
  return new Selector(key, metricSpecs[key].name, matchers)
}

/** The buckets of a histogram. */
export function buckets(key: HistogramKey): Selector {
  return new Selector(key, `${metricSpecs[key].name}_bucket`, [])
}

/** A question to Prometheus. */
export interface Query {
  readonly selectors: readonly Selector[]
  /** `more`: matchers that every selector gets, such as `instance=~"$instance"`. */
  render(more?: readonly string[]): string
}

/** Text with series in it: promql`sum by (sink) (rate(${metric('logsSent')}[5m]))`. The text itself names no metric. */
export function promql(texts: TemplateStringsArray, ...selectors: readonly Selector[]): Query {
  const written = texts.find((text) => text.includes('log_capturer'))
  if (written !== undefined) throw new Bug(`a metric is named by hand, not through the registry: ${written}`)
  return {
    selectors,
    render: (more = []) =>
      texts
        .map((text, i) => `${text}${selectors[i]?.render(more) ?? ''}`)
        .join('')
        .replace(/\s+/g, ' ')
        .trim(),
  }
}

/** The labels of the metrics that a query is about. */
export function labelsOf({ selectors }: Query): ReadonlySet<string> {
  const specs: Readonly<Record<MetricKey, MetricSpec>> = metricSpecs
  return new Set(selectors.flatMap(({ key }) => specs[key].labels))
}
