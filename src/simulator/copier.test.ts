import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Copier, type PiecePlace } from './copier.ts'

function cut(writes: readonly Buffer[], pieceBytes: number): [string, PiecePlace][] {
  const pieces: [string, PiecePlace][] = []
  const copier = new Copier({ pieceBytes, cutsAtReads: false }, (bytes, start, end, place) =>
    pieces.push([bytes.toString('latin1', start, end), place]),
  )
  for (const bytes of writes) copier.write(bytes)
  copier.flush()
  return pieces
}

test.each<[string, [string, PiecePlace][]]>([
  ['', []],
  ['a\n', [['a\n', 'whole']]],
  [
    '\n\n',
    [
      ['\n', 'whole'],
      ['\n', 'whole'],
    ],
  ],
  ['abc\n', [['abc\n', 'whole']]],
  [
    'abcd\n',
    [
      ['abcd', 'first'],
      ['\n', 'last'],
    ],
  ],
  [
    'abcdefghi\nj',
    [
      ['abcd', 'first'],
      ['efgh', 'middle'],
      ['i\n', 'last'],
      ['j', 'whole'],
    ],
  ],
  [
    'abcdef',
    [
      ['abcd', 'first'],
      ['ef', 'last'],
    ],
  ],
])('cuts %j at four bytes', (text, pieces) => {
  expect(cut([Buffer.from(text)], 4)).toEqual(pieces)
})

test('however the bytes arrive, the pieces are the same', () => {
  const letter = fc.constantFrom('a', 'b', '\n')
  fc.assert(
    fc.property(fc.array(fc.array(letter, { maxLength: 12 })), fc.integer({ min: 1, max: 9 }), (writes, pieceBytes) => {
      const text = writes.flat().join('')
      const pieces = cut(
        writes.map((letters) => Buffer.from(letters.join(''))),
        pieceBytes,
      )
      expect(pieces).toEqual(cut([Buffer.from(text)], pieceBytes))
      expect(pieces.map(([piece]) => piece).join('')).toBe(text)
    }),
  )
})
