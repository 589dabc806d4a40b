import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arena } from './arena.ts'
import { allocateColumns, Batch } from './batch.ts'
import { lineFlags } from './flags.ts'
import { BatchRewriter } from './rewriter.ts'
import { rowsOf } from './row.ts'
import { BatchMaker } from './testing.ts'

const maker = new BatchMaker()

test('where nothing is replaced the batch stays the one it is', () => {
  const batch = maker.batchOf([{ text: 'a' }])
  expect(new BatchRewriter().finish(batch)).toBe(batch)
})

test('the batch that was rewritten stays as it was, and can be given back before the other', () => {
  let isFree = false
  const arena = new Arena(Buffer.from('hello world'), () => (isFree = true))
  const columns = allocateColumns(1)
  columns.end[0] = arena.used = 11
  const batch = new Batch({
    columns,
    arena,
    origins: [],
    progress: [],
    count: 1,
    openedAtMs: 0,
    onFree: () => undefined,
  })
  const rewriter = new BatchRewriter()
  rewriter.replace(0, 0, 5, Buffer.from('good morning'))
  const made = rewriter.finish(batch)
  expect(batch.bytes.toString()).toBe('hello world')
  batch.release()
  expect(isFree).toBe(true)
  expect(made.bytes.toString('utf8', made.columns.start[0], made.columns.end[0])).toBe('good morning world')
})

test('any lines, cut anywhere, dropped or not: rows keep what they are and get the bytes that were put there', () => {
  const line = fc.record({
    text: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    container: fc.constantFrom('a', 'b'),
    seconds: fc.integer({ min: 1, max: 1e9 }),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
    flags: fc.constantFrom(0, 0, lineFlags.truncated, lineFlags.dropped),
    cuts: fc.array(fc.tuple(fc.nat(20), fc.nat(20), fc.uint8Array({ maxLength: 30 })), { maxLength: 3 }),
  })
  const rewriter = new BatchRewriter()
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), fc.array(fc.nat(100)), (lines, order) => {
      const batch = maker.batchOf(lines)
      // Rows need not lie in the order of their bytes.
      for (const [i, k] of order.entries()) swapPlaces(batch, i % lines.length, k % lines.length)
      const before = rowsOf(batch)
      const expected = lines.map(({ cuts }, row) => {
        const start = batch.columns.start[row]!
        const text = batch.bytes.subarray(start, batch.columns.end[row])
        let at = 0
        const parts: Uint8Array[] = []
        for (const [skip, take, put] of cuts) {
          const from = Math.min(text.length, at + skip)
          const to = Math.min(text.length, from + take)
          rewriter.replace(row, start + from, start + to, Buffer.from(put))
          parts.push(text.subarray(at, from), put)
          at = to
        }
        return Buffer.concat([...parts, text.subarray(at)]).toString('latin1')
      })
      const made = rewriter.finish(batch)
      const { start, end, flags } = made.columns
      for (const [row, was] of before.entries()) {
        const { text: _, ...is } = rowsOf(made)[row]!
        expect({ ...is, text: was.text }).toEqual(was)
        const isLeftOut = made !== batch && (flags[row]! & lineFlags.dropped) !== 0
        if (isLeftOut) expect(end[row]).toBe(start[row])
        else expect(made.bytes.toString('latin1', start[row], end[row])).toBe(expected[row])
      }
      expect([made.progress, made.origins, made.openedAtMs]).toEqual([batch.progress, batch.origins, batch.openedAtMs])
      if (made !== batch) made.release()
      batch.release()
    }),
  )
})

function swapPlaces({ columns: { start, end } }: Batch, a: number, b: number): void {
  const [from, to] = [start[a]!, end[a]!]
  start[a] = start[b]!
  end[a] = end[b]!
  start[b] = from
  end[b] = to
}
