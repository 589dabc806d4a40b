import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rowsOf } from '../../batch/row.ts'
import { sizeOf } from './record.ts'
import { segmentHeaderBytes } from './segment.ts'
import { drain, idOf, QueueBench } from './testing.ts'

let bench: QueueBench
beforeEach(() => {
  bench = new QueueBench()
})
afterEach(() => bench[Symbol.dispose]())

type Files = ReadonlyMap<string, Buffer>

function filesOf(folder: string): Files {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`)]))
}

/** Makes the folder what it was, but for what `changed` says. */
function restore(files: Files, changed: Files = new Map()): void {
  for (const name of readdirSync(bench.folder)) rmSync(bench.path(name))
  for (const [name, bytes] of [...files, ...changed]) writeFileSync(bench.path(name), bytes)
  bench.lost.length = 0
}

/** Each group is appended by itself. */
async function write(groups: readonly (readonly number[])[], maxBytes?: number): Promise<void> {
  await using queue = await bench.open(maxBytes)
  for (const ids of groups) await queue.append(ids.map((id) => bench.item(id, { lines: 2, bytes: id })))
}

describe('the last record, cut off at every byte', () => {
  const scenes: [what: string, groups: number[][], left: number[]][] = [
    ['by itself', [[1, 2], [3]], [1, 2]],
    ['of a group', [[1], [2, 3]], [1, 2]],
    ['of the queue', [[1]], []],
  ]
  test.each(scenes)('%s: what is before it stays, and it goes on', async (_what, groups, left) => {
    await write(groups)
    const files = filesOf(bench.folder)
    const [[name, whole]] = [...files].filter(([one]) => one.endsWith('.segment')) as [[string, Buffer]]
    const last = groups.flat().at(-1)!
    const start = whole.length - sizeOf(bench.item(last, { lines: 2, bytes: last }).batch)
    for (let length = start; length < whole.length; length++) {
      restore(files, new Map([[name, whole.subarray(0, length)]]))
      {
        await using queue = await bench.open()
        expect(queue.recovered.map(({ cursor }) => cursor.nanos)).toEqual(left.slice(-1))
        await queue.append([bench.item(9)])
        expect(await drain(queue)).toEqual([...left, 9])
      }
      const torn = { reason: 'torn', records: 1, bytes: length - start }
      expect(bench.lost).toMatchObject(length === start ? [] : [torn])
      await using again = await bench.open()
      expect(await drain(again)).toEqual([...left, 9])
    }
    expect(whole.length - start).toBeGreaterThan(100)
  })

  test('even in the header of a segment', async () => {
    await write([[1]])
    const files = filesOf(bench.folder)
    const name = bench.segments()[0]!
    for (let length = 0; length <= segmentHeaderBytes; length++) {
      restore(files, new Map([[name, files.get(name)!.subarray(0, length)]]))
      await using queue = await bench.open()
      expect([queue.records, bench.segments(), bench.lost]).toEqual([0, [], []])
      await queue.append([bench.item(2)])
      expect(bench.segments()).not.toContain(name)
    }
  })
})

test('of a group that was never confirmed nothing is kept behind a hole in it', async () => {
  await write([[1], [2, 3, 4]])
  const name = bench.segments()[0]!
  const bytes = readFileSync(bench.path(name))
  // As after a power failure in which pages reached the disk in another order than they were written.
  const at = bytes.indexOf('3 xxx')
  bytes.fill(0, at, at + 3)
  writeFileSync(bench.path(name), bytes)
  await using queue = await bench.open()
  expect(queue.recovered.map(({ cursor }) => cursor.nanos)).toEqual([2])
  expect(await drain(queue)).toEqual([1, 2])
  expect(bench.lost).toMatchObject([{ reason: 'torn', records: 2, lines: 4 }])
})

test('a record that was confirmed and is damaged costs itself only, and is said once', async () => {
  await write([[1], [2], [3], [4], [5]])
  const name = bench.segments()[0]!
  const bytes = readFileSync(bench.path(name))
  for (const id of [2, 3]) bytes[bytes.indexOf(`${id} xx`)]! ^= 64
  writeFileSync(bench.path(name), bytes)
  await using queue = await bench.open()
  expect(queue.records).toBe(5)
  expect(await drain(queue)).toEqual([1, 4, 5])
  expect(bench.lost).toMatchObject([
    { reason: 'damaged', records: 1, lines: 2 },
    { reason: 'damaged', records: 1, lines: 2 },
  ])
  expect(bench.logged.map(({ level }) => level)).toEqual(['error'])
  for (let i = 0; i < 3; i++) queue.consume()
  expect(queue.records).toBe(0)
  await queue.flush()
  expect(bench.segments()).toEqual([])
})

test('a bit that flips anywhere costs one record of a segment, or a group of the last, and all of it is counted', async () => {
  const groups = [[1], [2, 3], [4], [5, 6, 7], [8], [9, 10], [11, 12]]
  const all = groups.flat()
  await write(groups, 16_000)
  {
    await using queue = await bench.open(16_000)
    for (let i = 0; i < 2; i++) {
      queue.pass()
      queue.consume()
      await queue.flush()
    }
  }
  const files = filesOf(bench.folder)
  expect(files.size).toBeGreaterThan(3)
  const texts = new Map(all.map((id) => [id, rowsOf(bench.item(id, { lines: 2, bytes: id }).batch)]))
  const flip = fc.record({
    file: fc.constantFrom(...files.keys()),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bit: fc.nat(7),
  })
  let lostInRuns = 0
  await fc.assert(
    fc.asyncProperty(flip, async ({ file, at, bit }) => {
      const bytes = Buffer.from(files.get(file)!)
      bytes[Math.min(bytes.length - 1, Math.floor(at * bytes.length))]! ^= 1 << bit
      restore(files, new Map([[file, bytes]]))
      await using queue = await bench.open(16_000)
      for (const { cursor } of queue.recovered) expect(all).toContain(cursor.nanos)
      const found: number[] = []
      for (let batch = await queue.read(); batch; batch = await queue.read()) {
        found.push(idOf(batch))
        expect(rowsOf(batch)).toEqual(texts.get(found.at(-1)!))
      }
      expect(found).toEqual([...new Set(found)].sort((a, b) => a - b))
      const lost = bench.lost.reduce((sum, { records }) => sum + records, 0)
      // Of the two slots of the position only the newer one matters: without it one record comes again.
      const consumed = found[0] === 2 ? 1 : 2
      if (file !== 'position') expect(found[0]).not.toBe(2)
      expect(found.length + lost).toBe(all.length - consumed)
      expect(lost).toBeLessThanOrEqual(2)
      lostInRuns += lost
    }),
    { numRuns: 400 },
  )
  expect(lostInRuns).toBeGreaterThan(0)
})

test('whatever is overwritten, opening and reading do not fail, and what is read was written', async () => {
  const groups = [[1], [2, 3], [4], [5, 6, 7], [8], [9, 10], [11, 12]]
  await write(groups, 16_000)
  const files = filesOf(bench.folder)
  const texts = new Map(groups.flat().map((id) => [id, rowsOf(bench.item(id, { lines: 2, bytes: id }).batch)]))
  const damage = fc.record({
    file: fc.constantFrom(...files.keys()),
    at: fc.nat(2_000),
    garbage: fc.uint8Array({ minLength: 1, maxLength: 60 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
      const changed = new Map<string, Buffer>()
      for (const { file, at, garbage } of damages) {
        const bytes = changed.get(file) ?? Buffer.from(files.get(file)!)
        const from = at % bytes.length
        bytes.set(garbage.subarray(0, bytes.length - from), from)
        changed.set(file, bytes)
      }
      restore(files, changed)
      await using queue = await bench.open(16_000)
      const found: number[] = []
      for (let batch = await queue.read(); batch; batch = await queue.read()) {
        found.push(idOf(batch))
        expect(rowsOf(batch)).toEqual(texts.get(found.at(-1)!))
      }
      expect(found).toEqual([...new Set(found)].sort((a, b) => a - b))
      for (let i = 0; i < found.length; i++) queue.consume()
      expect([queue.records, queue.lines, queue.bytes]).toEqual([0, 0, 0])
    }),
    { numRuns: 200 },
  )
})

test('segments of another version are refused, not read and not deleted', async () => {
  await write([[1]])
  const name = bench.segments()[0]!
  const files = filesOf(bench.folder)
  const bytes = Buffer.from(files.get(name)!)
  bytes.writeUInt32LE(2, 8)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12)
  writeFileSync(bench.path(name), bytes)
  await expect(bench.open()).rejects.toThrow('it is of version 2')
  expect(bench.segments()).toEqual([name])
})

test('a position that is lost costs no record', async () => {
  {
    await using queue = await bench.open()
    await queue.append([bench.item(1), bench.item(2)])
    queue.pass()
    queue.consume()
  }
  rmSync(bench.path('position'))
  await using queue = await bench.open()
  expect(await drain(queue)).toEqual([1, 2])
  queue.consume()
  await queue.flush()
})

test('segments that vanish under the queue are lost, counted, and passed over', async () => {
  await using queue = await bench.open(16_000)
  for (let id = 0; id < 20; id++) await queue.append([bench.item(id, { bytes: 500 })])
  rmSync(bench.path(bench.segments()[1]!))
  const found = await drain(queue)
  const lost = bench.lost.reduce((sum, { records }) => sum + records, 0)
  expect(lost).toBeGreaterThan(0)
  expect(found.length + lost).toBe(20)
})
