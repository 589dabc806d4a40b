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
