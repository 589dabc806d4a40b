import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter } from './line-splitter.ts'

test('lines are the same however their bytes are divided, and the last needs no line feed', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'ä', '\n', '\r'), maxLength: 30 })
  fc.assert(
    fc.property(text, fc.array(fc.nat(40), { maxLength: 6 }), (given, cuts) => {
      const bytes = Buffer.from(given)
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
      const lines: string[] = []
      const splitter = new LineSplitter((line) => lines.push(line.toString()))
      for (const [i, to] of places.slice(1).entries()) splitter.write(bytes.subarray(places[i], to))
      splitter.end()
      expect(lines).toEqual(given === '' ? [] : given.replace(/\n$/, '').split('\n'))
    }),
  )
})
