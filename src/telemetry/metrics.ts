import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * The one registry of metrics: every name that the collector exposes is declared in the specs below, and the
 * documents, dashboards and alerts are generated from them.
 */
export interface MetricSpec<Label extends string = string> {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly help: string
  readonly labels: readonly Label[]
  readonly buckets?: readonly number[]
  /** A counter's label of which all values are known: then its series are there, at zero, before the first event. */
  readonly known?: { readonly label: Label; readonly values: readonly string[] }
}

const counter = <const L extends string = never>(name: string, help: string, labels: readonly L[] = []) =>
  ({ type: 'counter', name: `log_capturer_${name}`, help, labels }) as const
const gauge = <const L extends string = never>(name: string, help: string, labels: readonly L[] = []) =>
  ({ type: 'gauge', name: `log_capturer_${name}`, help, labels }) as const

/** Adds what values a label can have. */
const withValues = <const S extends MetricSpec>(spec: S, label: S['labels'][number], values: readonly string[]) => ({
  ...spec,
  known: { label, values },
})

const histogram = <const L extends string = never>(
  name: string,
  help: string,
  { labels, buckets }: { readonly labels: readonly L[]; readonly buckets: readonly number[] },
) => ({ type: 'histogram', name: `log_capturer_${name}`, help, labels, buckets }) as const

export const metricSpecs = {
  // Connections to engines: control requests and log streams together.
  dockerHttpRequests: counter('docker_http_requests_total', 'Requests sent to the engine.', ['source']),
  dockerHttpErrors: counter('docker_http_errors_total', 'Requests that got no answer or an error status.', ['source']),
  dockerHttpReused: counter(
    'docker_http_reused_total',
    'Requests sent over a connection that had served another before.',
    ['source'],
  ),
  dockerHttpActive: gauge('docker_http_active_connections', 'Connections with a request in flight, follows included.', [
    'source',
  ]),
  dockerHttpIdle: gauge('docker_http_idle_connections', 'Connections kept open for the next request.', ['source']),
  dockerHttpOpened: counter('docker_http_connections_opened_total', 'Connections opened.', ['source']),
  dockerHttpClosed: counter('docker_http_connections_closed_total', 'Connections closed, by reason.', [
    'source',
    'reason',
  ]),
  // Container streams.
  streamsActive: gauge('container_streams_active', 'Followed container logs that are open now.', ['source']),
  streamsOpened: counter('container_streams_opened_total', 'Follows opened.', ['source']),
  streamsClosed: counter('container_streams_closed_total', 'Follows closed, by reason.', ['source', 'reason']),
  streamErrors: withValues(
    counter('container_stream_errors_total', 'Follows or log reads that failed, by reason.', ['source', 'reason']),
    'reason',
    ['connection', 'status', 'response', 'frame', 'log_file', 'unreadable'],
  ),
  containers: gauge('containers', 'Containers known, by what is done with them.', ['source', 'state']),
  containerLines: counter('container_lines_total', 'Lines collected, by container; beyond the limit under "other".', [
    'source',
    'container',
  ]),
  containerBytes: counter(
    'container_bytes_total',
    'Bytes of lines collected, by container; beyond the limit under "other".',
    ['source', 'container'],
  ),
  repeatsDropped: counter('repeats_dropped_total', 'Lines that the engine sent again and the cursor dropped.', [
    'source',
  ]),
  gapsSuspected: counter(
    'gaps_suspected_total',
    'Places where the engine no longer had the line that reading should have gone on from.',
    ['source'],
  ),
  linesTruncated: counter('lines_truncated_total', 'Lines cut because they were longer than max_line_bytes.', [
    'source',
  ]),
  engineUp: gauge('engine_up', '1 while the engine answers.', ['source']),
  posts: counter('posts_total', 'Bodies of lines that were posted to the API, by what became of them.', [
    'source',
    'result',
  ]),
  // Lines on their way.
  logsCollected: counter('logs_collected_total', 'Lines taken from the engine, or from who posts them.', ['source']),
  logBytesCollected: counter('log_bytes_collected_total', 'Bytes of the lines that were taken, without line feeds.', [
    'source',
  ]),
  logsProcessed: counter('logs_processed_total', 'Lines that a transform let through.', ['transform']),
  logsDropped: counter('logs_dropped_total', 'Lines that a transform took out.', ['transform']),
  linesJoined: counter(
    'lines_joined_total',
    'Lines that a transform has made a part of the line before. They are neither let through nor taken out.',
    ['transform'],
  ),
  linesHeld: gauge('lines_held', 'Lines that a transform holds back, to which more may belong.', ['transform']),
  eventsCut: withValues(
    counter('events_cut_total', 'Events that a transform has ended before their last line, by the limit.', [
      'transform',
      'limit',
    ]),
    'limit',
    ['lines', 'bytes', 'memory'],
  ),
  parseFailures: counter(
    'parse_failures_total',
    'Lines that a parse transform, or times that a timestamp transform, could not read; they went on as they were.',
    ['transform'],
  ),
  scriptFailures: counter(
    'script_failures_total',
    'Lines for which a script has thrown, or had to be stopped; they went on as they were.',
    ['transform'],
  ),
  timesOutside: counter(
    'times_outside_total',
    "Times of lines that lay too far from the engine's; see `outside` of the timestamp transform.",
    ['transform'],
  ),
  redactions: counter('redactions_total', 'Texts that a redact transform has replaced, by rule.', [
    'transform',
    'rule',
  ]),
  logsSent: counter('logs_sent_total', 'Lines that the destination has acknowledged.', ['sink']),
  logBytesSent: counter('log_bytes_sent_total', 'Bytes of the lines that the destination has acknowledged.', ['sink']),
  logsRejected: counter('logs_rejected_total', 'Lines that the destination will never take.', ['sink']),
  sendRetries: counter('sink_retries_total', 'Batches that have to be sent again.', ['sink']),
  lokiOverflowLines: counter(
    'loki_overflow_lines_total',
    'Lines that went to Loki under the overflow label set, because the sink had max_streams already.',
    ['sink'],
  ),
  sinkQueueBytes: gauge('sink_queue_bytes', 'Memory of the batches that wait for the sink or are on their way.', [
    'sink',
  ]),
  sinkRequests: withValues(
    counter('sink_requests_total', 'Requests made to the destination, by what became of them.', ['sink', 'result']),
    'result',
    ['delivered', 'retry', 'rejected'],
  ),
  sinkRequestSeconds: histogram(
    'sink_request_seconds',
    'Time from handing a request to the sink until it was answered.',
    { labels: ['sink'], buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 30] },
  ),
  sinkConcurrency: gauge('sink_concurrency', 'Requests that may be on their way at a time, as found by trying.', [
    'sink',
  ]),
  sinkBreaker: gauge('sink_breaker', '0 closed, 1 half open (a request is on its way to see), 2 open.', ['sink']),
  sinkQueueLimitBytes: gauge('sink_queue_limit_bytes', 'Memory that may wait for the sink: queue.memory.', ['sink']),
  sinkDiskQueueLimitBytes: gauge(
    'sink_disk_queue_limit_bytes',
    'Bytes on disk that may wait for the sink: queue.disk.',
    ['sink'],
  ),
  sinkDiskQueueBytes: gauge('sink_disk_queue_bytes', 'Bytes on disk that wait for the sink.', ['sink']),
  sinkDiskQueueLines: gauge('sink_disk_queue_lines', 'Lines on disk that wait for the sink.', ['sink']),
  sinkOpenFiles: gauge('sink_open_files', 'Files that a file sink keeps open to write on: at most 1,024.', ['sink']),
  queueLinesLost: withValues(
    counter('queue_lines_lost_total', 'Lines of the disk queue that were lost or dropped, by reason.', [
      'sink',
      'reason',
    ]),
    'reason',
    ['torn', 'damaged', 'dropped_oldest'],
  ),
  queueErrors: counter('queue_errors_total', 'Times that the disk took neither queue nor dead letters.', ['sink']),
  sinkLagSeconds: gauge('sink_lag_seconds', 'Age of the oldest batch that the sink has not acknowledged.', ['sink']),
  // Dead letters.
  deadLettersAdded: counter(
    'dead_letters_added_total',
    'Dead letters kept: lines refused at one time for one reason.',
    ['sink'],
  ),
  deadLetterLinesAdded: counter('dead_letter_lines_added_total', 'Lines of the dead letters kept.', ['sink']),
  deadLettersDropped: counter(
    'dead_letters_dropped_total',
    'Dead letters given up because dead_letters.max_bytes was reached.',
    ['sink'],
  ),
  deadLetterLinesDropped: counter('dead_letter_lines_dropped_total', 'Lines of the dead letters given up.', ['sink']),
  deadLetterLinesReplayed: counter(
    'dead_letter_lines_replayed_total',
    'Lines of dead letters sent again, by what became of them.',
    ['sink', 'result'],
  ),
  deadLetters: gauge('dead_letters', 'Dead letters on disk.', ['sink']),
  deadLetterBytes: gauge('dead_letter_bytes', 'Bytes on disk of the dead letters of all sinks.'),
  deadLetterLimitBytes: gauge(
    'dead_letter_limit_bytes',
    'Bytes on disk that dead letters may take before the oldest are dropped: dead_letters.max_bytes.',
  ),
  // State.
  cursorFlushes: counter('cursor_flushes_total', 'Times the cursors were written to disk.'),
  cursorFlushErrors: counter('cursor_flush_errors_total', 'Times the cursors could not be written to disk.'),
  configReloads: withValues(
    counter('config_reloads_total', 'Times the configuration was read again, by what came of it.', ['result']),
    'result',
    ['ok', 'failed'],
  ),
  configReloadFailed: gauge('config_reload_failed', '1 while the last reload did not do what was asked.'),
  traceSpans: withValues(
    counter('trace_spans_total', 'Spans of traced batches, by what became of them.', ['result']),
    'result',
    ['sent', 'dropped'],
  ),
  // The process.
  descriptors: gauge('process_descriptors', 'Open file descriptors, by kind.', ['kind']),
  descriptorLimit: gauge('process_descriptor_limit', 'File descriptors that the process may have open.'),
  handles: gauge('process_handles', 'What keeps the event loop alive, by type.', ['type']),
  eventLoopLag: gauge(
    'process_event_loop_lag_seconds',
    'Delay of the event loop over the last sampling interval, by statistic.',
    ['statistic'],
  ),
  heapBytes: gauge('process_heap_bytes', 'JavaScript heap in use.'),
  externalBytes: gauge('process_external_bytes', 'Memory outside of the heap that JavaScript holds, arenas included.'),
  residentBytes: gauge('process_resident_bytes', 'Resident memory of the process.'),
  leakVerdict: gauge(
    'leak_verdict',
    'What the collector says of its own resources: 0 not enough evidence, 1 clean, 2 a leak. See docs/watch.md.',
    ['resource'],
  ),
  leakGrowth: gauge(
    'leak_growth_per_hour',
    'Growth of a resource of its own that load does not explain (items or bytes an hour): the estimate, and limits.',
    ['resource', 'limit'],
  ),
  cpuSeconds: counter('process_cpu_seconds_total', 'Processor time used, user and system.'),
  swallowedErrors: withValues(
    counter('swallowed_errors_total', 'Errors that were passed over on purpose, by place.', ['place']),
    'place',
    ['api_accept', 'docker_inspect', 'docker_log_file', 'docker_probe', 'docker_watch_files', 'docker_watchdog'],
  ),
  buildInfo: gauge('build_info', 'Always 1; the labels say what is running.', ['version', 'node']),
} as const satisfies Record<string, MetricSpec>

type Specs = typeof metricSpecs
type Instrument<S> = S extends { type: 'counter'; labels: readonly (infer L extends string)[] }
  ? Counter<L>
  : S extends { type: 'gauge'; labels: readonly (infer L extends string)[] }
    ? Gauge<L>
    : S extends { type: 'histogram'; labels: readonly (infer L extends string)[] }
      ? Histogram<L>
      : never

export type Metrics = { readonly [K in keyof Specs]: Instrument<Specs[K]> } & { readonly registry: Registry }

/** Fresh instruments over a registry of their own: one set per collector, so that two in one process never mix. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const instruments = Object.entries(metricSpecs as Record<string, MetricSpec>).map(([key, spec]) => [
    key,
    create(spec, registry),
  ])
  const metrics = { registry, ...Object.fromEntries(instruments) } as Metrics
  beginCounters(metrics, undefined)
  return metrics
}

function create(spec: MetricSpec, registry: Registry): Counter | Gauge | Histogram {
  const options = { name: spec.name, help: spec.help, labelNames: [...spec.labels], registers: [registry] }
  switch (spec.type) {
    case 'counter':
      return new Counter(options)
    case 'gauge':
      return new Gauge(options)
    case 'histogram':
      return new Histogram(spec.buckets ? { ...options, buckets: [...spec.buckets] } : options)
  }
}

/**
 * Makes the counters of a component, or those of the collector as a whole, at zero: that nothing has happened yet, and that nobody counts, are not the
 * same, and an increase needs a beginning.
 */
export function beginCounters(
  metrics: Metrics,
  component: { readonly label: 'source' | 'transform' | 'sink'; readonly id: string } | undefined,
): void {
  const own = component === undefined ? {} : { [component.label]: component.id }
  for (const [key, { type, labels, known }] of Object.entries<MetricSpec>(metricSpecs)) {
    if (type !== 'counter' || (component !== undefined && !labels.includes(component.label))) continue
    const counter = metrics[key as keyof Specs] as Counter
    const others = labels.filter((label) => !(label in own))
    if (others.length === 0) counter.inc(own, 0)
    else if (known !== undefined && others.length === 1)
      for (const value of known.values) counter.inc({ ...own, [known.label]: value }, 0)
  }
}

/** Takes out the gauges of a component that is there no more; what was counted stays counted. */
export async function forgetGauges(
  metrics: Metrics,
  { label, id }: { readonly label: 'source' | 'sink'; readonly id: string },
): Promise<void> {
  for (const [key, { type, labels }] of Object.entries(metricSpecs)) {
    if (type !== 'gauge' || !(labels as readonly string[]).includes(label)) continue
    const gauge = metrics[key as keyof Specs] as Gauge
    for (const series of (await gauge.get()).values) if (series.labels[label] === id) gauge.remove(series.labels)
  }
}
