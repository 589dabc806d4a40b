import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { enrich } from './enrich.ts'

const folder = mkdtempSync(join(tmpdir(), 'enrich-'))
afterAll(() => rmSync(folder, { recursive: true }))

function found(table: string, written: object) {
  const file = join(folder, 'table')
  writeFileSync(file, table)
  const given = enrich.options.parse({ file, by: '{container.name}', ...written })
  const transform = enrich.create(given, { id: 'enrich', metrics: createMetrics() })
  const lines = [
    { text: '', container: 'web' },
    { text: '', container: 'a, b', fields: { team: 'own', id: 7 } },
    { text: '', container: 'unknown' },
  ]
  return rowsOf(transform.apply(new BatchMaker().batchOf(lines))).map((row) => row.fields)
}

test.each<[string, string, object, unknown[]]>([
  [
    'CSV, with quotes and empty cells',
    '\ufeffname,team,tier\r\nweb,shop,1\r\n"a, b",,2\r\n',
    {},
    [{ team: 'shop', tier: '1' }, { team: 'own', id: 7, tier: '2' }, undefined],
  ],
  [
    'some columns, by another, with a prefix',
    'team,tier,host\nshop,1,web\n',
    { column: 'host', fields: ['team'], prefix: 'of.' },
    [{ 'of.team': 'shop' }, { team: 'own', id: 7 }, undefined],
  ],
  [
    'JSON, an array, by a field',
    '[{"id":7,"tags":["a"],"vip":true}]',
    { by: '{fields.id}' },
    [undefined, { team: 'own', id: 7, tags: ['a'], vip: true }, undefined],
  ],
  ['JSON, an object', '{"web":{"team":"shop"}}', {}, [{ team: 'shop' }, { team: 'own', id: 7 }, undefined]],
  ['a table of nothing', '[]', {}, [undefined, { team: 'own', id: 7 }, undefined]],
])('%s', (_, table, written, expected) => {
  expect(found(table, written)).toEqual(expected)
})

test.each([
  ['name,team\nweb', {}, /is no table/],
  ['{"a":1}', {}, /is no table: it holds something else/],
  ['[1]', {}, /is no table/],
  ['name,team\nweb,shop\n', { fields: ['tema'] }, /has no column "tema"/],
  ['name,team\nweb,shop\n', { column: 'id' }, /has no column "id"/],
  ['', { file: join(folder, 'nowhere') }, /cannot read the table/],
])('%j %j is a mistake', (table, written, expected) => {
  expect(() => found(table, written)).toThrow(expected)
})
