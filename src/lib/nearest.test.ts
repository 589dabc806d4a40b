import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

describe('nearest', () => {
  const words = ['path', 'format', 'max_line_bytes', 'inputs', 'url']
  test.each([
    ['pathh', 'path'],
    ['pth', 'path'],
    ['apth', 'path'],
    ['Format', 'format'],
    ['maxLineBytes', 'max_line_bytes'],
    ['max-line-byte', 'max_line_bytes'],
    ['uri', 'url'],
    ['x', undefined],
    ['', undefined],
    ['something_else', undefined],
    ['p'.repeat(100_000), undefined],
  ])('%s', (word, expected) => {
    expect(nearest(word, words)).toBe(expected)
  })
})

describe('the edit distance', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })

  test.each([
    ['', 'abc', 3],
    ['abc', 'acb', 1],
    ['abc', 'abd', 1],
    ['kitten', 'sitting', 3],
  ])('of %s and %s', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance)
  })

  test('is the same both ways, and none only between equals', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b) === 0).toBe(a === b)
      }),
    )
  })
})
