import { expect, test } from 'vitest'
import { levelNames, levelOf, levelOfValue } from './level.ts'

test.each([
  ['{"time":"2026-11-23","level":"error","msg":"x"}', 'error'],
  ['{"msg":"an ERROR before","level":"info"}', 'info'],
  ['{"level":50,"time":1}', 'error'],
  ['{"level":500}', undefined],
  ['{"severity": "WARNING"}', 'warn'],
  ['ts=1 level=debug msg="ERROR"', 'debug'],
  ["lvl='crit'", 'fatal'],
  ['2026-11-23 12:42:29.123 ERROR 1 --- [main] c.e.App: no', 'error'],
  ['2026/11/23 12:42:29 [warn] 7#7: slow', 'warn'],
  ['[2026-11-23 12:42:29] app.INFO: x', undefined],
  ['WARNING:root:x', 'warn'],
  ['error: cannot open', 'error'],
  ['Error: cannot open', 'error'],
  ['E1123 10:42:29.123456       1 main.go:1] text', 'error'],
  ['I1123 10:42:29.123456       1 main.go:1] text', 'info'],
  ['\u001b[32mINFO\u001b[39m started', 'info'],
  ['INFO | ready', 'info'],
  ['<ERROR> x', 'error'],
  ['GET /ERROR 200', undefined],
  ['no error was found, for information', undefined],
  ['at the next level error handling begins', 'error'],
  ['TERROR', undefined],
  ['', undefined],
  ['ERROR', 'error'],
  [`${'x'.repeat(600)} ERROR`, undefined],
])('%s', (text, expected) => {
  const bytes = Buffer.from(`FATAL${text}FATAL`)
  expect(levelNames[levelOf(bytes, 5, bytes.length - 5)]).toBe(expected)
})

test.each([
  ['error', 'error'],
  ['WARNING', 'warn'],
  ['Information', 'info'],
  ['notice', 'info'],
  ['emerg', 'fatal'],
  ['LOG', 'info'],
  ['60', 'fatal'],
  ['70', undefined],
  ['3', undefined],
  ['500', undefined],
  ['no error', undefined],
  ['error:', undefined],
  ['', undefined],
])('the value %j', (text, expected) => {
  const bytes = Buffer.from(`x${text}0`)
  expect(levelNames[levelOfValue(bytes, 1, bytes.length - 1)]).toBe(expected)
})
