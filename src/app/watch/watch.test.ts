import { closeSync, openSync } from 'node:fs'
import { expect, test } from 'vitest'
import { until } from '../../../test/helpers/until.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { Watch } from './watch.ts'

test('a leak is warned of once when it begins, and once when it has ended', async () => {
  const said: { level: string; resource: string; msg: string }[] = []
  const log = createLog('warn', { write: (line) => void said.push(JSON.parse(line) as (typeof said)[number]) })
  const metrics = createMetrics()
  const pipeline = { sources: () => [], sinks: () => [] }
  const opened: number[] = []
  await using watch = Watch.start({ log, metrics, pipeline, apiConnections: () => 0, everyMs: 1 })
  const descriptors = () => watch.report().resources.find(({ name }) => name === 'descriptors')!
  const waiting = { withinMs: 50_000, seen: () => descriptors() }
  await until(
    'the leak is told',
    () => {
      opened.push(openSync('/dev/null', 'r'))
      return descriptors().outcome === 'leak'
    },
    waiting,
  )
  expect(watch.report().outcome).toBe('leak')
  for (const descriptor of opened) closeSync(descriptor)
  await until('the end is told', () => descriptors().outcome !== 'leak', waiting)
  expect(descriptors().since).toBeUndefined()
  const ofDescriptors = said.filter(({ resource }) => resource === 'descriptors')
  expect(ofDescriptors.map(({ level, msg }) => [level, msg])).toEqual([
    ['warn', 'the collector holds more and more of a resource, and load does not explain it: a leak'],
    ['warn', 'the leak is not seen any more; what was held by it may still be held'],
  ])
}, 120_000)
