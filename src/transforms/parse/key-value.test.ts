import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fieldsOf, type FoundFields } from './testing.ts'

const colons = { pair_separator: ',', key_value_separator: ':' }

test.each<[object, string, FoundFields]>([
  [{}, 'Accepted user=ada  from="10.0.0.1 port 7" took=', { user: 'ada', from: '10.0.0.1 port 7', took: '' }],
  [{}, String.raw`a="say \"x=1\"" 'b'=2`, { a: 'say "x=1"', "'b'": '2' }],
  [{ quotes: `"'` }, `'b c'='1 2' d="e'f"g`, { 'b c': '1 2', d: "e'f" }],
  [{ quotes: '' }, 'a="1 b=2"', { a: '"1', b: '2"' }],
  [colons, ' user : ada lovelace , took:5 ms,,x:', { user: 'ada lovelace', took: '5 ms', x: '' }],
  [{ pair_separator: '; ', key_value_separator: ' = ' }, 'a = 1; b = =;2', { a: '1', b: '=;2' }],
  [{ key_value_separator: ' = ' }, 'x a = 1 b = 2', { a: '1', b: '2' }],
  [{}, 'a=1 b="open', undefined],
  [{}, 'plain text', undefined],
  [{}, '=1', undefined],
  [{}, '', undefined],
])('%j %s', (options, line, expected) => {
  expect(fieldsOf({ format: 'key_value', ...options }, line)).toEqual(expected)
})

test('any values come back from quotes', () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_.]{0,10}$/)
  const fields = fc.dictionary(name, fc.string({ unit: 'grapheme' }), { minKeys: 1, noNullPrototype: true })
  fc.assert(
    fc.property(fields, (given) => {
      const pairs = Object.entries(given).map(([key, value]) => `${key} : "${value.replace(/["\\]/g, '\\$&')}"`)
      expect(fieldsOf({ format: 'key_value', ...colons }, pairs.join(' , '))).toEqual(given)
    }),
  )
})
