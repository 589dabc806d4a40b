import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Cursor } from '../batch/cursor.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { CursorStore } from './cursor-store.ts'
import { DataDirError } from './data-dir-error.ts'

const metrics = createMetrics()
let folder: string
let logged: { level: string; msg: string }[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cursors-'))
  logged = []
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const log = createLog('info', { write: (line) => void logged.push(JSON.parse(line) as (typeof logged)[number]) })
const journal = () => join(folder, 'journal')
const openStore = () => CursorStore.open({ folder, log, metrics })
const at = (seconds: number, count = 1): Cursor => ({ seconds, nanos: 0, count })
const place = (key: string, seconds: number) => [{ key, cursor: at(seconds) }]
const asides = () => readdirSync(folder).filter((name) => name.startsWith('journal.broken-'))

/** Moves one stream through `places`, each flushed by itself, and gives the journal as a kill would leave it. */
async function journalOf(places: readonly { key: string; seconds: number }[]): Promise<Buffer> {
  const store = await openStore()
  for (const { key, seconds } of places) {
    store.advance('disk', place(key, seconds))
    await store.flush()
  }
  const bytes = readFileSync(journal())
  await store[Symbol.asyncDispose]()
  return bytes
}

test('a cursor that moves is on disk soon, without being asked', async () => {
  await using store = await openStore()
  const empty = statSync(journal()).size
  store.advance('disk', place('a', 1))
  await expect.poll(() => statSync(journal()).size, { timeout: 10_000 }).toBeGreaterThan(empty)
})

test('a kill at any byte leaves a place that was acknowledged, and never an earlier one than was synced', async () => {
  const seconds = [1, 2, 3]
  const bytes = await journalOf(seconds.map((second) => ({ key: 'a', seconds: second })))
  let latest = 0
  for (let length = 0; length <= bytes.length; length++) {
    writeFileSync(journal(), bytes.subarray(0, length))
    await using store = await openStore()
    const found = store.position('disk', 'a')?.seconds ?? 0
    expect([latest, latest + 1]).toContain(found)
    latest = found
    for (const aside of asides()) rmSync(join(folder, aside))
  }
  expect(latest).toBe(3)
})

test('whatever is overwritten, what is read back was acknowledged', async () => {
  const keys = ['a', 'b', 'c']
  const places = Array.from({ length: 12 }, (_, i) => ({ key: keys[i % 3]!, seconds: i + 1 }))
  const bytes = await journalOf(places)
  const damage = fc.record({ at: fc.nat(bytes.length - 1), garbage: fc.uint8Array({ minLength: 1, maxLength: 40 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
      const damaged = Buffer.from(bytes)
      for (const { at: offset, garbage } of damages) damaged.set(garbage.subarray(0, bytes.length - offset), offset)
      writeFileSync(journal(), damaged)
      await using store = await openStore()
      for (const key of keys) {
        const found = store.position('disk', key)
        if (found) expect(places).toContainEqual({ key, seconds: found.seconds })
      }
      for (const aside of asides()) rmSync(join(folder, aside))
    }),
    { numRuns: 100 },
  )
})

test.each([
  { what: 'garbage in the middle', damage: (good: string) => good.replace('\n', '\n\u0000rubbish\n'), left: 2 },
  { what: 'a torn tail', damage: (good: string) => `${good}12345678 {"sink":"di`, left: 2 },
  { what: 'another checksum', damage: (good: string) => good.replace(/\n.(.*)\n$/, '\nz$1\n'), left: 1 },
  { what: 'nothing at all', damage: () => '', left: 0 },
])('a journal with $what is said, set aside and mended', async ({ damage, left }) => {
  const good = (
    await journalOf([
      { key: 'a', seconds: 1 },
      { key: 'a', seconds: 2 },
    ])
  ).toString()
  writeFileSync(journal(), damage(good))
  {
    await using store = await openStore()
    expect(store.position('disk', 'a')?.seconds ?? 0).toBe(left)
  }
  expect(logged.map(({ level }) => level)).toEqual(['error'])
  expect(asides().map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([damage(good)])
  await using again = await openStore()
  expect(again.position('disk', 'a')?.seconds ?? 0).toBe(left)
  expect(logged.length).toBe(1)
})

test('a folder in place of the journal is set aside', async () => {
  mkdirSync(journal())
  await using store = await openStore()
  store.advance('disk', place('a', 1))
  await store.flush()
  expect(logged.map(({ msg }) => msg)).toEqual([
    'the cursors on disk cannot be read; they are set aside, and reading begins anew',
  ])
  expect(asides().length).toBe(1)
})

test('a place that cannot be written at the start is named, with the cure', async () => {
  writeFileSync(join(folder, 'file'), '')
  const opening = CursorStore.open({ folder: join(folder, 'file', 'cursors'), log, metrics })
  await expect(opening).rejects.toThrow(DataDirError)
  await expect(opening).rejects.toThrow(`${folder}/file/cursors`)
})

test('while it cannot be written it is said once, counted and tried again; nothing is lost', async () => {
  const fresh = createMetrics()
  const store = await CursorStore.open({ folder, log, metrics: fresh })
  const errors = async () => (await fresh.cursorFlushErrors.get()).values[0]?.value ?? 0
  // A folder in its place fails for root, too.
  rmSync(journal())
  mkdirSync(journal())
  store.advance('disk', place('a', 1))
  await expect.poll(errors, { timeout: 10_000 }).toBeGreaterThan(1)
  expect(store.failure).toBeDefined()
  expect(logged.filter(({ level }) => level === 'error').length).toBe(1)
  store.advance('disk', place('b', 2))
  rmSync(journal(), { recursive: true })
  await expect.poll(() => store.failure, { timeout: 10_000 }).toBe(undefined)
  await store[Symbol.asyncDispose]()
  await using again = await openStore()
  expect([again.position('disk', 'a'), again.position('disk', 'b')]).toEqual([at(1), at(2)])
})

test('the journal does not grow without end, and is not rewritten for every change of many streams', async () => {
  const store = await openStore()
  const many = Array.from({ length: 20_000 }, (_, i) => ({ key: `engine/${'c'.repeat(64)}${i}/stdout`, cursor: at(i) }))
  store.advance('disk', many)
  await store.flush()
  const whole = statSync(journal()).size
  store.advance('disk', place(many[0]!.key, 9))
  await store.flush()
  const rewritten = statSync(journal()).ino
  let largest = 0
  let rewrites = 0
  let inode = rewritten
  for (let i = 0; i < 30; i++) {
    store.advance('disk', many.slice(0, 5_000))
    await store.flush()
    const { size, ino } = statSync(journal())
    largest = Math.max(largest, size)
    if (ino !== inode) rewrites += 1
    inode = ino
  }
  expect(largest).toBeLessThan(3 * whole)
  expect(rewrites).toBeLessThan(10)
  await store[Symbol.asyncDispose]()
})
