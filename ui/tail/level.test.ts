import { expect, test } from 'vitest'
import { levelOf } from './level.ts'

test.each([
  ['2026-01-01 ERROR no connection', 'error'],
  ['[warn] slow', 'warn'],
  ['level=info msg="started"', 'info'],
  ['time=1 level="debug" x', 'debug'],
  ['{"level":"warning","msg":"x"}', 'warn'],
  ['{"severity":"CRITICAL"}', 'error'],
  ['{"level":50,"msg":"pino"}', 'error'],
  ['{"level":30,"msg":"pino"}', 'info'],
  ['{"log.level": "ERROR"}', 'error'],
  ['level=verbose', 'debug'],
  // The words of a sentence say nothing.
  ['there was no error', 'none'],
  ['INFORMATION desk', 'none'],
  ['TERROR', 'none'],
  ['level=unheard ERROR', 'error'],
  [`${' '.repeat(500)}ERROR`, 'none'],
  ['', 'none'],
])('%s: %s', (text, level) => {
  expect(levelOf(text)).toBe(level)
})
