import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineFlags } from '../batch/flags.ts'
import { FrameError } from './engine-error.ts'
import { FrameReader } from './frame-reader.ts'
import type { LineRelation } from './line-stream.ts'
import { framesOf, podmanRules, ReadingBench, type SentLine } from './testing.ts'

const at = (nanos: number, text: string, stream: 'stdout' | 'stderr' = 'stdout'): SentLine => ({
  stream,
  seconds: 1_795_000_000,
  nanos,
  text: Buffer.from(text),
})
const wireOf = (...lines: SentLine[]) => Buffer.concat(lines.flatMap((line) => framesOf(line)))
const brief = (bench: ReadingBench) =>
  bench.rows().map(({ origin, nanos, text }) => `${origin.stream}:${nanos}:${text}`)

/** Lines of two streams, with times that grow in each, now and then several of one time. */
const sentLines = fc
  .array(
    fc.record({
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
      step: fc.integer({ min: 1, max: 2_000_000_000 }),
      text: fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(16_383, 16_384, 16_385, 40_000).map((length) => new Uint8Array(length).fill(120)),
      ),
    }),
    { maxLength: 40 },
  )
  .map((lines) => {
    let seconds = 1_795_000_000
    let nanos = 1
    return lines.map(({ stream, step, text }): SentLine => {
      nanos += step
      seconds += Math.floor(nanos / 1e9)
      nanos %= 1e9
      return { stream, seconds, nanos, text: Buffer.from(text).map((byte) => (byte === 10 ? 32 : byte)) as Buffer }
    })
  })

describe('any lines, cut anywhere', () => {
  test('come out as they were, in order', () => {
    fc.assert(
      fc.property(sentLines, fc.array(fc.nat({ max: 200_000 }), { maxLength: 40 }), (lines, cuts) => {
        const bench = new ReadingBench()
        bench.feed(new FrameReader(bench.options()), wireOf(...lines), cuts)
        expect(bench.rows().map(({ origin, seconds, nanos, text }) => [origin.stream, seconds, nanos, text])).toEqual(
          lines.map(({ stream, seconds, nanos, text }) => [stream, seconds, nanos, text.toString()]),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('read again from any place before the cursor give nothing twice', () => {
    fc.assert(
      fc.property(sentLines, fc.nat(), fc.nat(), (lines, end, start) => {
        const taken = lines.slice(0, lines.length === 0 ? 0 : end % (lines.length + 1))
        const again = lines.slice(taken.length === 0 ? 0 : start % taken.length)
        const bench = new ReadingBench()
        bench.feed(new FrameReader(bench.options()), wireOf(...taken))
        bench.feed(new FrameReader(bench.options()), wireOf(...again))
        expect(bench.rows().map(({ text }) => text)).toEqual(lines.map(({ text }) => text.toString()))
      }),
      { numRuns: 200 },
    )
  })
})

describe('pieces', () => {
  test('of two streams that lie between each other are joined per stream', () => {
    const [a1, a2, a3] = framesOf(at(1001, 'a'.repeat(40_000), 'stderr')) as [Buffer, Buffer, Buffer]
    const [b1, b2] = framesOf(at(999, 'b'.repeat(20_000))) as [Buffer, Buffer]
    const bench = new ReadingBench()
    bench.feed(new FrameReader(bench.options()), Buffer.concat([a1, a2, b1, b2, a3]))
    expect(bench.rows().map(({ origin, text }) => [origin.stream, text.length])).toEqual([
      ['stdout', 20_000],
      ['stderr', 40_000],
    ])
  })

  test('without a line feed at the last one are a line when the next line has another time (20.10, local driver)', () => {
    const long = framesOf({ ...at(1001, 'x'.repeat(20_000)), isUnterminated: true })
    const bench = new ReadingBench()
    bench.feed(new FrameReader(bench.options()), Buffer.concat([...long, ...framesOf(at(2001, 'next'))]))
    expect(bench.rows().map(({ text, flags }) => [text.length, flags])).toEqual([
      [20_000, lineFlags.unterminated],
      [4, 0],
    ])
  })

  test('shorter than a piece without a line feed are complete: a container that ends without one', () => {
    const bench = new ReadingBench()
    bench.feed(new FrameReader(bench.options()), Buffer.concat(framesOf({ ...at(1001, 'tail'), isUnterminated: true })))
    expect(brief(bench)).toEqual(['stdout:1001:tail'])
  })

  test('of Podman are joined whatever their length and time', () => {
    const first = framesOf({ ...at(1001, 'ab'), isUnterminated: true })
    const bench = new ReadingBench()
    const reader = new FrameReader(bench.options({ rules: podmanRules }))
    bench.feed(
      reader,
      Buffer.concat([...first, ...framesOf(at(2001, 'cd')), ...framesOf({ ...at(3001, 'end'), isUnterminated: true })]),
    )
    expect(brief(bench)).toEqual(['stdout:1001:abcd'])
    reader.finish()
    expect(brief(bench)).toEqual(['stdout:3001:end'])
  })

  test('that a read leaves open are given again by the next read, not joined to it', () => {
    const [first, second] = framesOf(at(1001, 'x'.repeat(20_000))) as [Buffer, Buffer]
    const bench = new ReadingBench()
    bench.feed(new FrameReader(bench.options()), first)
    bench.feed(new FrameReader(bench.options()), Buffer.concat([first, second]))
    expect(bench.rows().map(({ text }) => text.length)).toEqual([20_000])
  })

  test('beyond the cap are cut off, flagged and counted once', () => {
    const bench = new ReadingBench({ maxLineBytes: 20_000 })
    bench.feed(
      new FrameReader(bench.options()),
      wireOf(at(1001, 'x'.repeat(100_000)), at(2001, 'y'.repeat(10)), at(3001, 'z'.repeat(20_000))),
    )
    expect(bench.rows().map(({ text, flags }) => [text.length, flags])).toEqual([
      [20_000, lineFlags.truncated],
      [10, 0],
      [20_000, 0],
    ])
    expect(bench.counts.truncated).toBe(1)
  })
})

describe('the cursor', () => {
  test('drops the last line of a file that is sent again at a rotation (20.10)', () => {
    const bench = new ReadingBench()
    bench.feed(
      new FrameReader(bench.options()),
      wireOf(at(1001, 'a'), at(2002, 'b'), at(2002, 'b'), at(3003, 'c'), at(1001, 'a'), at(3003, 'c'), at(4004, 'd')),
    )
    expect(brief(bench)).toEqual(['stdout:1001:a', 'stdout:2002:b', 'stdout:3003:c', 'stdout:4004:d'])
    expect(bench.counts.repeats).toBe(3)
  })

  test('keeps equal lines of one time where the clock is coarse', () => {
    const bench = new ReadingBench()
    const second = wireOf(at(0, 'tick'), at(0, 'tick'), at(0, 'tock'))
    bench.feed(new FrameReader(bench.options({ rules: podmanRules })), second)
    expect(bench.rows().map(({ text, ordinal }) => [text, ordinal])).toEqual([
      ['tick', 0],
      ['tick', 1],
      ['tock', 2],
    ])
    // The next read begins with that second: three lines are known, the fourth is new.
    bench.feed(
      new FrameReader(bench.options({ rules: podmanRules })),
      Buffer.concat([second, ...framesOf(at(0, 'tick'))]),
    )
    expect(bench.rows().map(({ text, ordinal }) => [text, ordinal])).toEqual([['tick', 3]])
  })

  test('keeps different lines of one time where the clock is fine', () => {
    const bench = new ReadingBench()
    bench.feed(new FrameReader(bench.options()), wireOf(at(1001, 'a'), at(1001, 'b'), at(1001, 'a')))
    expect(brief(bench)).toEqual(['stdout:1001:a', 'stdout:1001:b'])
  })

  test('begins anew when the engine’s clock was set back', () => {
    const bench = new ReadingBench({ nowSeconds: 1_795_000_000 })
    const ahead = { ...at(1001, 'an hour ahead'), seconds: 1_795_003_600 }
    bench.feed(
      new FrameReader(bench.options()),
      wireOf(ahead, at(2001, 'set back'), at(3001, 'goes on'), at(2001, 'set back')),
    )
    expect(bench.rows().map(({ text }) => text)).toEqual(['an hour ahead', 'set back', 'goes on'])
  })

  test('is where reading goes on after a restart of ours', () => {
    const cursor = { seconds: 1_795_000_000, nanos: 2002, count: 1 }
    const bench = new ReadingBench({ stdout: cursor })
    bench.feed(new FrameReader(bench.options()), wireOf(at(1001, 'a'), at(2002, 'b'), at(3003, 'c')))
    expect(brief(bench)).toEqual(['stdout:3003:c'])
    expect(bench.counts.repeats).toBe(0)
  })
})

describe('the first line', () => {
  const cursor = { seconds: 1_795_000_000, nanos: 2002, count: 1 }
  const cases: [name: string, first: SentLine, relation: LineRelation][] = [
    ['before the cursor', at(1001, 'a'), 'taken'],
    ['at the cursor', at(2002, 'b'), 'taken'],
    ['after the cursor', at(3003, 'c'), 'new'],
    ['of the other stream, which has no cursor', at(1001, 'e', 'stderr'), 'new'],
  ]
  test.each(cases)('%s', (_name, first, relation) => {
    const bench = new ReadingBench({ stdout: cursor })
    const seen: LineRelation[] = []
    const reader = new FrameReader(bench.options({ onFirstLine: (one) => (seen.push(one), false) }))
    bench.feed(reader, wireOf(first, at(9009, 'z')))
    expect(seen).toEqual([relation])
    expect(bench.rows()).toEqual([])
  })
})

describe('what is no log', () => {
  const cases: [name: string, wire: Buffer, message: RegExp][] = [
    ['text', Buffer.from('hello world, this is no frame'), /no log frame/],
    ['a kind that does not exist', Buffer.from([9, 0, 0, 0, 0, 0, 0, 1, 65]), /no log frame/],
    ['padding that is not zero', Buffer.from([1, 0, 7, 0, 0, 0, 0, 1, 65]), /no log frame/],
    ['a frame of 4 GiB', Buffer.from([1, 0, 0, 0, 255, 255, 255, 255]), /4294967295 bytes/],
    ['a line without a time', Buffer.from('\x01\0\0\0\0\0\0\x06hello\n', 'latin1'), /no time/],
    ['an empty frame', Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), /no time/],
    ['an error of the engine', Buffer.from('\x03\0\0\0\0\0\0\x05oh no', 'latin1'), /engine reports: oh no/],
  ]
  test.each(cases)('%s', (_name, wire, message) => {
    const read = (cuts: number[]) => {
      const bench = new ReadingBench()
      bench.feed(new FrameReader(bench.options()), wire, cuts)
    }
    expect(() => read([])).toThrow(FrameError)
    expect(() => read([])).toThrow(message)
    expect(() => read(wire.map((_, i) => i) as unknown as number[])).toThrow(message)
  })

  test('a cut frame is waited for', () => {
    const bench = new ReadingBench()
    const reader = new FrameReader(bench.options())
    const wire = wireOf(at(1001, 'whole'), at(2002, 'cut'))
    bench.feed(reader, wire.subarray(0, wire.length - 2))
    expect(brief(bench)).toEqual(['stdout:1001:whole'])
    expect(reader.isWithinLine).toBe(true)
  })

  test('noise anywhere is refused or waited for, and never breaks a line before it', () => {
    fc.assert(
      fc.property(sentLines, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 12 }), (lines, place, noise) => {
        const bench = new ReadingBench()
        const wire = Buffer.concat([wireOf(...lines), Buffer.from(noise)])
        try {
          bench.feed(new FrameReader(bench.options()), wire, [place])
        } catch (error) {
          if (!(error instanceof FrameError)) throw error
        }
        expect(
          bench
            .rows()
            .slice(0, lines.length)
            .map(({ text }) => text),
        ).toEqual(lines.map(({ text }) => text.toString()))
      }),
      { numRuns: 200 },
    )
  })
})
