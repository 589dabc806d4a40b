import { expect, test } from 'vitest'
import { LineStream } from './line-stream.ts'

const origin = {
  key: 's/c/stdout',
  stream: 'stdout',
  container: { id: 'c', name: 'c', image: 'i' },
  labels: {},
  host: 'h',
} as const

test('a clock that seems to go back while a read repeats what was taken makes no new lines of old ones', () => {
  const clock = { seconds: 2_000, now: () => clock.seconds, isFine: true, neverRepeats: false }
  const stream = new LineStream(origin, clock, undefined)
  stream.beginRead()
  for (let line = 1; line <= 10; line++) expect(stream.take(1_000 + line, 1, line)).toBe(0)
  stream.beginRead()
  for (let line = 1; line <= 5; line++) expect(stream.take(1_000 + line, 1, line)).toBeLessThan(0)
  clock.seconds = 1_000
  for (let line = 6; line <= 10; line++) expect(stream.take(1_000 + line, 1, line)).toBeLessThan(0)
  // What stands behind the cursor's own line is new, whatever its time.
  expect(stream.take(1_001, 1, 11)).toBe(0)
})
