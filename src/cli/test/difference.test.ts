import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differenceOf } from './difference.ts'

test('what is the same stays, what is missing and what is too much is marked', () => {
  const lines = differenceOf(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])
  expect(lines.map(({ mark, text }) => mark + text)).toEqual([' a', '-b', '+x', ' c', '+d'])
})

test('both sides can be read from any difference', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
  fc.assert(
    fc.property(texts, texts, (expected, seen) => {
      const lines = differenceOf(expected, seen)
      const side = (mark: '-' | '+') => lines.filter((line) => line.mark === ' ' || line.mark === mark)
      expect(side('-').map(({ text }) => text)).toEqual(expected)
      expect(side('+').map(({ text }) => text)).toEqual(seen)
      if (expected.join() === seen.join()) expect(lines.every(({ mark }) => mark === ' ')).toBe(true)
    }),
  )
})
