import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesWildcard } from './wildcard.ts'

test.each([
  ['web-1', 'web-1', true],
  ['web', 'web-1', false],
  ['web-*', 'web-', true],
  ['*-1', 'a-1-1', true],
  ['w?b', 'wob', true],
  ['w?b', 'wb', false],
  ['*', '', true],
  ['', 'a', false],
  ['a**b', 'a/x/b', true],
  ['[ab].', 'a.', false],
])('%s and %s: %s', (pattern, text, matches) => {
  expect(matchesWildcard(pattern, text)).toBe(matches)
})

test('as a regular expression has it', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
  fc.assert(
    fc.property(pattern, text, (wanted, given) => {
      const expected = new RegExp(`^${wanted.replace(/\*+/g, '.*').replaceAll('?', '.')}$`).test(given)
      expect(matchesWildcard(wanted, given)).toBe(expected)
    }),
  )
})

test('a pattern that is out to take long does not', () => {
  expect(matchesWildcard('*a'.repeat(500), `${'a'.repeat(10_000)}b`)).toBe(false)
})
