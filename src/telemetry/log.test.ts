import { expect, test } from 'vitest'
import { createLog } from './log.ts'

test('a change of the level holds for children that were there before', () => {
  const said: string[] = []
  const log = createLog('warn', { write: (line) => void said.push((JSON.parse(line) as { msg: string }).msg) })
  const child = log.child({ sink: 'disk' }).child({ part: 'queue' })
  child.info({}, 'one')
  child.warn({}, 'two')
  log.setLevel('debug')
  child.debug({}, 'three')
  log.setLevel('silent')
  child.error({}, 'four')
  expect(said).toEqual(['two', 'three'])
})

test('the last lines are kept, and no more', () => {
  const log = createLog('info', { write: () => undefined })
  for (let i = 0; i < 2_345; i++) log.child({ i }).info({}, 'a line')
  log.debug({}, 'not written')
  const kept = log.recent().map((line) => (JSON.parse(line) as { i: number }).i)
  expect(kept).toEqual(Array.from({ length: 500 }, (_, k) => 1_845 + k))
})
