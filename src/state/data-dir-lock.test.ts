import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataDirError, DataDirLock } from './data-dir-lock.ts'

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

test('a folder that cannot be made is named, with a cure', async () => {
  writeFileSync(join(folder, 'file'), '')
  await expect(DataDirLock.open(join(folder, 'file', 'state'))).rejects.toThrow(DataDirError)
  await expect(DataDirLock.open(join(folder, 'file', 'state'))).rejects.toMatchObject({
    hint: expect.stringContaining('choose a folder') as string,
  })
})
