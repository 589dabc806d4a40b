import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BatchMaker } from '../../batch/testing.ts'
import { rowsOf } from '../../batch/row.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { DeadLetters } from './dead-letters.ts'

let root: string
let disk: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dead-letters-'))
  disk = join(root, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
})
afterEach(() => {
  execFileSync('umount', [disk])
  rmSync(root, { recursive: true })
})

const open = () => DeadLetters.open({ folder: disk, maxBytes: 1e9, log: createLog('silent'), metrics: createMetrics() })

const add = (letters: DeadLetters, number: number) =>
  letters.add({
    sink: 'out',
    batch: new BatchMaker().batchOf([{ text: `${number} ${'x'.repeat(40_000)}` }]),
    rejections: [{ reason: 'bad', lines: 'all' }],
  })

async function numbersIn(letters: DeadLetters): Promise<number[]> {
  const numbers: number[] = []
  for await (const { id } of letters.list())
    numbers.push(Number.parseInt(rowsOf((await letters.read(id))!.batch)[0]!.text, 10))
  return numbers
}

test('a full disk refuses a letter as a whole, each time; with room it goes on, and nothing is half there afterwards', async () => {
  {
    await using letters = await open()
    for (let number = 0; number < 5; number++) await add(letters, number)
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(820_000))
    for (let tries = 0; tries < 3; tries++)
      await expect(add(letters, 5)).rejects.toMatchObject({ message: expect.stringContaining('ENOSPC') as string })
    expect(await numbersIn(letters)).toEqual([0, 1, 2, 3, 4])
    rmSync(join(disk, 'ballast'))
    await add(letters, 5)
    expect(await numbersIn(letters)).toEqual([0, 1, 2, 3, 4, 5])
  }
  await using letters = await open()
  expect(await numbersIn(letters)).toEqual([0, 1, 2, 3, 4, 5])
})

test('a disk that cannot be written to is named', async () => {
  execFileSync('mount', ['-o', 'remount,ro', disk])
  await using letters = await open()
  await expect(add(letters, 1)).rejects.toThrow(/EROFS/)
})
