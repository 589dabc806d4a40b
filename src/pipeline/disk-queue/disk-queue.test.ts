import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lineFlags } from '../../batch/flags.ts'
import { createLog } from '../../telemetry/log.ts'
import { textsOf, ToyBatches } from '../testing.ts'
import { DiskQueue } from './disk-queue.ts'
import type { Lost } from './open-segments.ts'
import { sizeOf } from './record.ts'

let folder: string
let lost: Lost[]
const toys = new ToyBatches()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'disk-queue-'))
  lost = []
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const open = (maxBytes = 1024 * 1024, at = folder) =>
  DiskQueue.open({ folder: at, maxBytes, log: createLog('silent'), onLost: (one) => lost.push(one) })

/** A batch of lines of stream `a` at `second`, each `bytes` long at least. */
function batch(second: number, { lines = 1, bytes = 0 } = {}) {
  const text = (ordinal: number) => `${second}.${ordinal}`.padEnd(bytes, '.')
  return toys.of(
    Array.from({ length: lines }, (_, ordinal) => ({ key: 'a', seconds: second, ordinal, text: text(ordinal) })),
    Math.max(4_096, lines * (bytes + 16)),
  )
}

const append = (queue: DiskQueue, ...seconds: number[]) =>
  queue.append(seconds.map((second) => ({ batch: batch(second), progress: batch(second).progress })))

async function readAll(queue: DiskQueue): Promise<string[]> {
  const texts: string[] = []
  for (let one = await queue.read(); one; one = await queue.read()) texts.push(...textsOf(one))
  return texts
}

const segments = () => readdirSync(folder).filter((name) => name.endsWith('.segment'))
const descriptors = () => readdirSync('/proc/self/fd').length

test('batches come back in order with everything that is in them, and the progress tells how far', async () => {
  const given = batch(7, { lines: 3, bytes: 20 })
  await using queue = await open()
  await queue.append([{ batch: given, progress: given.progress }])
  expect([queue.records, queue.lines]).toEqual([1, 3])
  await queue[Symbol.asyncDispose]()
  await using again = await open()
  expect(again.recovered).toEqual(given.progress)
  const back = await again.read()
  expect(textsOf(back!)).toEqual(textsOf(given))
  expect(back!.origins).toEqual(given.origins)
  expect(await again.read()).toBeUndefined()
})

test('lines that were dropped are left behind', async () => {
  const given = batch(1, { lines: 10 })
  given.columns.flags.fill(lineFlags.dropped, 0, 9)
  await using queue = await open()
  await queue.append([{ batch: given, progress: [] }])
  expect(queue.lines).toBe(1)
  const back = await queue.read()
  expect([back!.count, textsOf(back!)]).toEqual([1, ['1.9']])
})

test('any order of appending, reading, passing, consuming and opening again keeps order and counts; at the end nothing is left', async () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        sizes: fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 5 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), sizes: fc.constant([]) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), sizes: fc.constant([]) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('consume' as const), sizes: fc.constant([]) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const), sizes: fc.constant([]) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const here = mkdtempSync(join(tmpdir(), 'disk-queue-'))
      let queue = await open(64 * 1024, here)
      const waiting: string[] = []
      let taken = 0
      let next = 0
      for (const { kind, sizes } of steps) {
        if (kind === 'append') {
          const batches = sizes.map((bytes) => batch(next++, { bytes }))
          await queue.append(batches.map((one) => ({ batch: one, progress: one.progress })))
          waiting.push(...batches.map((one) => textsOf(one)[0]!))
        } else if (kind === 'read') {
          const read = await queue.read()
          expect(read && textsOf(read)[0]).toBe(waiting[taken])
          if (read) taken += 1
        } else if (kind === 'pass' && taken < waiting.length) {
          queue.pass()
          taken += 1
        } else if (kind === 'consume' && taken > 0) {
          queue.consume()
          waiting.shift()
          taken -= 1
        } else if (kind === 'reopen') {
          await queue[Symbol.asyncDispose]()
          queue = await open(64 * 1024, here)
          taken = 0
        }
        expect([queue.records, queue.lines]).toEqual([waiting.length, waiting.length])
      }
      while (taken < waiting.length) {
        queue.pass()
        taken += 1
      }
      for (; taken > 0; taken--) queue.consume()
      await queue.flush()
      expect(readdirSync(here).filter((name) => name.endsWith('.segment'))).toEqual([])
      await queue[Symbol.asyncDispose]()
      rmSync(here, { recursive: true })
    }),
    { numRuns: 100 },
  )
  expect(lost).toEqual([])
}, 60_000)

test('a last record that is cut at any byte is cut off and counted; what was before it stays, and appending goes on', async () => {
  {
    await using queue = await open()
    await append(queue, 1, 2)
  }
  const path = join(folder, segments()[0]!)
  const before = statSync(path).size
  {
    await using queue = await open()
    await append(queue, 3)
  }
  const whole = readFileSync(path)
  for (let size = before; size < whole.length; size++) {
    writeFileSync(path, whole)
    truncateSync(path, size)
    lost = []
    await using queue = await open()
    expect(lost.map(({ reason }) => reason)).toEqual(size === before ? [] : ['torn'])
    await append(queue, 9)
    expect(await readAll(queue)).toEqual(['1.0', '2.0', '9.0'])
  }
})

test('a bit that is turned anywhere loses the records it is in, counted, and nothing else comes back wrong', async () => {
  {
    await using queue = await open()
    for (let second = 1; second <= 6; second++) await append(queue, second)
  }
  const path = join(folder, segments()[0]!)
  const whole = readFileSync(path)
  const all = ['1.0', '2.0', '3.0', '4.0', '5.0', '6.0']
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length * 8 - 1 }), async (bit) => {
      const bytes = Buffer.from(whole)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      writeFileSync(path, bytes)
      // Lost records at the front are consumed.
      rmSync(join(folder, 'position'), { force: true })
      lost = []
      // Another version of the format is refused as a whole, and says so.
      const opened = await open().catch((error: unknown) => String(error))
      if (typeof opened === 'string') return expect(opened).toContain('version')
      await using queue = opened
      const texts = await readAll(queue)
      expect(all).toEqual(expect.arrayContaining(texts))
      expect(texts).toEqual([...texts].sort())
      const missing = lost.reduce((sum, { records }) => sum + records, 0)
      if (texts.length < all.length) expect(missing).toBeGreaterThan(0)
      expect(all.length - texts.length).toBeLessThanOrEqual(1 + (missing === 1 ? 5 : 0))
    }),
    { numRuns: 300 },
  )
}, 60_000)

test('the cap holds, and the oldest segment of which nothing was read can be dropped', async () => {
  await using queue = await open(16 * 1024)
  let second = 0
  const size = sizeOf(batch(0, { bytes: 1_000 }))
  while (queue.hasRoomFor(size)) {
    const one = batch(second++, { bytes: 1_000 })
    await queue.append([{ batch: one, progress: one.progress }])
  }
  const onDisk = segments().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  expect(onDisk).toBeLessThanOrEqual(16 * 1024)
  const first = await queue.read()
  expect(await queue.dropOldest()).toBe(true)
  expect(queue.hasRoomFor(size)).toBe(true)
  expect(lost).toMatchObject([{ reason: 'dropped_oldest' }])
  expect(queue.records).toBe(second - lost[0]!.records)
  queue.consume()
  const rest = await readAll(queue)
  expect([...textsOf(first!), ...rest].length).toBe(second - lost[0]!.records)
})

test('a disk that is full takes none of an append, and all of it when there is room again', async () => {
  const mount = join(folder, 'small')
  execFileSync('mkdir', [mount])
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', mount])
  try {
    await using queue = await open(16 * 1024 * 1024, join(mount, 'queue'))
    await append(queue, 1)
    writeFileSync(join(mount, 'filler'), Buffer.alloc(200 * 1024))
    const large = batch(2, { lines: 10, bytes: 20_000 })
    await expect(queue.append([{ batch: large, progress: [] }])).rejects.toThrow('no space left')
    expect(queue.records).toBe(1)
    rmSync(join(mount, 'filler'))
    await append(queue, 3)
    expect(await readAll(queue)).toEqual(['1.0', '3.0'])
    queue.consume()
    queue.consume()
  } finally {
    execFileSync('umount', [mount])
  }
})

test('an idle queue has no file open, and closing leaves no descriptor', async () => {
  const before = descriptors()
  const queue = await open()
  await append(queue, 1, 2)
  await queue.read()
  await queue.read()
  expect(descriptors()).toBe(before)
  await queue[Symbol.asyncDispose]()
  expect(descriptors()).toBe(before)
})
