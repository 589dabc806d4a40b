import { expect, test } from 'vitest'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { fields } from './fields.ts'

type Written = Parameters<typeof fields.options.parse>[0]

function changed(written: Written, lines: readonly TestLine[]) {
  const transform = fields.create(fields.options.parse(written), { id: 'fields', metrics: createMetrics() })
  return rowsOf(transform.apply(new BatchMaker().batchOf(lines))).map((row) => row.fields)
}

const lines: readonly TestLine[] = [
  { text: 'one', fields: { msg: 'a', level: 'info', 'http.status': 200 }, labels: { team: 'shop' } },
  { text: 'two', container: 'db' },
]

test.each<[Written, unknown[]]>([
  [{ rename: { msg: 'message' } }, [{ message: 'a', level: 'info', 'http.status': 200 }, undefined]],
  [{ keep: ['level', 'http.*'] }, [{ level: 'info', 'http.status': 200 }, undefined]],
  [{ remove: ['http.*', 'msg'] }, [{ level: 'info' }, undefined]],
  [{ rename: { msg: 'http.msg' }, keep: ['http.*'], remove: ['http.status'] }, [{ 'http.msg': 'a' }, undefined]],
  [
    { set: { from: '{container.name}', what: '{fields.level}:{text}' }, keep: ['none'] },
    [
      { from: 'app', what: 'info:one' },
      { from: 'db', what: ':two' },
    ],
  ],
  [
    {
      compute: {
        twice: 'fields["http.status"] * 2.0',
        size: 'text.size() + 1',
        bad: 'fields["http.status"] >= 500',
        who: '"from " + container.name',
        list: '[fields.level, "x"]',
        map: '{"a": 1}',
        none: 'fields.none',
      },
      keep: ['level'],
    },
    [
      { level: 'info', twice: 400, size: 4, bad: false, who: 'from app', list: ['info', 'x'], map: { a: 1 } },
      { size: 4, who: 'from db', map: { a: 1 } },
    ],
  ],
  // A field of that name is replaced, an empty text sets none, and what stands in a value is no placeholder.
  [{ set: { msg: '{labels.team}' }, remove: ['level', 'http.*'] }, [{ msg: 'shop' }, undefined]],
])('%j', (written, expected) => {
  expect(changed(written, lines)).toEqual(expected)
})

test('what stands in a value is no placeholder', () => {
  const line = { text: '{container.name}', fields: { a: '{text}{fields.a}' } }
  expect(changed({ set: { b: '{fields.a} {text}' }, keep: ['b'] }, [line])).toEqual([
    { b: '{text}{fields.a} {container.name}' },
  ])
})

test.each([
  [{}, /nothing is to be done/],
  [{ set: { a: '{field.a}' } }, /stands for nothing/],
  [{ set: { a: '{fields.}' } }, /stands for nothing/],
  [{ compute: { a: 'txt + 1' } }, /Unknown variable: txt/],
])('%j is a mistake', (written, expected) => {
  expect(() => fields.options.parse(written)).toThrow(expected)
})
