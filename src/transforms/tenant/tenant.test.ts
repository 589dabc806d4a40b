import { expect, test } from 'vitest'
import { lineFlags } from '../../batch/flags.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { tenant } from './tenant.ts'

function passed(written: Parameters<typeof tenant.options.parse>[0], lines: readonly TestLine[]) {
  const transform = tenant.create(tenant.options.parse(written), { id: 'owners', metrics: createMetrics() })
  const timed = lines.map((line, i) => ({ ...line, nanos: i * 1_000 }))
  return rowsOf(transform.apply(new BatchMaker().batchOf(timed))).flatMap(({ flags, fields }, row) =>
    (flags & lineFlags.dropped) === 0 ? [[row, fields!['tenant']]] : [],
  )
}

const of = (container: string, team: string): TestLine => ({ text: '', container, labels: { team } })

test('lines say whose they are, by label or by field', () => {
  const lines = [of('a', 'shop'), of('b', ''), { text: '', fields: { org: 'x' } }]
  expect(passed({ from: '{labels.team}' }, lines)).toEqual([
    [0, 'shop'],
    [1, 'none'],
    [2, 'none'],
  ])
  expect(passed({ from: '{fields.org}', default: 'shared' }, lines)).toEqual([
    [0, 'shared'],
    [1, 'shared'],
    [2, 'x'],
  ])
})

test('each tenant has its quota, over all of its containers', () => {
  const lines = [of('a', 'shop'), of('b', 'shop'), of('c', 'bank'), of('d', 'bank'), of('e', 'bank'), of('a', 'shop')]
  const given = { from: '{labels.team}', lines_per_second: 1, burst: 2 }
  expect(passed(given, lines)).toEqual([
    [0, 'shop'],
    [1, 'shop'],
    [2, 'bank'],
    [3, 'bank'],
  ])
  expect(passed({ from: '{labels.team}', quotas: { bank: 0.1 } }, lines)).toEqual([
    ...[
      [0, 'shop'],
      [1, 'shop'],
      [2, 'bank'],
      [5, 'shop'],
    ],
  ])
})
