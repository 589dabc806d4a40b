import { expect, test } from 'vitest'
import { lineFlags } from '../../batch/flags.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { sample } from './sample.ts'

function sampled(lines: readonly TestLine[], written: Parameters<typeof sample.options.parse>[0]): string[] {
  const transform = sample.create(sample.options.parse(written), { id: 'few', metrics: createMetrics() })
  return rowsOf(transform.apply(new BatchMaker().batchOf(lines)))
    .filter(({ flags }) => (flags & lineFlags.dropped) === 0)
    .map(({ text }) => text)
}

const many = Array.from({ length: 5_000 }, (_, i) => ({
  text: `line ${i} trace=${i % 500}`,
  container: `c${i % 7}`,
  seconds: 1_795_000_000 + Math.floor(i / 100),
  nanos: (i % 100) * 1e6,
  ordinal: i % 3,
}))

test.each([2, 10, 100])('about one line in %i is kept, and the same ones each time', (one_in) => {
  const kept = sampled(many, { one_in })
  expect(kept).toEqual(sampled(many, { one_in }))
  // Four standard deviations, of a hash that is what it is: this passes always or never.
  const deviation = Math.sqrt((many.length / one_in) * (1 - 1 / one_in))
  expect(Math.abs(kept.length - many.length / one_in)).toBeLessThan(4 * deviation)
})

test('lines of one time and stream differ by their number', () => {
  const same = Array.from({ length: 100 }, (_, ordinal) => ({ text: `${ordinal}`, ordinal }))
  const { length } = sampled(same, { one_in: 2 })
  expect(length).toBeGreaterThan(20)
  expect(length).toBeLessThan(80)
})

test('what has the same key is kept or left out together', () => {
  const kept = sampled(many, { one_in: 10, key: 'trace=([0-9]+)' })
  const traceOf = (text: string) => text.split('trace=')[1]!
  const traces = new Set(kept.map(traceOf))
  expect(kept).toEqual(many.map(({ text }) => text).filter((text) => traces.has(traceOf(text))))
  expect(traces.size).toBeGreaterThan(20)
  expect(traces.size).toBeLessThan(90)
})

test('what is always to be kept is', () => {
  const kept = sampled(many, { one_in: 1_000_000, always: ['line 7 ', 'line 42 '] })
  expect(kept).toEqual(expect.arrayContaining(['line 7 trace=7', 'line 42 trace=42']))
})
