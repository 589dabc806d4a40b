import { expect, test } from 'vitest'
import type { Cursor } from '../batch/cursor.ts'
import { PassOver } from './pass-over.ts'
import { linesFrom, textsOf, ToyBatches, type ToyLine } from './testing.ts'

function passOver(cursors: Readonly<Record<string, Cursor>>): PassOver {
  const passing = new PassOver()
  for (const [key, cursor] of Object.entries(cursors)) passing.add(key, cursor)
  return passing
}

/** The texts that are left of each batch. */
function left(passing: PassOver, batches: readonly (readonly ToyLine[])[]): string[][] {
  const toys = new ToyBatches()
  const texts = batches.map((lines, i) => {
    const { batch } = passing.pass(toys.of(lines), i + 1)
    const kept = textsOf(batch)
    batch.release()
    return kept
  })
  expect(toys.held).toBe(0)
  return texts
}

const at = (seconds: number, ordinal = 0): ToyLine => ({ key: 'a', seconds, ordinal })

test.each([
  {
    what: 'earlier lines',
    cursor: { seconds: 12, nanos: 0, count: 1 },
    lines: [at(11), at(12), at(13)],
    kept: ['a@13.0'],
  },
  {
    what: 'lines of the same time, by number',
    cursor: { seconds: 5, nanos: 0, count: 2 },
    lines: [at(5, 0), at(5, 1), at(5, 2)],
    kept: ['a@5.2'],
  },
  {
    what: 'nothing at a time of which none was taken',
    cursor: { seconds: 5, nanos: 0, count: 0 },
    lines: [at(4), at(5, 0)],
    kept: ['a@5.0'],
  },
  {
    what: 'no line after the clock was set back',
    cursor: { seconds: 9, nanos: 0, count: 1 },
    lines: [at(8), at(9), at(3), at(4)],
    kept: ['a@3.0', 'a@4.0'],
  },
  {
    what: 'no line after a gap where the place was',
    cursor: { seconds: 9, nanos: 0, count: 1 },
    lines: [at(8), at(20), at(3)],
    kept: ['a@20.0', 'a@3.0'],
  },
  {
    what: 'no line of other streams',
    cursor: { seconds: 9, nanos: 0, count: 1 },
    lines: [at(8), { key: 'b', seconds: 1 }],
    kept: ['b@1.0'],
  },
] as const)('passes over $what', ({ cursor, lines, kept }) => {
  expect(left(passOver({ a: cursor }), [lines])).toEqual([kept])
})

test('a stream that has come to the place is filtered no more', () => {
  const passing = passOver({ a: { seconds: 2, nanos: 0, count: 1 } })
  expect(left(passing, [[at(1), at(2)], [at(1)], [at(3)]])).toEqual([[], ['a@1.0'], ['a@3.0']])
  expect(passing.isEmpty).toBe(true)
})

test('all copies of one batch are filtered alike', () => {
  const passing = passOver({ a: { seconds: 2, nanos: 0, count: 1 } })
  const batch = new ToyBatches().of(linesFrom('a', 1, 3))
  batch.retain()
  const copies = [passing.pass(batch, 1), passing.pass(batch, 1)]
  expect(copies.map((copy) => textsOf(copy.batch))).toEqual([['a@3.0'], ['a@3.0']])
})

test('the cursor stays at the place until the source has come there', () => {
  const passing = passOver({ a: { seconds: 3, nanos: 0, count: 1 } })
  const toys = new ToyBatches()
  const before = passing.pass(toys.of([...linesFrom('a', 1, 2), { key: 'b', seconds: 7 }]), 1)
  expect(before.progress).toEqual([{ key: 'b', cursor: { seconds: 7, nanos: 0, count: 1 } }])
  const after = passing.pass(toys.of(linesFrom('a', 3, 2)), 2)
  expect(after.progress).toEqual([{ key: 'a', cursor: { seconds: 4, nanos: 0, count: 1 } }])
})

test('a batch that nothing is passed over in stays as it is', () => {
  const batch = new ToyBatches().of(linesFrom('b', 1, 1))
  expect(passOver({ a: { seconds: 3, nanos: 0, count: 1 } }).pass(batch, 1).batch).toBe(batch)
})
