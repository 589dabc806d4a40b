import { expect, test } from 'vitest'
import { earliestCursor } from './log-streams.ts'
import { ReadingBench } from './testing.ts'

test('a read begins at the earlier cursor, and before the only one, since the other stream may have an older line behind it', () => {
  const early = { seconds: 100, nanos: 5, count: 1 }
  const late = { seconds: 200, nanos: 0, count: 2 }
  expect(earliestCursor(new ReadingBench({ stdout: late, stderr: early }).streams)).toEqual(early)
  expect(earliestCursor(new ReadingBench({ stdout: late }).streams)).toEqual({ ...late, seconds: 190 })
  expect(earliestCursor(new ReadingBench().streams)).toBeUndefined()
})
