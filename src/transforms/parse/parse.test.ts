import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FieldValue } from '../../batch/fields/values.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { parse } from './parse.ts'
import { fieldsOf, found } from './testing.ts'

/** As the transform names what lies within objects. */
function flat(value: Record<string, FieldValue>, prefix = '', depth = 1): Record<string, FieldValue> {
  const entries = Object.entries(value).flatMap(([name, one]): [string, FieldValue][] => {
    const isObject = typeof one === 'object' && one !== null && !Array.isArray(one) && Object.keys(one).length > 0
    return isObject && depth < 8
      ? Object.entries(flat(one, `${prefix}${name}.`, depth + 1))
      : [[`${prefix}${name}`, one]]
  })
  return Object.fromEntries(entries)
}

describe('json', () => {
  test.each<[string, Record<string, FieldValue> | undefined]>([
    ['{"level":"info","status":200,"ok":true,"user":null}', { level: 'info', status: 200, ok: true, user: null }],
    [' {"a":{"b":{"c":1}},"d":[1,{"e":2}],"f":{}}\r', { 'a.b.c': 1, d: [1, { e: 2 }], f: {} }],
    [String.raw`{"a":"x\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00\ud83d"}`, { a: 'x"\\/\b\f\n\r\tä😀\ufffd' }],
    [String.raw`{"a\n\u00e4":1}`, { 'a\nä': 1 }],
    ['{"a":1,"a":2}', { a: 2 }],
    ['{"__proto__":1,"":2}', { ['__proto__']: 1, '': 2 }],
    ['{"n":-0.5e+10}', { n: -5_000_000_000 }],
    ['{}', undefined],
    ['[1]', undefined],
    ['"a"', undefined],
    ['', undefined],
    ['{"a":1} x', undefined],
    ['{"a":1', undefined],
    ['{"a":01}', undefined],
    ['{"a":1.}', undefined],
    ['{"a":-}', undefined],
    ['{"a":tru}', undefined],
    ['{"a":"\t"}', undefined],
    [String.raw`{"a":"\x"}`, undefined],
    [String.raw`{"a":["\u12"]}`, undefined],
    ['{"a":"b}', undefined],
    ['{"a":1,}', undefined],
    ['{a:1}', undefined],
    ['plain text', undefined],
    [`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`, undefined],
  ])('%s', (line, expected) => {
    expect(fieldsOf({ format: 'json' }, line)).toEqual(expected)
  })

  test('it finds what JSON.parse finds, and fails where that fails', () => {
    const json = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' }), {
      noNullPrototype: true,
    })
    const text = json.chain((value) => {
      const whole = JSON.stringify(value)
      const damaged = fc.tuple(fc.nat(whole.length), fc.nat(3), fc.constantFrom('', '"', '\\', '{', '}', '1', ' '))
      return fc.oneof(
        fc.constant(whole),
        // Half of a pair of surrogates is no text that a line can have.
        damaged.map(([at, length, put]) => Buffer.from(whole.slice(0, at) + put + whole.slice(at + length)).toString()),
      )
    })
    fc.assert(
      fc.property(text, (line) => {
        let expected: Record<string, FieldValue> | undefined
        try {
          const value = JSON.parse(line) as Record<string, FieldValue> | null
          if (typeof value === 'object' && value !== null && !Array.isArray(value)) expected = flat(value)
        } catch {
          // No JSON.
        }
        if (expected !== undefined && Object.keys(expected).length === 0) expected = undefined
        expect(fieldsOf({ format: 'json' }, line)).toEqual(expected)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('logfmt', () => {
  test.each<[string, Record<string, FieldValue> | undefined]>([
    [
      'level=info msg="it went \\"well\\"\\n" took=5ms ready',
      { level: 'info', msg: 'it went "well"\n', took: '5ms', ready: '' },
    ],
    ['a= b="" c=d=e', { a: '', b: '', c: 'd=e' }],
    ['  a=1\t b=2\r', { a: '1', b: '2' }],
    ['plain text', undefined],
    ['a="open', undefined],
    ['=1', undefined],
    ['', undefined],
  ])('%s', (line, expected) => {
    expect(fieldsOf({ format: 'logfmt' }, line)).toEqual(expected)
  })

  test('any values come back', () => {
    const name = fc.stringMatching(/^[a-z_][a-z0-9_.]{0,10}$/)
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.string({ unit: 'grapheme' }), { minKeys: 1, noNullPrototype: true }),
        (fields) => {
          const text = Object.entries(fields).map(([key, value]) => `${key}="${value.replace(/["\\]/g, '\\$&')}"`)
          expect(fieldsOf({ format: 'logfmt' }, text.join(' '))).toEqual(fields)
        },
      ),
    )
  })
})

describe('whatever the format', () => {
  test('names with a prefix, and only those that are wanted', () => {
    const written = { format: 'json', prefix: 'app.', fields: ['level', 'user.*'] }
    expect(fieldsOf(written, '{"level":"info","user":{"id":7,"name":"ada"},"other":1}')).toEqual({
      ...{ 'app.level': 'info', 'app.user.id': 7, 'app.user.name': 'ada' },
    })
  })

  test('what a line has stays, and a value that is found takes the place of one of its name', () => {
    const fields = { level: 'debug', at: 1 }
    expect(
      found({ format: 'json' }, [
        { text: '{"level":"info"}', fields },
        { text: 'no', fields },
      ]),
    ).toEqual([{ level: 'info', at: 1 }, fields])
  })

  test('a line that fails half-way keeps what it had, and nothing else; it is counted', async () => {
    const metrics = createMetrics()
    const transform = parse.create(parse.options.parse({ format: 'json' }), { id: 'parse', metrics })
    const batch = new BatchMaker().batchOf([
      { text: '{"level":"info","msg":', fields: { level: 'debug' } },
      { text: '{"level":"info"}' },
    ])
    expect(rowsOf(transform.apply(batch)).map((row) => row.fields)).toEqual([{ level: 'debug' }, { level: 'info' }])
    expect((await metrics.parseFailures.get()).values).toMatchObject([{ value: 1, labels: { transform: 'parse' } }])
  })

  test('a field is parsed in place of the line', () => {
    const lines = [
      { text: 'x', fields: { log: 'a=1 b=2' } },
      { text: 'a=3', fields: { other: 'a=4' } },
      { text: 'a=5' },
    ]
    expect(found({ format: 'logfmt', from: 'log' }, lines)).toEqual([
      { log: 'a=1 b=2', a: '1', b: '2' },
      { other: 'a=4' },
      undefined,
    ])
  })

  test('keys that are data fill no memory: names beyond what there is room for are left out', () => {
    const lines = Array.from({ length: 9_000 }, (_, i) => `{"user-${i}":${i}}`)
    const transform = parse.create(parse.options.parse({ format: 'json' }), { id: 'parse', metrics: createMetrics() })
    const found = [lines.slice(0, 6_000), lines.slice(6_000)].map((part) => {
      const batch = new BatchMaker().batchOf(part.map((text) => ({ text })))
      const made = transform.apply(batch)
      expect(made.fields!.names.length).toBeLessThanOrEqual(8_192)
      return rowsOf(made).map((row) => row.fields)
    })
    expect(found.flat()).toEqual(lines.map((line) => JSON.parse(line) as object))
  })
})
