import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from './parse.ts'
import { found } from './testing.ts'

/** What formats are made of, in any order. */
const pieces = fc.constantFrom(
  ...[
    '"',
    '\\',
    '[',
    ']',
    ' ',
    '=',
    ':',
    ',',
    '<',
    '>',
    '{',
    '}',
    '-',
    '%',
    "'",
    '\t',
    '\r',
    '1',
    'a',
    '12 - - [t] "',
    '\\x',
  ],
  ...[
    '<13>',
    '1 - - - - - ',
    '[a b="',
    'Feb  5 17:32:18 ',
    '2016-10-06T00:17:09Z ',
    'stdout F ',
    'GET / HTTP/1.1" 200 1',
  ],
  ...['{"a":', 'a="', 'a=', ' [', 'by cust-1 in '],
)
const line = fc.oneof(
  fc.array(pieces, { maxLength: 20 }).map((some) => Buffer.from(some.join(''))),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
)

describe.each(parse.examples.map((example) => [JSON.stringify(example), example] as const))('%s', (_, example) => {
  test('takes any bytes, and says the same of a line wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
        const alone = lines.map((text) => found(example, [{ text }])[0])
        expect(
          found(
            example,
            lines.map((text) => ({ text })),
          ),
        ).toEqual(alone)
      }),
      { numRuns: 100 },
    )
  })

  test('takes time in proportion to the length of a line', () => {
    // With the square of the length each of these would take minutes: the test would not end in time.
    const begins = ['', '<13>1 - - - - - [a ', '1 - - [t] "', '1 - ', 'Feb  5 17:32:18 ', '{"a":"', 'by cust-1 in ']
    const units = ['"', '\\', ' [', '[a b="" ', 'a=', 'a="" ', ' ', ',', ':', '{"a":', 'A', '1', "'", 'a[', '%']
    const lines = begins.flatMap((begin) => units.map((unit) => begin + unit.repeat(30_000)))
    for (const text of lines) expect(found(example, [{ text }])).toHaveLength(1)
  })
})
