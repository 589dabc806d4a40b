import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Batch } from '../../batch/batch.ts'
import { compareCursors, type Cursor } from '../../batch/cursor.ts'
import { lineFlags } from '../../batch/flags.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { sourceKeyOf, wayOf } from '../../batch/way.ts'
import { PassOver } from '../../pipeline/pass-over.ts'
import { maxHeldBytes } from './joining.ts'
import { eventsOf, joiningOf, textsOf, type Written } from './testing.ts'

const beginSeconds = 1_795_000_000

/** A line that names its stream and number besides its text, so that every one is told apart. */
type Line = TestLine & { readonly seconds: number; readonly nanos: number; readonly ordinal: number }

const texts = fc.constantFrom(
  ...['INFO all is well', 'ERROR no', 'plain', '', '  indented', '\tat com.example.Main.run(Main.java:12)'],
  ...['java.io.IOException: reset', 'Caused by: java.lang.Error', 'Traceback (most recent call last):'],
  ...[
    '  File "/app/main.py", line 3, in run',
    'ValueError: no',
    'panic: boom',
    'goroutine 1 [running]:',
    'main.main()',
  ],
  ...['    ^', 'Error: boom', '}', "/app/app.rb:5:in `run'", 'x'.repeat(60)],
)
const scene = fc.record({
  lines: fc
    .array(
      fc.record({
        text: texts,
        container: fc.constantFrom('web', 'db'),
        stream: fc.constantFrom('stdout' as const, 'stderr' as const),
        /** Since the line before, of any stream. */
        afterMs: fc.constantFrom(0, 0, 0, 1, 400, 1_000, 5_000),
        flags: fc.constantFrom(
          ...[0, 0, 0, 0, 0, 0],
          ...[lineFlags.dropped, lineFlags.truncated, lineFlags.gapBefore, lineFlags.unterminated],
        ),
        fields: fc.constantFrom<TestLine['fields'][]>(undefined, undefined, { level: 'error' }, { user: 'ada', n: 1 }),
        ownTime: fc.constantFrom(undefined, undefined, { seconds: 12, nanos: 34 }),
      }),
      { minLength: 1, maxLength: 60 },
    )
    .map(timed),
  cuts: fc.array(fc.nat(60), { maxLength: 8 }),
})
const written = fc.constantFrom<Written>(
  {},
  { presets: ['python', 'go'] },
  { start: ['^(INFO|ERROR|plain)'] },
  { continue: ['^\\s'], flush_after: '300ms' },
)
/** Where events end depends on where they began. */
const longEvents = fc.constantFrom<Written>(
  { start: ['^INFO'], max_lines: 2 },
  { start: ['^INFO'], max_lines: 5 },
  { start: ['^INFO'], max_bytes: 1024 },
  {},
)
const anyOptions = fc
  .tuple(written, fc.constantFrom({}, { max_lines: 2 }, { max_lines: 5, max_bytes: 1024 }))
  .map(([options, limits]): Written => ({ ...options, ...limits }))

function timed(lines: readonly (TestLine & { afterMs: number })[]): Line[] {
  let ms = 0
  const ordinals = new Map<string, number>()
  return lines.map(({ afterMs, ...line }) => {
    ms += afterMs
    const name = `${line.container} ${line.stream} ${ms}`
    const ordinal = ordinals.get(name) ?? 0
    ordinals.set(name, ordinal + 1)
    return { ...line, seconds: beginSeconds + Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6, ordinal }
  })
}

function divide(lines: readonly Line[], cuts: readonly number[]): Line[][] {
  const places = [0, ...cuts.map((cut) => Math.min(cut, lines.length)).sort((a, b) => a - b), lines.length]
  return places.slice(1).flatMap((to, i) => (to > places[i]! ? [lines.slice(places[i], to)] : []))
}

const msOf = ({ seconds, nanos }: { seconds: number; nanos: number }) => (seconds - beginSeconds) * 1000 + nanos / 1e6
const keyOf = ({ container, stream }: TestLine) => `engine/${container}/${stream}`
const isDropped = ({ flags = 0 }: { flags?: number }) => (flags & lineFlags.dropped) !== 0

interface Came {
  readonly key: string
  readonly text: string
  readonly flags: number
  readonly first: Cursor
  /** With the time that its first line says. */
  readonly found: unknown
}

/** What came out, and how far every stream has come by what was said. */
class Out {
  readonly came: Came[] = []
  readonly places = new Map<string, Cursor>()

  take(batch: Batch | undefined): void {
    if (batch === undefined) return
    for (const { origin, text, flags, seconds, nanos, ordinal, fields, ownTime } of rowsOf(batch)) {
      const first = { seconds, nanos, count: ordinal + 1 }
      expect(wayOf(origin.key)).toBe('#whole')
      if (!isDropped({ flags }))
        this.came.push({ key: sourceKeyOf(origin.key), text, flags, first, found: [fields, ownTime] })
    }
    for (const { key, cursor } of batch.progress) this.places.set(sourceKeyOf(key), cursor)
    batch.release()
  }

  of(key: string): Came[] {
    return this.came.filter((one) => one.key === key)
  }
}

const keys = ['engine/web/stdout', 'engine/web/stderr', 'engine/db/stdout', 'engine/db/stderr']

/** Passes the lines on; `byClock`: each batch arrives at the time of its last line, and what is due before goes on then. */
function run(parts: readonly (readonly Line[])[], options: Written, { byClock = false } = {}): Out {
  const joining = joiningOf(options)
  const maker = new BatchMaker()
  const out = new Out()
  for (const lines of parts) {
    if (byClock) out.take(joining.flush(msOf(lines[0]!)))
    const given = maker.batchOf(lines)
    const before = Buffer.from(given.bytes)
    const flags = given.columns.flags.slice(0, given.count)
    out.take(joining.join(given, byClock ? msOf(lines.at(-1)!) : 0))
    expect(before.equals(given.bytes)).toBe(true)
    expect(flags).toEqual(given.columns.flags.slice(0, given.count))
    given.release()
  }
  out.take(joining.flush(Number.POSITIVE_INFINITY))
  expect(joining.dueAtMs).toBeUndefined()
  return out
}

describe('any lines', () => {
  test('divided anywhere and at any times come out the same, none lost, doubled or out of order', () => {
    fc.assert(
      fc.property(scene, anyOptions, ({ lines, cuts }, options) => {
        const whole = run([lines], options)
        for (const byClock of [false, true]) {
          const divided = run(divide(lines, cuts), options, { byClock })
          for (const key of keys) expect(divided.of(key)).toEqual(whole.of(key))
        }
        for (const key of keys) {
          const given = lines.filter((line) => keyOf(line) === key)
          const alive = given.filter((line) => !isDropped(line))
          const pieces = whole.of(key).flatMap(({ text }) => text.split('\n'))
          expect(pieces).toEqual(alive.map(({ text }) => text))
          if (given.length > 0)
            expect(whole.places.get(key)).toMatchObject({
              ...{ seconds: given.at(-1)!.seconds, nanos: given.at(-1)!.nanos, count: given.at(-1)!.ordinal + 1 },
            })
        }
      }),
      { numRuns: 400 },
    )
  })

  test('whose reading ends anywhere and goes on where sinks have come to give the same events, once', () => {
    fc.assert(
      fc.property(scene, anyOptions, fc.nat(8), ({ lines, cuts }, options, count) => {
        const whole = run([lines], options)
        const joining = joiningOf(options)
        const maker = new BatchMaker()
        const out = new Out()
        for (const part of divide(lines, cuts).slice(0, count)) out.take(joining.join(maker.batchOf(part), 0))
        const left = lines.filter((line) => isBehind(line, out.places.get(keyOf(line))))
        if (left.length > 0) {
          const rest = run(divide(left, cuts), options)
          out.came.push(...rest.came)
        }
        for (const key of keys) expect(out.of(key)).toEqual(whole.of(key))
      }),
      { numRuns: 400 },
    )
  })

  test('read again from anywhere, for another sink, give a sink that is further what is behind its place, and no more', () => {
    fc.assert(
      fc.property(scene, longEvents, fc.nat(8), fc.nat(60), ({ lines, cuts }, options, count, from) => {
        const mine = lines.map((line) => ({ ...line, container: 'web', stream: 'stdout' as const }))
        const [key] = keys
        const given = timed(
          mine.map((line, i) => ({ ...line, afterMs: i === 0 ? 0 : msOf(line) - msOf(mine[i - 1]!) })),
        )
        const whole = run([given], options)
        const joining = joiningOf(options)
        const maker = new BatchMaker()
        const out = new Out()
        for (const part of divide(given, cuts).slice(0, count)) out.take(joining.join(maker.batchOf(part), 0))
        const place = out.places.get(key!)
        if (place === undefined) return
        // Now from a place before, within an event perhaps.
        joining.reopen(key!, [place])
        const passOver = new PassOver([{ key: `${key!}#whole`, cursor: place }])
        const begin = Math.min(from, given.findIndex((line) => isBehind(line, place)) >>> 0)
        let emission = 0
        const pass = (batch: Batch | undefined) => {
          emission += 1
          if (batch) out.take(passOver.pass(batch, emission).batch)
        }
        for (const part of divide(given.slice(begin), cuts)) pass(joining.join(maker.batchOf(part), 0))
        pass(joining.flush(Number.POSITIVE_INFINITY))
        expect(out.came).toEqual(whole.came)
      }),
      { numRuns: 400 },
    )
  })
})

function isBehind({ seconds, nanos, ordinal }: Line, place: Cursor | undefined): boolean {
  return place === undefined || compareCursors({ seconds, nanos, count: ordinal + 1 }, place) > 0
}

const at = (ms: number, text: string, more: Partial<TestLine> = {}): TestLine => ({
  ...{ text, seconds: beginSeconds + Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 },
  ...more,
})

describe('an event', () => {
  test.each<[string, TestLine[], Written, string[]]>([
    ['ends where nothing comes for long enough', [at(0, 'a'), at(999, ' b'), at(1_999, ' c')], {}, ['a\n b', ' c']],
    ['never has lines of two streams', [at(0, 'a'), at(0, ' b', { stream: 'stderr' })], {}, ['a', ' b']],
    ['never has lines of two containers', [at(0, 'a'), at(0, ' b', { container: 'db' })], {}, ['a', ' b']],
    ['has so many lines at most', [at(0, 'a'), at(1, ' b'), at(2, ' c')], { max_lines: 2 }, ['a\n b', ' c']],
    [
      'has so many bytes at most, but for a line that is longer',
      [at(0, 'a'), at(1, ` ${'b'.repeat(2_000)}`), at(2, ' c')],
      { max_bytes: '1KiB' },
      ['a', ` ${'b'.repeat(2_000)}`, ' c'],
    ],
    ['ends where lines are missing', [at(0, 'a'), at(1, ' b', { flags: lineFlags.gapBefore })], {}, ['a', ' b']],
    [
      'goes over lines that were taken out',
      [at(0, 'a'), at(1, 'x', { flags: lineFlags.dropped }), at(2, ' b')],
      {},
      ['a\n b'],
    ],
    [
      'begins where a pattern says so, whatever else is said',
      [at(0, 'a'), at(1, ' b'), at(2, ' c')],
      { presets: ['java'], start: ['^ b'] },
      ['a', ' b\n c'],
    ],
    [
      'goes on where a pattern says so',
      [at(0, 'a'), at(1, '+ b'), at(2, ' c')],
      { continue: ['^\\+'] },
      ['a\n+ b', ' c'],
    ],
    [
      'has all that does not begin one',
      [at(0, '1 a'), at(1, 'b'), at(2, ''), at(3, '2 c')],
      { start: ['^[0-9]'] },
      ['1 a\nb\n', '2 c'],
    ],
    [
      'does not have the trace behind a line that says that all is well',
      [at(0, 'INFO started'), at(1, 'Traceback (most recent call last):'), at(2, '  File "a", line 1')],
      {},
      ['INFO started', 'Traceback (most recent call last):\n  File "a", line 1'],
    ],
  ])('%s', (_, lines, options, expected) => {
    expect(eventsOf(lines, options)).toEqual(expected)
  })

  test('has the time of its first line, the flags of all, and the name of its last row behind it', () => {
    const joining = joiningOf({})
    const lines = [
      at(0, 'a', { flags: lineFlags.gapBefore }),
      at(5, ' b', { flags: lineFlags.truncated, ordinal: 3 }),
      at(9, 'c'),
    ]
    const batch = joining.join(new BatchMaker().batchOf(lines), 0)
    const [event, last, ...others] = rowsOf(batch)
    expect(event).toMatchObject({
      text: 'a\n b',
      nanos: 0,
      ordinal: 0,
      flags: lineFlags.gapBefore | lineFlags.truncated,
    })
    expect(last).toMatchObject({ text: '', nanos: 5e6, ordinal: 3, flags: lineFlags.dropped })
    expect(others).toEqual([])
    expect(batch.progress).toEqual([
      { key: 'engine/app/stdout#whole', cursor: { seconds: beginSeconds, nanos: 5e6, count: 4 } },
    ])
  })
})

test('what is held is due so long after its last line, the one that has waited longest first', () => {
  const joining = joiningOf({ flush_after: '2s' })
  const maker = new BatchMaker()
  expect(joining.dueAtMs).toBeUndefined()
  joining.join(maker.batchOf([at(0, 'a'), at(0, 'b', { container: 'db' })]), 1_000).release()
  joining.join(maker.batchOf([at(1, ' a')]), 1_500).release()
  expect(joining.dueAtMs).toBe(3_000)
  expect(joining.flush(2_999)).toBeUndefined()
  expect(textsOf(joining.flush(3_000)!)).toEqual(['b'])
  expect(joining.dueAtMs).toBe(3_500)
  expect(textsOf(joining.flush(3_500)!)).toEqual(['a\n a'])
})

test('thousands of streams together hold no more than they may, and what has waited longest goes on', () => {
  let held = 0
  let cut = 0
  const joining = joiningOf({ max_bytes: '1MiB' }, (told) => {
    held += told.held
    cut += told.cut.memory
  })
  const maker = new BatchMaker()
  const text = 'x'.repeat(500_000)
  const seen: string[] = []
  for (let i = 0; i < 200; i++) {
    joining.join(maker.batchOf([at(i, `${i} ${text}`, { container: `c${i}` })]), i).release()
    if (joining.dueAtMs !== Number.NEGATIVE_INFINITY) continue
    seen.push(...textsOf(joining.flush(i)!).map((event) => event.split(' ')[0]!))
  }
  expect(seen.length).toBe(cut)
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => String(i)))
  expect(held).toBe(200 - seen.length)
  expect(held * 500_000).toBeLessThanOrEqual(maxHeldBytes)
  joining.reopen('engine/c199/stdout', [])
  expect(held).toBe(199 - seen.length)
})

test('lines that became a part of another are counted, and those that are held', () => {
  const sum = { joined: 0, held: 0, lines: 0 }
  const joining = joiningOf({ max_lines: 2 }, ({ joined, held, cut }) => {
    sum.joined += joined
    sum.held += held
    sum.lines += cut.lines
  })
  joining.join(new BatchMaker().batchOf([at(0, 'a'), at(1, ' b'), at(2, ' c'), at(3, 'd'), at(4, ' e')]), 0)
  expect(sum).toEqual({ joined: 1, held: 2, lines: 1 })
  joining.flush(Number.POSITIVE_INFINITY)
  expect(sum).toEqual({ joined: 2, held: 0, lines: 1 })
})
