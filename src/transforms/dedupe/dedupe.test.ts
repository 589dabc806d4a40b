import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineFlags } from '../../batch/flags.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { dedupe } from './dedupe.ts'

function deduped(lines: readonly TestLine[], written: Parameters<typeof dedupe.options.parse>[0]): string[] {
  const transform = dedupe.create(dedupe.options.parse(written), { id: 'once', metrics: createMetrics() })
  return rowsOf(transform.apply(new BatchMaker().batchOf(lines)))
    .filter(({ flags }) => (flags & lineFlags.dropped) === 0)
    .map(({ text }) => text)
}

const at = (second: number, text: string, more: Partial<TestLine> = {}): TestLine => ({
  text,
  seconds: 1_795_000_000 + second,
  ...more,
})

test.each([
  ['the same text within the window', [at(0, 'x'), at(1, 'x'), at(9, 'x')], ['x']],
  [
    'the next one after it says how many',
    [at(0, 'x'), at(1, 'x'), at(9, 'x'), at(10, 'x'), at(11, 'x')],
    ['x', 'x (2 more like this)'],
  ],
  ['lines of one time have numbers', [at(0, 'x'), at(0, 'x', { ordinal: 1 })], ['x']],
  ['a line that is read again is no repeat of itself', [at(0, 'x'), at(1, 'x'), at(0, 'x'), at(1, 'x')], ['x', 'x']],
  ['other texts between them', [at(0, 'x'), at(1, 'y'), at(2, 'x'), at(3, '')], ['x', 'y', '']],
  ['JSON stays JSON', [at(0, '{"a":1}'), at(1, '{"a":1}'), at(20, '{"a":1}')], ['{"a":1}', '{"a":1}']],
  [
    'each stream by itself',
    [at(0, 'x'), at(1, 'x', { stream: 'stderr' }), at(1, 'x', { container: 'b' })],
    ['x', 'x', 'x'],
  ],
  ['a clock that was set back', [at(1000, 'x'), at(0, 'x'), at(1, 'x')], ['x', 'x']],
  ['what was dropped before was not there', [at(0, 'x', { flags: lineFlags.dropped }), at(1, 'x')], ['x']],
])('%s', (_, lines, expected) => {
  expect(deduped(lines, { window: '10s' })).toEqual(expected)
})

test('without a note lines stay as they are', () => {
  expect(deduped([at(0, 'x'), at(1, 'x'), at(20, 'x')], { note: false })).toEqual(['x', 'x'])
})

test('of lines that are all different none is taken out, however many', () => {
  const lines = Array.from({ length: 5_000 }, (_, i) => at(0, `line ${i}`))
  expect(deduped(lines, {})).toHaveLength(5_000)
})

test('no text is ever without a line that passed within the window', () => {
  const line = fc.record({ text: fc.constantFrom('a', 'b', 'ab', 'ba', ''), after: fc.nat(15) })
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 60 }), (given) => {
      let second = 0
      const last = new Map<string, number>()
      const expected: string[] = []
      const lines = given.map(({ text, after }, ordinal) => {
        second += after
        const since = last.get(text)
        if (since === undefined || second - since >= 10) {
          last.set(text, second)
          expected.push(text)
        }
        return at(second, text, { ordinal })
      })
      expect(deduped(lines, { window: '10s', note: false })).toEqual(expected)
    }),
  )
})
