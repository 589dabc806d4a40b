import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataDirError } from './data-dir-error.ts'
import { DataDirLock } from './data-dir-lock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})
const lockFile = () => join(folder, 'lock')

/** A process that has ended: its number is free or somebody else's. */
async function endedProcess(): Promise<ChildProcess> {
  const child = spawn('true')
  await once(child, 'exit')
  return child
}

test('a second one is told who holds the folder, and may have it afterwards', async () => {
  const first = await DataDirLock.open(folder)
  const second = DataDirLock.open(folder)
  await expect(second).rejects.toThrow(`data_dir ${folder} is in use by process ${process.pid}`)
  await expect(second).rejects.toMatchObject({ code: 'DATA_DIR', hint: expect.stringContaining('stop that') as string })
  await first[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()
  const third = await DataDirLock.open(folder)
  await third[Symbol.asyncDispose]()
  expect(readdirSync(folder)).toEqual([])
})

test('the folder is made', async () => {
  const deep = join(folder, 'a', 'b')
  const lock = await DataDirLock.open(deep)
  expect(existsSync(join(deep, 'lock'))).toBe(true)
  await lock[Symbol.asyncDispose]()
})

test.each([
  { what: 'a process that has ended', contents: async () => `${(await endedProcess()).pid!} 1234@boot` },
  { what: 'a process whose number another has now', contents: async () => `${process.pid} 1@boot` },
  { what: 'nobody, torn by a crash', contents: async () => '' },
  { what: 'rubbish', contents: async () => '\0\0\0' },
])('a lock of $what is taken over', async ({ contents }) => {
  writeFileSync(lockFile(), await contents())
  const lock = await DataDirLock.open(folder)
  expect(readFileSync(lockFile(), 'utf8')).toMatch(new RegExp(`^${process.pid} `))
  await lock[Symbol.asyncDispose]()
  expect(readdirSync(folder)).toEqual([])
})

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

test('a folder that cannot be written is named, with the cure', async () => {
  writeFileSync(join(folder, 'file'), '')
  const opening = DataDirLock.open(join(folder, 'file'))
  await expect(opening).rejects.toThrow(`cannot write to data_dir ${join(folder, 'file')}`)
  await expect(opening).rejects.toMatchObject({ hint: expect.stringContaining('folder') as string })
})
