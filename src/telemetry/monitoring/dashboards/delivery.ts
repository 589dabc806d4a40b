import { buckets, metric, promql } from '../promql.ts'
import { type Dashboard, timeseries } from './dashboard.ts'

export const delivery: Dashboard = {
  uid: 'log-capturer-delivery',
  title: 'log-capturer: delivery',
  description: 'Queues, requests, retries, dead letters: what stands between a line that was read and its destination.',
  rows: [
    {
      title: 'Queues',
      panels: [
        timeseries(
          'Queue',
          'percentunit',
          'How full memory and disk of a sink are together. When full, sources wait or the oldest are dropped.',
          {
            '{{instance}} {{sink}}': promql`(${metric('sinkQueueBytes')} + ${metric('sinkDiskQueueBytes')}) / (${metric('sinkQueueLimitBytes')} + ${metric('sinkDiskQueueLimitBytes')})`,
          },
        ),
        timeseries('Waiting', 'bytes', 'In memory and on disk.', {
          'memory, {{instance}} {{sink}}': promql`${metric('sinkQueueBytes')}`,
          'disk, {{instance}} {{sink}}': promql`${metric('sinkDiskQueueBytes')}`,
        }),
        timeseries('Lines on disk', 'short', 'Lines that wait on disk.', {
          '{{instance}} {{sink}}': promql`${metric('sinkDiskQueueLines')}`,
        }),
        timeseries('Lag', 's', 'Age of the oldest lines that the sink has not acknowledged.', {
          '{{instance}} {{sink}}': promql`${metric('sinkLagSeconds')}`,
        }),
        timeseries(
          'Lost',
          'short',
          'Lines of the queue lost or dropped within five minutes, by reason, and times that the disk took nothing.',
          {
            'lost, {{sink}}: {{reason}}': promql`sum by (sink, reason) (increase(${metric('queueLinesLost')}[5m]))`,
            'disk errors, {{sink}}': promql`sum by (sink) (increase(${metric('queueErrors')}[5m]))`,
          },
        ),
        timeseries('Cursors', 'cps', 'Times a second that places were written to disk, and could not be.', {
          'written, {{instance}}': promql`rate(${metric('cursorFlushes')}[$__rate_interval])`,
          'failed, {{instance}}': promql`rate(${metric('cursorFlushErrors')}[$__rate_interval])`,
        }),
      ],
    },
    {
      title: 'Requests',
      panels: [
        timeseries('Delivered', 'cps', 'Lines a second that the destination has acknowledged.', {
          '{{instance}} {{sink}}': promql`rate(${metric('logsSent')}[$__rate_interval])`,
        }),
        timeseries('Requests', 'cps', 'Per second, by what became of them.', {
          '{{sink}}: {{result}}': promql`sum by (sink, result) (rate(${metric('sinkRequests')}[$__rate_interval]))`,
        }),
        timeseries('Time of a request', 's', 'Half of them are faster, and 99 of 100.', {
          'half, {{sink}}': promql`histogram_quantile(0.5, sum by (sink, le) (rate(${buckets('sinkRequestSeconds')}[$__rate_interval])))`,
          '99 %, {{sink}}': promql`histogram_quantile(0.99, sum by (sink, le) (rate(${buckets('sinkRequestSeconds')}[$__rate_interval])))`,
        }),
        timeseries('At a time', 'short', 'Requests that may be on their way at a time, as found by trying.', {
          '{{instance}} {{sink}}': promql`${metric('sinkConcurrency')}`,
        }),
        timeseries('Again', 'short', 'Batches that had to be sent again within five minutes.', {
          '{{instance}} {{sink}}': promql`increase(${metric('sendRetries')}[5m])`,
        }),
        timeseries('Breaker', 'none', '0: requests go. 1: one is on its way to see. 2: none is sent for a while.', {
          '{{instance}} {{sink}}': promql`${metric('sinkBreaker')}`,
        }),
      ],
    },
    {
      title: 'Dead letters',
      panels: [
        timeseries(
          'Refused',
          'short',
          'Lines refused for good within five minutes, and those of them that were kept.',
          {
            'refused, {{sink}}': promql`sum by (sink) (increase(${metric('logsRejected')}[5m]))`,
            'kept, {{sink}}': promql`sum by (sink) (increase(${metric('deadLetterLinesAdded')}[5m]))`,
          },
        ),
        timeseries('Letters', 'short', 'On disk: lines refused at one time for one reason are one letter.', {
          '{{instance}} {{sink}}': promql`${metric('deadLetters')}`,
        }),
        timeseries('Room', 'bytes', 'What they take, and may take.', {
          'taken, {{instance}}': promql`${metric('deadLetterBytes')}`,
          'limit, {{instance}}': promql`${metric('deadLetterLimitBytes')}`,
        }),
        timeseries(
          'Given up',
          'short',
          'Lines of dead letters dropped within five minutes because there was no room.',
          {
            '{{instance}} {{sink}}': promql`sum by (instance, sink) (increase(${metric('deadLetterLinesDropped')}[5m]))`,
          },
        ),
        timeseries('Files open', 'short', 'Files that file sinks keep open to write on: at most 1,024 each.', {
          '{{instance}} {{sink}}': promql`${metric('sinkOpenFiles')}`,
        }),
        timeseries(
          'Loki overflow',
          'cps',
          'Lines a second under the overflow label set, because the sink had max_streams already.',
          {
            '{{instance}} {{sink}}': promql`rate(${metric('lokiOverflowLines')}[$__rate_interval])`,
          },
        ),
      ],
    },
  ],
}
