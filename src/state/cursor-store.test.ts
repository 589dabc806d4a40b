import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Cursor } from '../batch/cursor.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { CursorStore } from './cursor-store.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cursors-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (path = folder, now?: () => number) =>
  CursorStore.open({ folder: path, log: createLog('silent'), metrics: createMetrics(), ...(now ? { now } : {}) })
const at = (seconds: number, count = 1): Cursor => ({ seconds, nanos: 0, count })

test('what was advanced is there after closing and opening', async () => {
  const store = await open()
  store.advance('a', [{ key: 'e/c/stdout', cursor: at(1) }])
  store.advance('b', [{ key: 'e/c/stdout', cursor: at(2) }])
  store.advance('a', [{ key: 'e/c/stdout', cursor: at(3) }])
  await store[Symbol.asyncDispose]()
  const again = await open()
  expect([again.position('a', 'e/c/stdout'), again.position('b', 'e/c/stdout'), again.position('a', 'other')]).toEqual([
    at(3),
    at(2),
    undefined,
  ])
  await again[Symbol.asyncDispose]()
})

test('a cursor may go back: the engine’s clock was set back', async () => {
  const store = await open()
  store.advance('a', [{ key: 'k', cursor: at(100) }])
  store.advance('a', [{ key: 'k', cursor: at(50) }])
  await store[Symbol.asyncDispose]()
  await using again = await open()
  expect(again.position('a', 'k')).toEqual(at(50))
})

test('what a sink has recovered counts where it is further', async () => {
  await using store = await open()
  store.advance('a', [
    { key: 'behind', cursor: at(1) },
    { key: 'ahead', cursor: at(9) },
  ])
  store.merge('a', [
    { key: 'behind', cursor: at(5) },
    { key: 'ahead', cursor: at(5) },
    { key: 'new', cursor: at(5) },
  ])
  expect(['behind', 'ahead', 'new'].map((key) => store.position('a', key)?.seconds)).toEqual([5, 9, 5])
})

test('places move to other keys, for good, and take the place of none', async () => {
  const store = await open()
  store.advance('a', [
    { key: 'k', cursor: at(1) },
    { key: 'k#x', cursor: at(2) },
    { key: 'other', cursor: at(3) },
  ])
  store.advance('b', [{ key: 'k', cursor: at(4) }])
  await store.flush()
  store.rename('a', (key) => (key === 'k' ? ['k#x', 'k#y'] : [key]))
  await store[Symbol.asyncDispose]()
  await using again = await open()
  expect([...again.keys('a')].sort()).toEqual(['k#x', 'k#y', 'other'])
  expect(['k#x', 'k#y', 'other'].map((key) => again.position('a', key)?.seconds)).toEqual([2, 1, 3])
  expect(again.position('b', 'k')).toEqual(at(4))
})

test('a journal cut at any byte gives only positions that had been acknowledged', async () => {
  const store = await open()
  const keys = ['e/a/stdout', 'e/b/stdout', 'e/c/stderr']
  for (let step = 1; step <= 10; step++) {
    store.advance(
      'disk',
      keys.slice(0, 1 + (step % 3)).map((key) => ({ key, cursor: at(step, step) })),
    )
    await store.flush()
  }
  await store[Symbol.asyncDispose]()
  const journal = readFileSync(join(folder, 'journal'))
  for (let length = 0; length <= journal.length; length += 7) {
    const copy = mkdtempSync(join(tmpdir(), 'cut-'))
    writeFileSync(join(copy, 'journal'), journal.subarray(0, length))
    const cut = await open(copy)
    for (const key of keys) {
      const cursor = cut.position('disk', key)
      if (cursor) expect(cursor).toEqual(at(cursor.seconds, cursor.seconds))
    }
    await cut[Symbol.asyncDispose]()
    rmSync(copy, { recursive: true })
  }
})

test('damage in the middle costs its own records only, and the original is set aside', async () => {
  const store = await open()
  for (const key of ['one', 'two', 'three']) {
    store.advance('disk', [{ key, cursor: at(1) }])
    await store.flush()
  }
  const lines = readFileSync(join(folder, 'journal'), 'utf8').split('\n')
  await store[Symbol.asyncDispose]()
  const two = lines.findIndex((line) => line.includes('two'))
  lines[two] = lines[two]!.replace('two', 'tw0')
  writeFileSync(join(folder, 'journal'), lines.join('\n'))
  const again = await open()
  expect(['one', 'two', 'tw0', 'three'].map((key) => again.position('disk', key) !== undefined)).toEqual([
    true,
    false,
    false,
    true,
  ])
  await again[Symbol.asyncDispose]()
  expect(readdirSync(folder).filter((name) => name.startsWith('journal.broken-'))).toHaveLength(1)
})

test('cursors of containers that are gone expire after a week, others never', async () => {
  const day = 86_400_000
  let now = 1_000 * day
  const store = await open(folder, () => now)
  store.advance(
    'disk',
    ['e/here/stdout', 'e/gone/stdout', 'f/other/stdout'].map((key) => ({ key, cursor: at(1) })),
  )
  store.markPresent('e/', (key) => key.includes('here'))
  await store[Symbol.asyncDispose]()
  const keys = ['e/here/stdout', 'e/gone/stdout', 'f/other/stdout']
  const known = async () => {
    await using again = await open(folder, () => now)
    return keys.filter((key) => again.position('disk', key))
  }
  now += 6 * day
  expect(await known()).toEqual(keys)
  now += 2 * day
  // Expired when the journal is rewritten, which opening does.
  await known()
  expect(await known()).toEqual(['e/here/stdout', 'f/other/stdout'])
})

test('cursors of a destroyed container go after a minute, and of others that are gone no more than 10,000 stay', async () => {
  let now = 1_000_000_000
  await using store = await open(folder, () => now)
  const keys = Array.from({ length: 10_003 }, (_, i) => `e/${i}/stdout`)
  store.advance(
    'disk',
    keys.map((key) => ({ key, cursor: at(1) })),
  )
  const known = () => keys.filter((key) => store.position('disk', key))
  store.markDestroyed([keys[0]!])
  now += 50_000
  store.markPresent('e/', (key) => key !== keys[1])
  expect(known()).toHaveLength(10_003)
  now += 50_000
  store.markPresent('e/', () => false)
  expect(known()).toHaveLength(10_000)
  expect(store.position('disk', keys[0]!)).toBeUndefined()
  expect(store.position('disk', keys[1]!)).toBeUndefined()
})

test('a container that comes back keeps its cursor', async () => {
  let now = 1_000_000_000
  const store = await open(folder, () => now)
  store.advance('disk', [{ key: 'e/c/stdout', cursor: at(1) }])
  store.markPresent('e/', () => false)
  store.markPresent('e/', () => true)
  await store[Symbol.asyncDispose]()
  now += 30 * 86_400_000
  for (let i = 0; i < 2; i++) {
    await using again = await open(folder, () => now)
    expect(again.position('disk', 'e/c/stdout')).toEqual(at(1))
  }
})

test('a full disk is told, and everything is written when there is room', async () => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
  try {
    const store = await open(join(disk, 'cursors'))
    writeFileSync(join(disk, 'ballast'), 'x'.repeat(52_000))
    const progress = Array.from({ length: 400 }, (_, i) => ({
      key: `engine/${'0'.repeat(40)}${i}/stdout`,
      cursor: at(i),
    }))
    store.advance('disk', progress)
    await expect.poll(() => store.failure, { timeout: 5_000 }).toContain('ENOSPC')
    rmSync(join(disk, 'ballast'))
    await expect.poll(() => store.failure, { timeout: 10_000 }).toBeUndefined()
    await store[Symbol.asyncDispose]()
    const again = await open(join(disk, 'cursors'))
    for (const { key, cursor } of progress) expect(again.position('disk', key)).toEqual(cursor)
    await again[Symbol.asyncDispose]()
  } finally {
    execFileSync('umount', [disk])
  }
})
