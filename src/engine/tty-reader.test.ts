import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameError } from './engine-error.ts'
import { ReadingBench, type SentLine, ttyBytesOf } from './testing.ts'
import { TtyReader } from './tty-reader.ts'

const at = (nanos: number, text: string): SentLine => ({
  stream: 'stdout',
  seconds: 1_795_000_000,
  nanos,
  text: Buffer.from(text),
})
const wireOf = (...lines: SentLine[]) => Buffer.concat(lines.map((line) => ttyBytesOf(line)))

const sentLines = fc
  .array(
    fc.record({
      step: fc.integer({ min: 1, max: 2_000_000_000 }),
      text: fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc
          .constantFrom(16_381, 16_382, 16_383, 16_384, 16_385, 40_000)
          .map((length) => new Uint8Array(length).fill(120)),
      ),
    }),
    { maxLength: 20 },
  )
  .map((lines) => {
    let nanos = 1
    let seconds = 1_795_000_000
    return lines.map(({ step, text }): SentLine => {
      nanos += step
      seconds += Math.floor(nanos / 1e9)
      nanos %= 1e9
      const bytes = Buffer.from(text).map((byte) => (byte === 10 ? 32 : byte)) as Buffer
      return { stream: 'stdout', seconds, nanos, text: bytes }
    })
  })

test('any lines, cut anywhere, come out as they were', () => {
  fc.assert(
    fc.property(sentLines, fc.array(fc.nat({ max: 200_000 }), { maxLength: 40 }), (lines, cuts) => {
      const bench = new ReadingBench()
      bench.feed(new TtyReader(bench.options()), wireOf(...lines), cuts)
      expect(bench.rows().map(({ seconds, nanos, text }) => [seconds, nanos, text])).toEqual(
        lines.map(({ seconds, nanos, text }) => [seconds, nanos, text.toString()]),
      )
    }),
    { numRuns: 300 },
  )
})

describe('ends of lines', () => {
  const cases: [name: string, text: string, expected: string][] = [
    ['the terminal’s CR goes', 'a', 'a'],
    ['another CR stays', 'a\r', 'a\r'],
    ['CR within stays', 'a\rb', 'a\rb'],
    ['an empty line is a line', '', ''],
  ]
  test.each(cases)('%s', (_name, text, expected) => {
    const bench = new ReadingBench()
    bench.feed(new TtyReader(bench.options()), wireOf(at(1001, text)))
    expect(bench.rows().map((row) => row.text)).toEqual([expected])
  })
})

test('the last words without a line feed are a line when the log is over', () => {
  const bench = new ReadingBench()
  const reader = new TtyReader(bench.options())
  bench.feed(reader, wireOf(at(1001, 'one'), { ...at(2002, 'no line feed'), isUnterminated: true }))
  expect(bench.rows().map(({ text }) => text)).toEqual(['one'])
  reader.finish()
  expect(bench.rows().map(({ text }) => text)).toEqual(['no line feed'])
})

test('a window that does not reach back is given up at its first line', () => {
  const bench = new ReadingBench({ stdout: { seconds: 1_795_000_000, nanos: 500, count: 1 } })
  bench.feed(
    new TtyReader(bench.options({ onFirstLine: (relation) => relation === 'taken' })),
    wireOf(at(1001, 'one'), at(2002, 'two')),
    [40],
  )
  expect(bench.rows()).toEqual([])
})

test('framed output read as a TTY’s is refused', () => {
  const bench = new ReadingBench()
  const wire = Buffer.from('\x01\0\0\0\0\0\0\x26' + '2026-11-23T12:48:58.320504526Z hello\n', 'latin1')
  expect(() => bench.feed(new TtyReader(bench.options()), wire)).toThrow(FrameError)
})
