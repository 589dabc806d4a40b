import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataDirError } from './data-dir-error.ts'
import { DataDirLock } from './data-dir-lock.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lock-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('keeps a second one out, and lets it in afterwards', async () => {
  const first = await DataDirLock.open(folder)
  await expect(DataDirLock.open(folder)).rejects.toThrow(`is in use by process ${process.pid}`)
  await first[Symbol.asyncDispose]()
  expect(existsSync(join(folder, 'lock'))).toBe(false)
  const second = await DataDirLock.open(folder)
  await second[Symbol.asyncDispose]()
})

test.each([
  ['of a process that is gone', '4194303 12345@boot'],
  ['of another process with the same number', `${process.pid} 1@another-boot`],
  ['that is empty', ''],
  ['that is rubbish', 'rubbish\n'],
])('a lock %s is taken over', async (_name, contents) => {
  writeFileSync(join(folder, 'lock'), contents)
  const lock = await DataDirLock.open(folder)
  expect(readFileSync(join(folder, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `))
  await lock[Symbol.asyncDispose]()
})

test('a data_dir whose path is longer than that of a socket may be', async () => {
  const deep = join(folder, 'a'.repeat(120))
  const first = await DataDirLock.open(deep)
  await expect(DataDirLock.open(deep)).rejects.toThrow(DataDirError)
  await first[Symbol.asyncDispose]()
  expect(readdirSync(deep)).toEqual([])
})

test('a folder that cannot be made is named, with a cure', async () => {
  writeFileSync(join(folder, 'file'), '')
  await expect(DataDirLock.open(join(folder, 'file', 'state'))).rejects.toThrow(DataDirError)
  await expect(DataDirLock.open(join(folder, 'file', 'state'))).rejects.toMatchObject({
    hint: expect.stringContaining('choose a folder') as string,
  })
})

const lockFile = () => join(folder, 'lock')

test.each(['', '1 1@another-boot'])('of many that find the same stale lock (%j) one gets it', async (stale) => {
  for (let round = 0; round < 20; round++) {
    writeFileSync(lockFile(), stale)
    const opened = await Promise.allSettled(Array.from({ length: 8 }, () => DataDirLock.open(folder)))
    const held = opened.filter((result) => result.status === 'fulfilled')
    expect(held.length).toBe(1)
    for (const result of opened) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DataDirError)
    await held[0]!.value[Symbol.asyncDispose]()
    if (stale === '') break // Each takes a second of patience.
  }
})

test('a guard that a crash left does not keep the next one out', async () => {
  writeFileSync(lockFile(), '1 1@another-boot')
  writeFileSync(`${lockFile()}.takeover`, '')
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(`${lockFile()}.takeover`, longAgo, longAgo)
  const lock = await DataDirLock.open(folder)
  await lock[Symbol.asyncDispose]()
  expect(readdirSync(folder)).toEqual([])
})
