import fc from 'fast-check'
import { RE2JS } from 're2js'
import { expect, test } from 'vitest'
import { beginsSo, fixedBeginOf } from './fixed-begin.ts'

test.each<[string, number | undefined, boolean]>([
  ['^[0-9]{4}-[0-9]{2}-[0-9]{2}', 10, true],
  ['^\\d{4}-\\d\\d', 7, true],
  ['^\\[[A-Z]', 2, true],
  ['^[0-9]+ ms', 1, false],
  ['^[0-9]+', 1, true],
  ['^ab*', 1, false],
  ['^ab?c', 1, false],
  ['^a.c', 1, false],
  ['^a$', 1, false],
  ['^(?i)a', undefined, false],
  ['^a|b', undefined, false],
  ['^(a|b)', undefined, false],
  ['^[^a]', undefined, false],
  ['^é', undefined, false],
  ['a', undefined, false],
  ['^', undefined, false],
])('%s', (pattern, places, isAll) => {
  const begin = fixedBeginOf(pattern)
  expect(begin?.places.length).toBe(places)
  if (begin) expect(begin.isAll).toBe(isAll)
})

const atom = fc.constantFrom(
  ...['a', 'b', '-', ' ', '\\d', '\\w', '\\s', '\\.', '\\[', '[0-9]', '[a-c]', '[ab-]', '[\\d_]', '[a\\-c]', '[^a]'],
  ...['.', '(a)', '(?:ab|c)', '$', '\\b', 'é', '[[:digit:]]', '\\x41', '|', '[]a]'],
)
const count = fc.constantFrom('', '', '', '', '{2}', '{1}', '+', '*', '?', '{1,2}', '{0}', '+?', '{2}?')
const pattern = fc
  .array(fc.tuple(atom, count), { minLength: 1, maxLength: 6 })
  .map((parts) => `^${parts.map(([one, times]) => one + (['$', '\\b', '|'].includes(one) ? '' : times)).join('')}`)
const line = fc.array(fc.constantFrom('a', 'b', 'c', '1', '9', '_', '-', '.', '[', ' ', 'é', 'A', ']'), {
  maxLength: 8,
})

test('whatever the pattern, a line that does not begin so does not match, and one that does matches where that is all', () => {
  fc.assert(
    fc.property(pattern, line, (text, letters) => {
      const begin = fixedBeginOf(text)
      fc.pre(begin !== undefined)
      const bytes = Buffer.from(letters.join(''))
      const matches = RE2JS.compile(text).test(bytes.toString())
      const is = beginsSo(bytes, 0, bytes.length, begin)
      if (!is) expect([text, matches]).toEqual([text, false])
      if (is && begin.isAll) expect([text, matches]).toEqual([text, true])
    }),
    { numRuns: 3_000 },
  )
})
