import { expect, test } from 'vitest'
import { BatchMaker, type TestLine } from '../batch/testing.ts'
import { RecentLines } from './recent-lines.ts'
import { lineOf } from './tail-line.ts'

const all = { container: [], include: [], exclude: [] }

function recent(groups: readonly (readonly TestLine[])[], selection = {}): RecentLines {
  const lines = new RecentLines({ ...all, ...selection })
  for (const group of groups) lines.take('engine', new BatchMaker().batchOf(group))
  return lines
}
const shown = (one: TestLine) => lineOf(new BatchMaker().batchOf([one]), 0, { at: 'engine', maxBytes: 100 })

test('lines of all containers in the order of their times, as far as they are wanted', () => {
  const lines = recent(
    [
      [
        { container: 'a', text: 'one', seconds: 1 },
        { container: 'a', text: 'four', seconds: 4 },
        { container: 'a', text: 'noise', seconds: 5 },
      ],
      [
        { container: 'b', text: 'two', seconds: 2 },
        { container: 'b', text: 'three', seconds: 2 },
      ],
    ],
    { exclude: ['noise'] },
  )
  const { lines: ended, skipped } = lines.end()
  expect([ended.map(({ text }) => text), skipped]).toEqual([['one', 'two', 'three', 'four'], 0])
})

test('what passes and was shown is told from what is new, as often as it was shown', () => {
  const line = { container: 'a', text: 'x', seconds: 1 }
  const lines = recent([[line, { ...line, ordinal: 1 }]])
  lines.end()
  expect([shown(line), shown(line), shown(line)].map((one) => lines.isNew(one))).toEqual([false, false, true])
  expect(lines.isNew(shown({ ...line, seconds: 2 }))).toBe(true)
  expect(lines.isNew(shown({ ...line, container: 'b' }))).toBe(true)
  expect(lines.isNew(shown({ ...line, seconds: 0 }))).toBe(false)
  lines.forget()
  expect(lines.isNew(shown({ ...line, seconds: 0 }))).toBe(true)
})

test('of too many the latest are kept, and the others counted', () => {
  const groups = Array.from({ length: 5 }, (_, i) =>
    Array.from({ length: 5_000 }, (_, j) => ({ text: `${i} ${j}`, seconds: 10 - i })),
  )
  const { lines, skipped } = recent(groups).end()
  expect([lines.length, skipped, lines[0]!.text, lines.at(-1)!.text]).toEqual([10_000, 15_000, '1 0', '0 4999'])
})
