import { expect, test } from 'vitest'
import { FrameReader } from './frame-reader.ts'
import { framesOf, ReadingBench, type SentLine } from './testing.ts'

test('a batch that is full before a long line is put together does not claim to have it', () => {
  const bench = new ReadingBench()
  const reader = new FrameReader(bench.options())
  // Three of these are more than an arena holds: the second batch begins with a line of many pieces.
  const lines = Array.from({ length: 6 }, (_, i): SentLine => {
    return {
      stream: i % 2 === 0 ? 'stdout' : 'stderr',
      seconds: 1_000 + i,
      nanos: 1,
      text: Buffer.alloc(400_000, 97 + i),
    }
  })
  const wire = Buffer.concat(lines.flatMap((line) => framesOf(line)))
  // As a socket gives it.
  const cuts = Array.from({ length: Math.floor(wire.length / 65_536) }, (_, i) => (i + 1) * 65_536)
  bench.feed(reader, wire, cuts)
  expect(bench.rows().map(({ seconds, text }) => [seconds, text.length])).toEqual(
    lines.map(({ seconds }) => [seconds, 400_000]),
  )
})
