import { expect, test } from 'vitest'
import { metricSpecs } from '../metrics.ts'
import { buckets, metric, promql } from './promql.ts'

test('a query names metrics through the registry, and gets further matchers where it is shown', () => {
  const query = promql`sum by (state) (${metric('containers', { state: 'following' })}) / ${metric('residentBytes')}`
  expect(query.render()).toBe(
    'sum by (state) (log_capturer_containers{state="following"}) / log_capturer_process_resident_bytes',
  )
  expect(query.render(['instance="a"'])).toBe(
    'sum by (state) (log_capturer_containers{state="following",instance="a"}) / log_capturer_process_resident_bytes{instance="a"}',
  )
  expect(buckets('sinkRequestSeconds').render([])).toBe(`${metricSpecs.sinkRequestSeconds.name}_bucket`)
})

test('what the registry does not have cannot be named', () => {
  // @ts-expect-error there is no such metric
  expect(() => metric('logsEaten')).toThrow(TypeError)
  // @ts-expect-error it has no such label
  expect(metric('logsSent', { source: 'engine' }).name).toBe(metricSpecs.logsSent.name)
  // @ts-expect-error a histogram is asked for its buckets
  expect(metric('sinkRequestSeconds').name).toBe(metricSpecs.sinkRequestSeconds.name)
  expect(() => promql`rate(log_capturer_logs_sent_total[5m])`).toThrow(/by hand/)
})
