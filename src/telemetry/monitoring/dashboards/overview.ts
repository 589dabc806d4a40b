import { metric, promql } from '../promql.ts'
import { type Dashboard, stat, timeseries } from './dashboard.ts'

export const overview: Dashboard = {
  uid: 'log-capturer-overview',
  title: 'log-capturer: overview',
  description: 'Do lines come, do they go, and how far behind are they?',
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Collectors', 'short', 'Collectors that Prometheus has metrics of.', {
          query: promql`count(${metric('buildInfo')})`,
        }),
        stat('Engines', 'none', 'Whether every engine answers.', {
          query: promql`min(${metric('engineUp')})`,
          words: { 0: 'one is away', 1: 'all answer' },
        }),
        stat('Containers followed', 'short', 'Logs that are read as they are written.', {
          query: promql`sum(${metric('containers', { state: 'following' })})`,
        }),
        stat('Lag', 's', 'Age of the oldest lines that a sink has not acknowledged.', {
          query: promql`max(${metric('sinkLagSeconds')})`,
          thresholds: [60, 300],
        }),
        stat('Fullest queue', 'percentunit', 'Of memory and disk that lines may wait in.', {
          query: promql`max((${metric('sinkQueueBytes')} + ${metric('sinkDiskQueueBytes')}) / (${metric('sinkQueueLimitBytes')} + ${metric('sinkDiskQueueLimitBytes')}))`,
          thresholds: [0.5, 0.8],
        }),
        stat('Leak watch', 'none', 'The worst that a collector says of its own resources.', {
          query: promql`max(${metric('leakVerdict')})`,
          thresholds: [2, 2],
          words: { 0: 'not enough evidence', 1: 'clean', 2: 'leak' },
        }),
      ],
    },
    {
      title: 'Lines',
      panels: [
        timeseries('Collected', 'cps', 'Lines a second taken from engines.', {
          '{{instance}} {{source}}': promql`sum by (instance, source) (rate(${metric('logsCollected')}[$__rate_interval]))`,
        }),
        timeseries('Delivered', 'cps', 'Lines a second that destinations have acknowledged.', {
          '{{instance}} {{sink}}': promql`sum by (instance, sink) (rate(${metric('logsSent')}[$__rate_interval]))`,
        }),
        timeseries('Lag', 's', 'Age of the oldest lines that a sink has not acknowledged.', {
          '{{instance}} {{sink}}': promql`${metric('sinkLagSeconds')}`,
        }),
        timeseries('Bytes', 'Bps', 'Bytes of lines, in and out.', {
          'in, {{instance}}': promql`sum by (instance) (rate(${metric('logBytesCollected')}[$__rate_interval]))`,
          'out, {{instance}} {{sink}}': promql`sum by (instance, sink) (rate(${metric('logBytesSent')}[$__rate_interval]))`,
        }),
        timeseries('Transforms', 'cps', 'Lines a second that transforms let through, take out, and cannot parse.', {
          'through, {{transform}}': promql`sum by (transform) (rate(${metric('logsProcessed')}[$__rate_interval]))`,
          'out, {{transform}}': promql`sum by (transform) (rate(${metric('logsDropped')}[$__rate_interval]))`,
          'joined, {{transform}}': promql`sum by (transform) (rate(${metric('linesJoined')}[$__rate_interval]))`,
          'times outside, {{transform}}': promql`sum by (transform) (rate(${metric('timesOutside')}[$__rate_interval]))`,
          'not parsed, {{transform}}': promql`sum by (transform) (rate(${metric('parseFailures')}[$__rate_interval]))`,
        }),
        timeseries('Posted bodies', 'cps', 'Bodies a second that were posted to the API, by what became of them.', {
          '{{source}} {{result}}': promql`sum by (source, result) (rate(${metric('posts')}[$__rate_interval]))`,
        }),
        timeseries(
          'Events',
          'short',
          'Lines held back because more may belong to them, and events cut in five minutes.',
          {
            'held, {{transform}}': promql`sum by (transform) (${metric('linesHeld')})`,
            'cut by {{limit}}, {{transform}}': promql`sum by (transform, limit) (increase(${metric('eventsCut')}[5m]))`,
          },
        ),
        timeseries('Redactions', 'cps', 'Texts a second that redact transforms have replaced, by rule.', {
          '{{transform}} {{rule}}': promql`sum by (transform, rule) (rate(${metric('redactions')}[$__rate_interval]))`,
        }),
        timeseries('Lost, refused, suspected', 'short', 'Lines within five minutes; to be wished for: none.', {
          'refused, {{sink}}': promql`sum by (sink) (increase(${metric('logsRejected')}[5m]))`,
          'lost by a queue, {{sink}}': promql`sum by (sink) (increase(${metric('queueLinesLost')}[5m]))`,
          'gaps suspected, {{source}}': promql`sum by (source) (increase(${metric('gapsSuspected')}[5m]))`,
          'cut, {{source}}': promql`sum by (source) (increase(${metric('linesTruncated')}[5m]))`,
        }),
      ],
    },
    {
      title: 'Cost',
      panels: [
        timeseries('Processor', 'percentunit', 'Of one core.', {
          '{{instance}}': promql`rate(${metric('cpuSeconds')}[$__rate_interval])`,
        }),
        timeseries('Memory', 'bytes', 'Resident memory of the process.', {
          '{{instance}}': promql`${metric('residentBytes')}`,
        }),
        timeseries('Reloads', 'short', 'Reloads within an hour, by what came of them.', {
          '{{instance}} {{result}}': promql`increase(${metric('configReloads')}[1h])`,
          'failed now, {{instance}}': promql`${metric('configReloadFailed')}`,
        }),
        timeseries('Traces', 'cps', 'Spans of traced batches a second, by what became of them.', {
          '{{instance}} {{result}}': promql`rate(${metric('traceSpans')}[$__rate_interval])`,
        }),
      ],
    },
  ],
}
