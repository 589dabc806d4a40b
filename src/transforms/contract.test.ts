import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arena } from '../batch/arena.ts'
import { Batch, sliceColumns } from '../batch/batch.ts'
import { Fields } from '../batch/fields/fields.ts'
import { valuesOf } from '../batch/fields/values.ts'
import { lineFlags } from '../batch/flags.ts'
import { BatchMaker, type TestLine } from '../batch/testing.ts'
import type { Router, Shaper, TransformSpec } from '../component/transform.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import type { z } from 'zod'
import * as registry from './registry.ts'

// What every transform holds to, tried on every example of each. See component/transform.ts.

const texts = fc.oneof(
  fc.constantFrom(
    'GET /health 200',
    'ERROR: payment of 4111 1111 1111 1111 refused',
    'level=warn msg="retry" user=ada@example.org',
    '{"level":"info","ip":"10.0.0.1"}',
    'WARN cust-123456 is slow',
    '-----BEGIN PRIVATE KEY-----',
    'MIIEpAIBAAKCAQEA',
    '-----END PRIVATE KEY-----',
    'java.lang.IllegalStateException: no',
    '\tat com.example.Main.run(Main.java:12)',
    '203.0.113.7 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "-" "curl"',
    '<165>1 2003-08-24T05:14:15.000003-07:00 db app 8710 - [a@1 b="c"] text',
    'Feb  5 17:32:18 db sshd[812]: Accepted publickey',
    '2016-10-06T00:17:09.669794202Z stdout F text',
    'order by cust-17 in 1.5 ms',
    'user: ada, took: "5 ms, about"',
    '',
  ),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
)
const line = fc.record({
  text: texts,
  container: fc.constantFrom('web-1', 'db'),
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  /** Since the line before of any stream. */
  afterMs: fc.constantFrom(0, 0, 1, 50, 900, 20_000),
  flags: fc.constantFrom(0, 0, 0, lineFlags.truncated, lineFlags.dropped),
  fields: fc.constantFrom<TestLine['fields'][]>(
    undefined,
    { level: 'debug', message: '{"level":"error"}', user: 'ada@example.org' },
    { status: 500, 'card.number': '4111 1111 1111 1111', ok: true, tags: ['10.0.0.1'] },
  ),
})
const scene = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 40 }),
  cuts: fc.array(fc.nat(40), { maxLength: 6 }),
})

/** What a test sees of a row: everything, with the text by its bytes. */
interface SeenRow {
  readonly isDropped: boolean
  readonly text: string
  readonly fields: unknown
  readonly rest: unknown
}

const specs = Object.values(registry).map((spec) => spec as unknown as TransformSpec<string, z.ZodObject>)
const withoutJoiners = specs.filter(({ holdsBack }) => holdsBack !== true)

describe.each(withoutJoiners.map((spec) => [spec.name, spec] as const))('%s', (_, spec) => {
  const create = (example: object): Shaper => {
    const made = spec.create(spec.options.parse(example), { id: 'shape', metrics: createMetrics() })
    if ('begin' in made) throw new Error(`${spec.name} makes joiners and does not say so`)
    return 'route' in made ? firstOutputOf(made) : made
  }

  test.each(spec.examples.map((example) => [JSON.stringify(example), example] as const))('%s', (_name, example) => {
    fc.assert(
      fc.property(scene, ({ lines, cuts }) => {
        const given = timed(lines)
        const whole = run(create(example), [given])
        const divided = run(create(example), divide(given, cuts))
        expect(divided).toEqual(whole)
        // No line is lost, doubled or out of its place, and what was dropped before stays so.
        expect(whole.map(({ rest }) => rest)).toEqual(see(batchOf(given)).map(({ rest }) => rest))
        for (const [row, { flags = 0 }] of given.entries())
          if ((flags & lineFlags.dropped) !== 0) expect(whole[row]!.isDropped).toBe(true)
      }),
      { numRuns: 30 },
    )
    // A sink that is added, or that was behind, has its source read again from before: what passed then has to pass again.
    fc.assert(
      fc.property(scene, ({ lines }) => {
        const given = timed(lines.map((one) => ({ ...one, stream: 'stdout' as const })))
        const transform = create(example)
        const passed = (rows: SeenRow[]) => rows.flatMap(({ isDropped }, row) => (isDropped ? [] : [row]))
        const first = passed(run(transform, [given]))
        expect(passed(run(transform, [given]))).toEqual(first)
      }),
      { numRuns: 20 },
    )
  })
})

const joiners = specs.filter(({ holdsBack }) => holdsBack === true)

describe.each(joiners.map((spec) => [spec.name, spec] as const))('%s', (_, spec) => {
  test.each(spec.examples.map((example) => [JSON.stringify(example), example] as const))('%s', (_name, example) => {
    fc.assert(
      fc.property(scene, ({ lines, cuts }) => {
        const given = timed(lines)
        const whole = runJoiner(spec, example, [given])
        expect(runJoiner(spec, example, divide(given, cuts))).toEqual(whole)
        // Every byte of every line, in order, and nothing besides.
        for (const key of new Set(given.map(keyOf))) {
          const alive = given.filter((one) => keyOf(one) === key && ((one.flags ?? 0) & lineFlags.dropped) === 0)
          const texts = alive.map(({ text }) => Buffer.from(text as string).toString('latin1'))
          expect(
            whole
              .get(key)
              ?.map(({ text }) => text)
              .join('\n'),
          ).toBe(texts.length === 0 ? undefined : texts.join('\n'))
        }
      }),
      { numRuns: 30 },
    )
  })
})

const keyOf = ({ container, stream }: TestLine) => `engine/${container!}/${stream!}`

/** What a joiner makes of the lines, by stream; all memory is given back, and nothing is held at the end. */
function runJoiner(
  spec: TransformSpec<string, z.ZodObject>,
  example: object,
  parts: readonly (readonly TestLine[])[],
): Map<string, SeenRow[]> {
  const made = spec.create(spec.options.parse(example), { id: 'shape', metrics: createMetrics() })
  if (!('begin' in made)) throw new Error(`${spec.name} makes no joiners`)
  const joining = made.begin()
  const seen = new Map<string, SeenRow[]>()
  const take = (batch: Batch | undefined) => {
    if (batch === undefined) return
    for (const [row, one] of see(batch).entries()) {
      const { key } = batch.origins[batch.columns.origin[row]!]!
      const stream = key.slice(0, key.indexOf('#'))
      if (!one.isDropped) seen.set(stream, [...(seen.get(stream) ?? []), one])
    }
    batch.release()
  }
  for (const lines of parts) {
    const batch = batchOf(lines)
    const before = Buffer.from(batch.bytes)
    take(joining.join(batch, 0))
    expect(before.equals(batch.bytes)).toBe(true)
    batch.release()
  }
  take(joining.flush(Number.POSITIVE_INFINITY))
  expect(joining.dueAtMs).toBeUndefined()
  return seen
}

function timed(lines: readonly (TestLine & { afterMs: number })[]): TestLine[] {
  let ms = 1_795_000_000_000
  let ordinal = 0
  return lines.map(({ afterMs, ...rest }) => {
    ms += afterMs
    ordinal = afterMs === 0 ? ordinal + 1 : 0
    return { ...rest, seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6, ordinal }
  })
}

function divide(lines: readonly TestLine[], cuts: readonly number[]): TestLine[][] {
  const places = [0, ...cuts.map((cut) => Math.min(cut, lines.length)).sort((a, b) => a - b), lines.length]
  return places.slice(1).flatMap((to, i) => (to > places[i]! ? [lines.slice(places[i], to)] : []))
}

const batchOf = (lines: readonly TestLine[]): Batch => new BatchMaker().batchOf(lines)

/** Passes the lines through, a batch after the other. What a batch shares with others is not written to, and all memory is given back. */
function run(transform: Shaper, parts: readonly (readonly TestLine[])[]): SeenRow[] {
  return parts.flatMap((lines) => {
    const made = batchOf(lines)
    const before = Buffer.from(made.bytes)
    let isFree = false
    const { origins, progress, count, openedAtMs, fields } = made
    let fieldsInUse = fields === undefined ? 0 : 1
    const own = fields && new Fields(fields, () => (fieldsInUse -= 1))
    const arena = Arena.over(made.bytes.subarray(0, made.arena.used), () => (isFree = true))
    const columns = sliceColumns(made.columns, 0, count)
    const parts = { columns, arena, origins, progress, count, openedAtMs, fields: own }
    const batch = new Batch({ ...parts, onFree: () => undefined })
    const changed = transform.apply(batch)
    expect(before.equals(made.bytes)).toBe(true)
    expect([changed.progress, changed.origins, changed.openedAtMs]).toEqual([progress, origins, openedAtMs])
    if (changed !== batch) {
      batch.release()
      // Lines that have other bytes have them elsewhere; those that have got fields are where they were.
      expect(isFree).toBe(changed.arena !== arena)
    }
    const rows = see(changed)
    changed.release()
    expect([isFree, fieldsInUse]).toEqual([true, 0])
    return rows
  })
}

/** A router is held to the same: what it sends to its first output. */
function firstOutputOf(router: Router): Shaper {
  return {
    apply(batch) {
      const outputs = router.route(batch)
      for (let row = 0; row < batch.count; row++)
        if (outputs[row] !== 0) batch.columns.flags[row] = batch.columns.flags[row]! | lineFlags.dropped
      return batch
    },
  }
}

/** Dropped rows have no text that counts. */
function see(batch: Batch): SeenRow[] {
  const { columns, count, bytes, origins } = batch
  return Array.from({ length: count }, (_, i) => {
    const isDropped = (columns.flags[i]! & lineFlags.dropped) !== 0
    const flags = columns.flags[i]! & ~lineFlags.dropped
    const { key } = origins[columns.origin[i]!]!
    return {
      isDropped,
      fields: isDropped ? undefined : valuesOf(batch.fields, i),
      text: isDropped ? '' : bytes.toString('latin1', columns.start[i], columns.end[i]),
      rest: [columns.seconds[i], columns.nanos[i], columns.ordinal[i], key, flags],
    }
  })
}
