import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { createLog } from '../telemetry/log.ts'
import { humanLine } from './human-log.ts'

test('a record is a line with time, level, message and fields', () => {
  const lines: string[] = []
  const log = createLog('info', { write: (json) => void lines.push(stripVTControlCharacters(humanLine(json))) })
  log.child({ source: 'engine' }).warn({ address: 'unix:///x', error: 'it said "no"\x1b[2J\x9b' }, 'it does not answer')
  expect(lines).toEqual([
    expect.stringMatching(
      /^\d\d:\d\d:\d\d warn {2}it does not answer source=engine address=unix:\/\/\/x error="it said \\"no\\"\\u001b\[2J\\x9b"$/,
    ),
  ])
})
