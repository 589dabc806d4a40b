import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { until } from '../../../test/helpers/until.ts'
import { activeHandles, descriptorLimit, HeapFloor, openDescriptors, threads } from './read-held.ts'

test('descriptors are as many as are open', async () => {
  const before = await openDescriptors()
  const opened = Array.from({ length: 50 }, () => openSync('/dev/null', 'r'))
  expect((await openDescriptors()) - before).toBe(50)
  for (const descriptor of opened) closeSync(descriptor)
  expect(await openDescriptors()).toBe(before)
  expect(await openDescriptors('/nowhere')).toBeNaN()
})

test('threads, and the limit of descriptors', async () => {
  expect(await threads()).toBeGreaterThan(1)
  expect(descriptorLimit()).toBeGreaterThan(10)
  const folder = mkdtempSync(join(tmpdir(), 'limits-'))
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'limits')
  writeFileSync(
    path,
    'Limit  Soft Limit  Hard Limit  Units\nMax open files            4096                 8192                 files\n',
  )
  expect(descriptorLimit(path)).toBe(4096)
  writeFileSync(path, 'Max open files            unlimited            unlimited            files\n')
  expect(descriptorLimit(path)).toBeUndefined()
  expect(descriptorLimit('/nowhere')).toBeUndefined()
  rmSync(folder, { recursive: true })
})

test('a timer and a socket are seen', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const before = activeHandles()
  const timer = setTimeout(() => undefined, 60_000)
  expect(activeHandles()).toEqual({ ...before, timers: before.timers + 1 })
  clearTimeout(timer)
  expect(activeHandles()).toEqual(before)
  server.close()
  await once(server, 'close')
})

test('the heap is read when it was collected in full', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  using heap = new HeapFloor()
  expect(heap.bytes).toBeNaN()
  await until('a collection has been seen', () => {
    collect()
    return !Number.isNaN(heap.bytes)
  })
  expect(heap.bytes).toBeGreaterThan(1e6)
  expect(heap.take()).toBe(heap.bytes)
  expect(heap.take()).toBeNaN()
})
