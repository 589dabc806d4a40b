import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DiskQueueError } from './disk-queue-error.ts'
import { drain, QueueBench } from './testing.ts'

let bench: QueueBench
let disk: string
beforeEach(() => {
  bench = new QueueBench()
  disk = bench.path('disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
})
afterEach(() => {
  execFileSync('umount', [disk])
  bench[Symbol.dispose]()
})

const descriptors = () => readdirSync('/proc/self/fd').length
const group = (...ids: number[]) => ids.map((id) => bench.item(id, { bytes: 40_000 }))
const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

test('on a full disk a group is in the queue as a whole or not at all; with room it goes on', async () => {
  const before = descriptors()
  {
    await using queue = await bench.open(1e9, disk)
    writeFileSync(`${disk}/ballast`, Buffer.alloc(400_000))
    await queue.append(group(...ids(0, 5)))
    const { bytes } = queue
    for (let tries = 0; tries < 3; tries++)
      await expect(queue.append(group(...ids(5, 15)))).rejects.toMatchObject({
        code: 'DISK_QUEUE',
        message: expect.stringContaining('ENOSPC') as string,
      })
    expect([queue.records, queue.bytes]).toEqual([5, bytes])
    queue.pass()
    queue.consume()
    await queue.flush()
    rmSync(`${disk}/ballast`)
    await queue.append(group(...ids(5, 15)))
    expect(await drain(queue)).toEqual(ids(1, 19))
  }
  expect(descriptors()).toBe(before)
  await using queue = await bench.open(1e9, disk)
  expect(bench.lost).toEqual([])
  expect(await drain(queue)).toEqual(ids(1, 19))
})

test('a group that failed over several segments leaves none of them', async () => {
  await using queue = await bench.open(800_000, disk)
  await queue.append(group(0))
  const files = readdirSync(disk)
  writeFileSync(`${disk}/ballast`, Buffer.alloc(600_000))
  await expect(queue.append(group(...ids(1, 14)))).rejects.toThrow('ENOSPC')
  expect(readdirSync(disk).filter((name) => name !== 'ballast')).toEqual(files)
  rmSync(`${disk}/ballast`)
  await queue.append(group(...ids(1, 3)))
  expect(await drain(queue)).toEqual(ids(0, 4))
})

test('a disk that is full to the last byte keeps nothing from being read, consumed and deleted', async () => {
  await using queue = await bench.open(400_000, disk)
  await queue.append(group(...ids(0, 8)))
  expect(() => writeFileSync(`${disk}/ballast`, Buffer.alloc(2_000_000))).toThrow('ENOSPC')
  for (let id = 0; id < 8; id++) {
    expect(await queue.read()).toBeDefined()
    queue.consume()
  }
  await queue.flush()
  expect(readdirSync(disk)).toEqual(['ballast', 'position'])
  expect(bench.logged).toEqual([])
})

test('while the disk is read-only nothing is lost, and what failed is said once and made up for', async () => {
  const remount = (how: string) => execFileSync('mount', ['-o', `remount,${how}`, disk])
  await using queue = await bench.open(1e9, disk)
  await queue.append(group(1, 2))
  remount('ro')
  await expect(queue.append(group(3))).rejects.toThrow('EROFS')
  for (let i = 0; i < 2; i++) {
    queue.pass()
    queue.consume()
  }
  await expect(queue.flush()).rejects.toThrow(DiskQueueError)
  expect(bench.logged.map(({ level }) => level)).toEqual(['error'])
  expect(bench.logged[0]!.msg).toContain('cannot be written')
  remount('rw')
  await queue.append(group(3))
  expect(await drain(queue)).toEqual([3])
  await queue.flush()
  await using again = await bench.open(1e9, disk)
  expect(await drain(again)).toEqual([3])
})

test('a folder that cannot be used is named', async () => {
  const file = `${disk}/file`
  writeFileSync(file, '')
  await expect(bench.open(1e9, `${file}/queue`)).rejects.toThrow(`cannot use the queue in ${file}/queue: ENOTDIR`)
  execFileSync('mount', ['-o', 'remount,ro', disk])
  await expect(bench.open(1e9, disk)).rejects.toThrow(DiskQueueError)
  await expect(bench.open(1e9, disk)).rejects.toThrow('EROFS')
})
