import { expect, test } from 'vitest'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { level } from './level.ts'

function fieldsOf(written: Parameters<typeof level.options.parse>[0], lines: readonly TestLine[]) {
  const transform = level.create(level.options.parse(written), { id: 'level', metrics: createMetrics() })
  return rowsOf(transform.apply(new BatchMaker().batchOf(lines))).map(({ fields }) => fields)
}

const levelOf = (fields: TestLine['fields'], text = '', written = {}) =>
  fieldsOf(written, [{ text, fields }])[0]?.['level']

test.each<[TestLine['fields'], string, string | undefined]>([
  [{ level: 'WARNING' }, 'ERROR x', 'warn'],
  [{ level: 30 }, '', 'info'],
  [{ severity: 'crit' }, '', 'fatal'],
  [{ lvl: 'dbg' }, '', 'debug'],
  [{ level: 'strange', severity: 'err' }, '', 'error'],
  [{ level: 'strange' }, 'ERROR x', 'error'],
  [undefined, 'level=warn x', 'warn'],
  [undefined, 'nothing said', undefined],
  [{ level: 'strange' }, 'nothing said', 'strange'],
  [{ level: 5 }, '', 5 as never],
])('%j %s', (fields, text, expected) => {
  expect(levelOf(fields, text)).toBe(expected)
})

test.each([
  [0, 'fatal'],
  [3, 'error'],
  [4, 'warn'],
  [5, 'info'],
  [7, 'debug'],
  [8, undefined],
  [30, undefined],
  ['warning', 'warn'],
  ['', undefined],
])('severity %j of syslog', (severity, expected) => {
  expect(levelOf({ severity }, '', { numbers: 'syslog' })).toBe(expected)
})

test('the names of fields are the options, and others stay', () => {
  const written = { from: ['log.severity'], field: 'log.level' }
  const lines = [{ text: 'x', fields: { 'log.severity': 'ERROR', level: 'kept' } }, { text: 'WARN x' }, { text: 'x' }]
  expect(fieldsOf(written, lines)).toEqual([
    { 'log.severity': 'ERROR', level: 'kept', 'log.level': 'error' },
    { 'log.level': 'warn' },
    undefined,
  ])
})
