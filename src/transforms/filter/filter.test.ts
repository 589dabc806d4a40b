import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arena } from '../../batch/arena.ts'
import { allocateColumns, Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { filter } from './filter.ts'

/** The lines side by side in the order of `places`, without anything between them. */
function batchOf(lines: readonly Buffer[], places: readonly number[] = lines.map((_, i) => i)): Batch {
  const arena = new Arena(lines.reduce((sum, line) => sum + line.length, 0) + 16, () => undefined)
  arena.bytes.fill('abba')
  const columns = allocateColumns(lines.length)
  for (const i of places) {
    columns.start[i] = arena.used
    arena.used += lines[i]!.copy(arena.bytes, arena.used)
    columns.end[i] = arena.used
  }
  const parts = { columns, arena, origins: [], progress: [], count: lines.length, openedAtMs: 0 }
  return new Batch({ ...parts, onFree: () => undefined })
}

function kept(batch: Batch, written: Parameters<typeof filter.options.parse>[0]): number[] {
  filter.create(filter.options.parse(written), { id: 'quiet', metrics: createMetrics() }).apply(batch)
  return Array.from({ length: batch.count }, (_, i) => i).filter(
    (i) => (batch.columns.flags[i]! & lineFlags.dropped) === 0,
  )
}

describe('filter', () => {
  const lines = ['GET /health 200', 'ERROR in payments', '', 'WARN: GET /cart', 'ERROR: GET /health'].map((text) =>
    Buffer.from(text),
  )
  test.each([
    ['nothing asked for keeps everything', {}, [0, 1, 2, 3, 4]],
    ['include keeps lines with the text', { include: ['ERROR'] }, [1, 4]],
    ['one of several texts is enough', { include: ['ERROR', 'WARN'] }, [1, 3, 4]],
    ['exclude takes lines out', { exclude: ['/health'] }, [1, 2, 3]],
    ['exclude beats include', { include: ['GET'], exclude: ['/health'] }, [3]],
    ['a text over the end of a line is not in it', { include: ['200ERROR'] }, []],
    ['a text longer than everything is in no line', { exclude: ['x'.repeat(500)] }, [0, 1, 2, 3, 4]],
  ])('%s', (_, written, expected) => {
    expect(kept(batchOf(lines), written)).toEqual(expected)
  })

  test('the field level counts more than the text, where it says a level', () => {
    const batch = new BatchMaker().batchOf([
      { text: 'ERROR x', fields: { level: 'info' } },
      { text: 'INFO x', fields: { level: 'error' } },
      { text: 'x', fields: { level: 50 } },
      { text: 'ERROR x', fields: { level: 'strange' } },
      { text: 'INFO x', fields: { other: 'error' } },
      { text: 'ERROR x' },
    ])
    expect(kept(batch, { level: 'warn' })).toEqual([1, 2, 3, 5])
  })

  test('it keeps the flags that a line has', () => {
    const batch = batchOf([Buffer.from('x')])
    batch.columns.flags[0] = lineFlags.truncated
    kept(batch, { exclude: ['x'] })
    expect(batch.columns.flags[0]).toBe(lineFlags.truncated | lineFlags.dropped)
  })

  test('it finds what a search of each line by itself finds, whatever the order of the lines in the arena', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 12 })
    const needles = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 3 }), {
      maxLength: 3,
    })
    const scene = fc.array(text, { minLength: 1, maxLength: 30 }).chain((texts) =>
      fc.record({
        texts: fc.constant(texts),
        places: fc.shuffledSubarray(
          texts.map((_, i) => i),
          { minLength: texts.length },
        ),
        isShuffled: fc.boolean(),
        include: needles,
        exclude: needles,
      }),
    )
    fc.assert(
      fc.property(scene, ({ texts, places, isShuffled, include, exclude }) => {
        const batch = batchOf(
          texts.map((line) => Buffer.from(line)),
          isShuffled ? places : undefined,
        )
        const expected = texts.flatMap((line, i) => {
          const isIncluded = include.length === 0 || include.some((needle) => line.includes(needle))
          return isIncluded && !exclude.some((needle) => line.includes(needle)) ? [i] : []
        })
        expect(kept(batch, { include, exclude })).toEqual(expected)
      }),
    )
  })
})

describe('filter by more than texts', () => {
  const maker = new BatchMaker()
  const given: TestLine[] = [
    { text: 'INFO ready', container: 'web-1' },
    { text: 'ERROR status=503', container: 'web-1', stream: 'stderr' },
    { text: 'plain', container: 'db' },
    { text: 'DEBUG status=200', container: 'web-2' },
    { text: 'WARN status=500', container: 'db', stream: 'stderr' },
  ]
  test.each([
    ['patterns keep what they match', { include_regex: ['status=5..'] }, [1, 4]],
    ['a text or a pattern is enough', { include: ['plain'], include_regex: ['(?i)^info'] }, [0, 2]],
    ['patterns take out what they match', { exclude_regex: ['status=[0-9]+$'] }, [0, 2]],
    ['one stream', { streams: ['stderr'] }, [1, 4]],
    ['containers by name', { containers: ['web-*'] }, [0, 1, 3]],
    ['containers by several names', { containers: ['db', 'web-2'] }, [2, 3, 4]],
    ['at least a level, and what says none', { level: 'warn' }, [1, 2, 4]],
    ['an expression', { where: 'container.name == "db" && text.contains("status")' }, [4]],
    ['all of it together', { level: 'warn', containers: ['db'], streams: ['stderr'], exclude: ['503'] }, [4]],
  ])('%s', (_, written, expected) => {
    expect(kept(maker.batchOf(given), written)).toEqual(expected)
  })

  test.each([
    [{ exclude_regex: ['(a'] }, /is no pattern of RE2: missing closing/],
    [{ streams: [] }, /too_small/],
    [{ level: 'loud' }, /trace/],
    [{ where: 'txt == ""' }, /Unknown variable: txt/],
  ])('%j is a mistake', (written, expected) => {
    expect(() => filter.options.parse(written)).toThrow(expected)
  })
})
