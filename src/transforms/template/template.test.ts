import { expect, test } from 'vitest'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { template } from './template.ts'

function texts(text: string, lines: readonly TestLine[]) {
  const transform = template.create(template.options.parse({ text }), { id: 'template', metrics: createMetrics() })
  return rowsOf(transform.apply(new BatchMaker().batchOf(lines))).map((row) => row.text)
}

const lines: readonly TestLine[] = [
  { text: '{"msg":"ready","n":1.50}', fields: { msg: 'ready', n: 1.5 } },
  { text: 'no JSON', container: 'db', stream: 'stderr' },
  { text: '', fields: { level: 'info' } },
]

test.each([
  ['{fields.msg}', ['ready', 'no JSON', '']],
  ['[{fields.level}] {fields.msg} {fields.n}', ['[] ready 1.5', 'no JSON', '[info]  ']],
  ['{container.name}/{stream}: {text}', ['app/stdout: {"msg":"ready","n":1.50}', 'db/stderr: no JSON', 'app/stdout: ']],
  ['always this', ['always this', 'always this', 'always this']],
])('%s', (text, expected) => {
  expect(texts(text, lines)).toEqual(expected)
})

test('a placeholder that stands for nothing is a mistake', () => {
  expect(() => template.options.parse({ text: '{msg}' })).toThrow(/stands for nothing/)
})

test('bytes that are no UTF-8 stay as they are', () => {
  const transform = template.create(template.options.parse({ text: 'é {text}' }), {
    id: 'template',
    metrics: createMetrics(),
  })
  const { bytes, columns } = transform.apply(new BatchMaker().batchOf([{ text: Buffer.from([0xff, 0x61]) }]))
  expect(bytes.subarray(columns.start[0], columns.end[0])).toEqual(Buffer.from([0xc3, 0xa9, 0x20, 0xff, 0x61]))
})
