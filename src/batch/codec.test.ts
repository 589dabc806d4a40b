import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBatch, encodeBatch } from './codec.ts'
import type { FieldValue } from './fields/values.ts'
import { lineFlags } from './flags.ts'
import { BufferPool } from '../lib/buffer-pool.ts'
import { mergeBatches, mergeInParts } from './merge.ts'
import { rowsOf } from './row.ts'
import { BatchMaker, type TestLine } from './testing.ts'

const line = fc.record({
  text: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  container: fc.constantFrom('a', 'b', 'c'),
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  seconds: fc.integer({ min: 0, max: 2 ** 40 }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
  ordinal: fc.integer({ min: 0, max: 2 ** 31 }),
  flags: fc.constantFrom(0, lineFlags.truncated, lineFlags.dropped),
  ownTime: fc.option(
    fc.record({ seconds: fc.integer({ min: 0, max: 4_000_000_000 }), nanos: fc.integer({ min: 0, max: 999_999_999 }) }),
    { nil: undefined },
  ),
  fields: fc.option(
    fc.dictionary(fc.constantFrom('a', 'b', 'c.d', '__proto__', 'é'), fc.jsonValue() as fc.Arbitrary<FieldValue>),
    { nil: undefined },
  ),
})
const lines = fc.array(line, { minLength: 1, maxLength: 30 })

/** As it is read from a disk: in memory of its own. */
function written(parts: readonly Buffer[]): Buffer {
  const whole = Buffer.concat(parts)
  const bytes = Buffer.allocUnsafeSlow(whole.length)
  whole.copy(bytes)
  return bytes
}

test('a batch comes back from its bytes as it was', () => {
  const property = fc.property(lines, (given: TestLine[]) => {
    const batch = new BatchMaker().batchOf(given)
    const back = decodeBatch(written(encodeBatch(batch, batch.progress)))
    expect(rowsOf(back)).toEqual(rowsOf(batch))
    expect(back.progress).toEqual(batch.progress)
    expect(back.measure()).toEqual(batch.measure())
    expect(Math.abs(back.openedAtMs - batch.openedAtMs)).toBeLessThan(10_000)
  })
  fc.assert(property)
})

test('bytes that do not fit their head are refused', () => {
  const batch = new BatchMaker().batchOf([{ text: 'one' }])
  const bytes = written(encodeBatch(batch, []))
  expect(() => decodeBatch(bytes.subarray(0, -1))).toThrow('do not fit')
})

test('merged batches have the lines of all that are not dropped, in order, and the last progress of each stream', () => {
  const property = fc.property(fc.array(lines, { minLength: 1, maxLength: 4 }), (given: TestLine[][]) => {
    const maker = new BatchMaker()
    const batches = given.map((one) => maker.batchOf(one))
    const merged = mergeBatches(batches)
    const expected = batches.flatMap(rowsOf).filter(({ flags }) => (flags & lineFlags.dropped) === 0)
    expect(rowsOf(merged)).toEqual(expected)
    const last = new Map(batches.flatMap(({ progress }) => progress.map((one) => [one.key, one])))
    expect(new Map(merged.progress.map((one) => [one.key, one]))).toEqual(last)
  })
  fc.assert(property)
})

test('a merge of some origins has their lines and progress only', () => {
  const maker = new BatchMaker()
  const batch = maker.batchOf([
    { text: '1', container: 'a' },
    { text: '2', container: 'b' },
    { text: '3', container: 'a' },
  ])
  const merged = mergeBatches([batch], { isWanted: ({ container }) => container.name === 'a' })
  expect(rowsOf(merged).map(({ text }) => text)).toEqual(['1', '3'])
  expect(merged.progress.map(({ key }) => key)).toEqual(['engine/a/stdout'])
})

test('merged in parts, the lines of each origin are in its part, in order; parts share memory, which serves again after the last', () => {
  const pool = new BufferPool()
  const partOf = ({ container }: { container: { name: string } }) => container.name.charCodeAt(0) % 2
  const property = fc.property(fc.array(lines, { minLength: 1, maxLength: 4 }), (given: TestLine[][]) => {
    const maker = new BatchMaker()
    const batches = given.map((one) => maker.batchOf(one))
    const made = mergeInParts(batches, { parts: 2, partOf }, { pool, leastBytes: 20_000 })
    const expected = [0, 1]
      .map((part) => mergeBatches(batches, { isWanted: (origin) => partOf(origin) === part }))
      .filter(({ count }) => count > 0)
    expect(made.map(rowsOf)).toEqual(expected.map(rowsOf))
    expect(made.map(({ progress }) => progress)).toEqual(expected.map(({ progress }) => progress))
    const memory = made.map(({ bytes }) => bytes.buffer)
    for (const batch of made) batch.release()
    if (memory.length === 0) return
    expect(new Set(memory).size).toBe(1)
    const next = pool.take(20_000)
    expect(next.buffer).toBe(memory[0])
    pool.give(next)
  })
  fc.assert(property)
})
