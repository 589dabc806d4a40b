import { metric, promql } from '../promql.ts'
import { type Dashboard, timeseries } from './dashboard.ts'

export const engine: Dashboard = {
  uid: 'log-capturer-engine',
  title: 'log-capturer: engine and streams',
  description: 'What is asked of the container engine, which logs are followed, and what went wrong there.',
  rows: [
    {
      title: 'Containers',
      panels: [
        timeseries('Engine answers', 'none', '1 while the engine answers.', {
          '{{instance}} {{source}}': promql`${metric('engineUp')}`,
        }),
        timeseries('Containers', 'short', 'By what is done with them; to be wished for: none unreadable.', {
          '{{instance}} {{state}}': promql`sum by (instance, state) (${metric('containers')})`,
        }),
        timeseries('Lines by container', 'cps', 'The ten that write most.', {
          '{{container}}': promql`topk(10, sum by (container) (rate(${metric('containerLines')}[$__rate_interval])))`,
        }),
        timeseries('Bytes by container', 'Bps', 'The ten that write most.', {
          '{{container}}': promql`topk(10, sum by (container) (rate(${metric('containerBytes')}[$__rate_interval])))`,
        }),
      ],
    },
    {
      title: 'Streams',
      panels: [
        timeseries('Follows open', 'short', 'Container logs that are followed now.', {
          '{{instance}} {{source}}': promql`${metric('streamsActive')}`,
        }),
        timeseries('Follows opened and closed', 'cps', 'Per second; closed by reason.', {
          'opened, {{source}}': promql`sum by (source) (rate(${metric('streamsOpened')}[$__rate_interval]))`,
          'closed, {{source}}: {{reason}}': promql`sum by (source, reason) (rate(${metric('streamsClosed')}[$__rate_interval]))`,
        }),
        timeseries('Failed reads', 'short', 'Within five minutes, by reason.', {
          '{{source}}: {{reason}}': promql`sum by (source, reason) (increase(${metric('streamErrors')}[5m]))`,
        }),
        timeseries(
          'Repeats and gaps',
          'short',
          'Within five minutes: lines that the engine sent again and the cursor dropped, and places where it no longer had the next one.',
          {
            'repeats, {{source}}': promql`sum by (source) (increase(${metric('repeatsDropped')}[5m]))`,
            'gaps, {{source}}': promql`sum by (source) (increase(${metric('gapsSuspected')}[5m]))`,
          },
        ),
      ],
    },
    {
      title: 'Requests to the engine',
      panels: [
        timeseries(
          'Requests',
          'cps',
          'Per second, those that failed, and those that needed no connection of their own.',
          {
            'requests, {{source}}': promql`sum by (source) (rate(${metric('dockerHttpRequests')}[$__rate_interval]))`,
            'errors, {{source}}': promql`sum by (source) (rate(${metric('dockerHttpErrors')}[$__rate_interval]))`,
            'reused, {{source}}': promql`sum by (source) (rate(${metric('dockerHttpReused')}[$__rate_interval]))`,
          },
        ),
        timeseries('Connections', 'short', 'With a request in flight, follows included, and kept for the next.', {
          'active, {{instance}} {{source}}': promql`${metric('dockerHttpActive')}`,
          'idle, {{instance}} {{source}}': promql`${metric('dockerHttpIdle')}`,
        }),
        timeseries('Connections opened and closed', 'cps', 'Per second; closed by reason.', {
          'opened, {{source}}': promql`sum by (source) (rate(${metric('dockerHttpOpened')}[$__rate_interval]))`,
          'closed, {{source}}: {{reason}}': promql`sum by (source, reason) (rate(${metric('dockerHttpClosed')}[$__rate_interval]))`,
        }),
      ],
    },
  ],
}
