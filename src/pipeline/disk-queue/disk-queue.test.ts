import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lineFlags } from '../../batch/flags.ts'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import type { DiskQueue } from './disk-queue.ts'
import { sizeOf } from './record.ts'
import { drain, idOf, QueueBench } from './testing.ts'

let bench: QueueBench
beforeEach(() => {
  bench = new QueueBench()
})
afterEach(() => bench[Symbol.dispose]())

const descriptors = () => readdirSync('/proc/self/fd').length
const items = (...ids: number[]) => ids.map((id) => bench.item(id))

test('what is appended is read in order, once, with everything that was in it', async () => {
  await using queue = await bench.open()
  const given = [bench.item(1, { lines: 3, bytes: 20 }), bench.item(2)]
  await queue.append(given)
  expect([queue.records, queue.lines]).toEqual([2, 4])
  expect(queue.bytes).toBe(given.reduce((sum, { batch }) => sum + sizeOf(batch), 0))
  for (const { batch } of given) {
    const back = (await queue.read())!
    expect(rowsOf(back)).toEqual(rowsOf(batch))
    expect(back.progress).toEqual(batch.progress)
  }
  expect(await queue.read()).toBe(undefined)
})

test('what is consumed and flushed is gone; what is not comes again', async () => {
  {
    await using queue = await bench.open()
    await queue.append(items(1, 2, 3))
    expect(idOf((await queue.read())!)).toBe(1)
    queue.pass()
    queue.consume()
  }
  await using queue = await bench.open()
  expect([queue.records, queue.lines]).toEqual([2, 2])
  expect(queue.recovered.map(({ cursor }) => cursor.nanos)).toEqual([3])
  expect(await drain(queue)).toEqual([2, 3])
})

test('the last place of each stream comes back, of records that are not consumed only', async () => {
  const maker = new BatchMaker()
  const batchOf = (container: string, nanos: number) => maker.batchOf([{ text: 'x', container, nanos }])
  const batches = [batchOf('a', 1), batchOf('b', 2), batchOf('c', 3), batchOf('c', 4)]
  {
    await using queue = await bench.open()
    await queue.append(batches.map((batch) => ({ batch, progress: batch.progress })))
    await queue.append([{ batch: batchOf('d', 5), progress: [] }])
    queue.pass()
    queue.consume()
  }
  await using queue = await bench.open()
  expect(queue.recovered.map(({ key, cursor }) => [key, cursor.nanos])).toEqual([
    ['engine/b/stdout', 2],
    ['engine/c/stdout', 4],
  ])
})

test('a batch of which little is left is kept without what was dropped', async () => {
  await using queue = await bench.open()
  const lines: TestLine[] = Array.from({ length: 100 }, (_, i) => ({
    text: `line ${i}`,
    flags: i % 10 === 0 ? 0 : lineFlags.dropped,
  }))
  const batch = new BatchMaker().batchOf(lines)
  await queue.append([{ batch, progress: batch.progress }])
  expect(queue.bytes).toBeLessThan(sizeOf(new BatchMaker().batchOf(lines.map((line) => ({ ...line, flags: 0 })))) / 3)
  expect(queue.bytes).toBeLessThanOrEqual(sizeOf(batch))
  expect(queue.lines).toBe(10)
  const back = (await queue.read())!
  expect(rowsOf(back)).toEqual(rowsOf(batch).filter(({ flags }) => flags === 0))
  expect(back.progress).toEqual(batch.progress)
})

test('an empty queue has no segment, and no descriptor', async () => {
  const before = descriptors()
  await using queue = await bench.open()
  for (let id = 0; id < 5; id++) {
    await queue.append(items(id))
    expect(bench.segments().length).toBe(1)
    expect(idOf((await queue.read())!)).toBe(id)
    queue.consume()
    await queue.flush()
    expect(bench.segments()).toEqual([])
    expect(descriptors()).toBe(before)
  }
  expect([queue.records, queue.lines, queue.bytes]).toEqual([0, 0, 0])
})

test('an append while all before it is consumed loses neither', async () => {
  await using queue = await bench.open()
  await queue.append(items(1))
  const appending = queue.append(items(2))
  queue.pass()
  queue.consume()
  await appending
  await queue.flush()
  expect(await drain(queue)).toEqual([2])
})

test('reading, passing or consuming what is not there is a bug of the caller', async () => {
  await using queue = await bench.open()
  expect(() => queue.pass()).toThrow('no record to pass over')
  await queue.append(items(1))
  expect(() => queue.consume()).toThrow('no record that was read')
  const appending = queue.append(items(2))
  await expect(queue.append(items(3))).rejects.toThrow('one append at a time')
  await appending
})

describe('the cap', () => {
  const large = { bytes: 1_000 }

  /** Appends until the queue is full. */
  async function fill(queue: DiskQueue): Promise<number> {
    let id = 0
    for (let item = bench.item(id, large); queue.hasRoomFor(sizeOf(item.batch)); item = bench.item(++id, large))
      await queue.append([item])
    return id
  }

  test('holds, and a queue that is full has room again soon after the first is consumed', async () => {
    const cap = 100_000
    await using queue = await bench.open(cap)
    const count = await fill(queue)
    expect(bench.diskBytes).toBeLessThanOrEqual(cap)
    expect(bench.diskBytes).toBeGreaterThan(0.95 * cap)
    let consumed = 0
    while (!queue.hasRoomFor(2_000)) {
      queue.pass()
      queue.consume()
      consumed += 1
    }
    expect(consumed).toBeLessThanOrEqual(Math.ceil(count / 8))
    await queue.flush()
    expect(bench.diskBytes).toBeLessThan(0.9 * cap)
  })

  test('room is made by dropping the oldest that nobody holds, and counted', async () => {
    await using queue = await bench.open(100_000)
    const count = await fill(queue)
    expect(idOf((await queue.read())!)).toBe(0)
    const { records, lines, bytes } = queue
    const sizeBefore = bench.diskBytes
    expect(await queue.dropOldest()).toBe(true)
    expect(bench.diskBytes).toBeLessThan(sizeBefore)
    const dropped = bench.lost[0]!
    expect(dropped.reason).toBe('dropped_oldest')
    expect([queue.records, queue.lines, queue.bytes]).toEqual([
      records - dropped.records,
      lines - dropped.lines,
      bytes - dropped.bytes,
    ])
    const left = await drain(queue)
    const inFirst = left.indexOf(left.find((id, i) => id !== i + 1)!)
    expect(left).toEqual(Array.from({ length: count - 1 }, (_, i) => i + 1).toSpliced(inFirst, dropped.records))
    expect(await queue.dropOldest()).toBe(false)
    for (let i = 0; i <= left.length; i++) queue.consume()
    await queue.flush()
    expect(bench.segments()).toEqual([])
  })

  test('the only segment is dropped, too, when nothing of it was read', async () => {
    await using queue = await bench.open()
    expect(await queue.dropOldest()).toBe(false)
    await queue.append(items(1, 2))
    expect(await queue.dropOldest()).toBe(true)
    expect(bench.lost).toMatchObject([{ reason: 'dropped_oldest', records: 2, lines: 2 }])
    expect([queue.records, queue.bytes, bench.segments()]).toEqual([0, 0, []])
    await queue.append(items(3))
    expect(await drain(queue)).toEqual([3])
  })

  test('a record that is larger than a segment has one of its own', async () => {
    await using queue = await bench.open(80_000)
    await queue.append([bench.item(1), bench.item(2, { bytes: 40_000 }), bench.item(3)])
    expect(bench.segments().length).toBe(3)
    expect(await drain(queue)).toEqual([1, 2, 3])
  })
})

type Step =
  | { do: 'append'; sizes: readonly number[] }
  | { do: 'read' | 'pass' | 'consume' | 'flush' | 'reopen' | 'drop' | 'consume while appending' }

test('whatever is done in whatever order, it is a queue', async () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      do: fc.constant('append' as const),
      sizes: fc.array(fc.oneof(fc.nat(300), fc.nat(9_000)), { minLength: 1, maxLength: 5 }),
    }),
    fc.record({ do: fc.constantFrom('read', 'read', 'pass', 'consume', 'consume', 'flush', 'drop' as const) }),
    fc.record({ do: fc.constantFrom('reopen', 'consume while appending' as const) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      using one = new QueueBench()
      let queue = await one.open(40_000)
      let nextId = 0
      const waiting: number[] = []
      const taken: number[] = []
      for (const next of steps) {
        switch (next.do) {
          case 'append': {
            const given = next.sizes.map((bytes) => one.item(nextId++, { bytes }))
            waiting.push(...Array.from(given, (_, i) => nextId - given.length + i))
            await queue.append(given)
            break
          }
          case 'read': {
            const batch = await queue.read()
            expect(batch && idOf(batch)).toBe(waiting[0])
            if (batch) taken.push(waiting.shift()!)
            break
          }
          case 'pass':
            if (waiting.length > 0) {
              queue.pass()
              taken.push(waiting.shift()!)
            }
            break
          case 'consume':
            if (taken.length > 0) {
              queue.consume()
              taken.shift()
            }
            break
          case 'consume while appending': {
            const appending = queue.append([one.item(nextId)])
            waiting.push(nextId++)
            while (taken.length > 0) {
              queue.consume()
              taken.shift()
            }
            await appending
            break
          }
          case 'flush':
            await queue.flush()
            break
          case 'drop':
            if (await queue.dropOldest()) {
              const { records } = one.lost.at(-1)!
              // The rest of the segment that was begun stays.
              const ids = await drain(queue)
              const first = waiting.findIndex((id, i) => ids[i] !== id)
              waiting.splice(first, records)
              expect(ids).toEqual(waiting)
              taken.push(...waiting.splice(0))
            }
            break
          case 'reopen':
            await queue[Symbol.asyncDispose]()
            queue = await one.open(40_000)
            waiting.unshift(...taken.splice(0))
            break
        }
        expect(queue.records).toBe(waiting.length + taken.length)
      }
      expect(await drain(queue)).toEqual(waiting)
      for (let left = waiting.length + taken.length; left > 0; left--) queue.consume()
      expect([queue.records, queue.lines, queue.bytes]).toEqual([0, 0, 0])
      await queue[Symbol.asyncDispose]()
      expect(one.segments()).toEqual([])
    }),
    { numRuns: 60 },
  )
})
