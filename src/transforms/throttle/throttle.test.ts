import { describe, expect, test } from 'vitest'
import { lineFlags } from '../../batch/flags.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { throttle } from './throttle.ts'

/** The numbers of the lines that pass; `at` is in seconds since some time. */
function passed(
  lines: readonly (Omit<TestLine, 'text'> & { readonly at: number })[],
  written: Parameters<typeof throttle.options.parse>[0],
): number[] {
  const transform = throttle.create(throttle.options.parse(written), { id: 'calm', metrics: createMetrics() })
  const timed = lines.map(({ at, ...line }, i) => {
    const seconds = Math.floor(at)
    // Lines of one time have numbers.
    const ordinal = lines.slice(0, i).filter((one) => one.at === at).length
    return { ...line, text: `${i}`, seconds: 1_795_000_000 + seconds, nanos: Math.round((at - seconds) * 1e9), ordinal }
  })
  return rowsOf(transform.apply(new BatchMaker().batchOf(timed))).flatMap(({ flags }, i) =>
    (flags & lineFlags.dropped) === 0 ? [i] : [],
  )
}

const at = (...times: number[]) => times.map((time) => ({ at: time }))

describe('throttle', () => {
  test.each([
    ['a burst passes, and no more', at(0, 0, 0, 0), { lines_per_second: 1, burst: 2 }, [0, 1]],
    ['room comes with time', at(0, 0, 0.5, 1, 1.9, 2), { lines_per_second: 1, burst: 1 }, [0, 3, 5]],
    [
      'a quiet time saves up a burst at the most',
      at(0, 0, 100, 100, 100),
      { lines_per_second: 1, burst: 2 },
      [0, 1, 2, 3],
    ],
    ['less than one line a second', at(0, 5, 10, 11), { lines_per_second: 0.1, burst: 1 }, [0, 2]],
    [
      'ten seconds of lines are the burst',
      at(...Array<number>(12).fill(0)),
      { lines_per_second: 1 },
      [...Array(10).keys()],
    ],
    ['a clock that was set back', at(1000, 1000, 0, 1, 2), { lines_per_second: 1, burst: 1 }, [0, 2, 3, 4]],
    [
      'lines of one name share a limit, whatever the stream',
      [
        { at: 0, fields: { user: 'a' } },
        { at: 0.1, fields: { user: 'b' } },
        { at: 0.2, fields: { user: 'a' }, container: 'other' },
        { at: 0.3 },
        { at: 0.4, container: 'other' },
        { at: 1.1, fields: { user: 'b' } },
      ],
      { lines_per_second: 1, burst: 1, by: '{fields.user}' },
      [0, 1, 3, 5],
    ],
    [
      'a little way back in the other stream is no time',
      [{ at: 1 }, { at: 0.9, stream: 'stderr' as const }, { at: 1.1, stream: 'stderr' as const }, { at: 2 }],
      { lines_per_second: 1, burst: 1 },
      [0, 3],
    ],
  ])('%s', (_, lines, written, expected) => {
    expect(passed(lines, written)).toEqual(expected)
  })

  const mixed = [
    { at: 0, container: 'a' },
    { at: 0, container: 'a', stream: 'stderr' as const },
    { at: 0, container: 'b' },
  ]
  test.each([
    ['stream', [0, 1, 2]],
    ['container', [0, 2]],
    ['source', [0]],
  ])('a limit for each %s', (per, expected) => {
    expect(passed(mixed, { lines_per_second: 1, burst: 1, per })).toEqual(expected)
  })

  test('what was dropped before takes no room', () => {
    const lines = [{ at: 0, flags: lineFlags.dropped }, { at: 0 }]
    expect(passed(lines, { lines_per_second: 1, burst: 1 })).toEqual([1])
  })
})
