import { metric, promql } from '../promql.ts'
import { type Dashboard, timeseries } from './dashboard.ts'

export const leakWatch: Dashboard = {
  uid: 'log-capturer-leak-watch',
  title: 'log-capturer: leak watch',
  description: 'What collectors hold themselves, whether it grows with nothing to explain it, and what they say of it.',
  rows: [
    {
      title: 'Verdict',
      panels: [
        timeseries('Verdict', 'none', '0: not enough evidence. 1: clean. 2: a leak.', {
          '{{instance}} {{resource}}': promql`${metric('leakVerdict')}`,
        }),
        timeseries(
          'Growth of what is counted',
          'short',
          'Items an hour that load does not explain, at least: above zero it is a leak.',
          {
            '{{instance}} {{resource}}': promql`${metric('leakGrowth', { limit: 'low' })}`,
          },
        ),
        timeseries(
          'Growth, at the most',
          'short',
          'The upper limit of the same: what is clean is shown to grow slower.',
          {
            '{{instance}} {{resource}}': promql`${metric('leakGrowth', { limit: 'high' })}`,
          },
        ),
      ],
    },
    {
      title: 'Held',
      panels: [
        timeseries('Descriptors', 'short', 'Open, by kind.', {
          '{{instance}} {{kind}}': promql`${metric('descriptors')}`,
        }),
        timeseries('Descriptors used', 'percentunit', 'Of those that the process may have open.', {
          '{{instance}}': promql`sum by (instance) (${metric('descriptors')}) / sum by (instance) (${metric('descriptorLimit')})`,
        }),
        timeseries('Handles', 'short', 'What keeps the event loop alive, by type.', {
          '{{instance}} {{type}}': promql`${metric('handles')}`,
        }),
        timeseries(
          'Streams and connections by the ledger',
          'short',
          'Opened minus closed: neither may rise while containers are as many.',
          {
            'streams, {{instance}}': promql`sum by (instance) (${metric('streamsOpened')}) - sum by (instance) (${metric('streamsClosed')})`,
            'connections, {{instance}}': promql`sum by (instance) (${metric('dockerHttpOpened')}) - sum by (instance) (${metric('dockerHttpClosed')})`,
          },
        ),
        timeseries('Memory', 'bytes', 'Resident, JavaScript heap, and what JavaScript holds outside of it.', {
          'resident, {{instance}}': promql`${metric('residentBytes')}`,
          'heap, {{instance}}': promql`${metric('heapBytes')}`,
          'outside, {{instance}}': promql`${metric('externalBytes')}`,
        }),
        timeseries('Event loop', 's', 'By how much it is late.', {
          '{{instance}} {{statistic}}': promql`${metric('eventLoopLag')}`,
        }),
        timeseries('Errors passed over', 'short', 'On purpose, within an hour, by place.', {
          '{{instance}} {{place}}': promql`sum by (instance, place) (increase(${metric('swallowedErrors')}[1h]))`,
        }),
      ],
    },
  ],
}
