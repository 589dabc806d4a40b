import { expect, test } from 'vitest'
import { Batch } from '../../batch/batch.ts'
import { BatchMaker } from '../../batch/testing.ts'
import { progressOf } from './portions.ts'

test('streams come as far as their lines, and those without progress in the batch nowhere', () => {
  const { columns, arena, origins, progress, count, openedAtMs } = new BatchMaker().batchOf([
    { container: 'read', text: 'a', seconds: 1 },
    { container: 'posted', text: 'b', seconds: 2 },
    { container: 'read', text: 'c', seconds: 3 },
  ])
  const ofRead = progress.filter(({ key }) => key.includes('/read/'))
  const batch = new Batch({ columns, arena, origins, progress: ofRead, count, openedAtMs, onFree: () => undefined })
  expect(progressOf(batch, [0, 1])).toEqual([{ key: 'engine/read/stdout', cursor: { seconds: 1, nanos: 0, count: 1 } }])
})
