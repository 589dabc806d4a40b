import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'
import { countDescriptors, ProcessMetrics } from './process-metrics.ts'

test('descriptors are told apart by what they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fd-'))
  const targets = [
    'socket:[1]',
    'socket:[2]',
    'pipe:[3]',
    'anon_inode:[eventpoll]',
    'anon_inode:inotify',
    '/dev/null',
    '/var/log/app.log',
    '/var/log/old.log (deleted)',
    'net:[4026531840]',
    '/proc/17/fd',
  ]
  for (const [fd, target] of targets.entries()) symlinkSync(target, join(folder, String(fd)))
  expect(Object.fromEntries(await countDescriptors(folder))).toEqual({
    socket: 2,
    file: 2,
    pipe: 1,
    anonymous: 2,
    device: 1,
    other: 1,
  })
  rmSync(folder, { recursive: true })
})

test('what is opened and closed shows; where there is no /proc all are zero', async () => {
  const before = await countDescriptors()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const during = await countDescriptors()
  server.close()
  await once(server, 'close')
  expect(during.get('socket')! - before.get('socket')!).toBe(1)
  expect((await countDescriptors()).get('socket')).toBe(before.get('socket'))
  expect([...(await countDescriptors('/nowhere')).values()].every((count) => count === 0)).toBe(true)
})

test('every figure of the process is filled in, and counters only grow', async () => {
  const metrics = createMetrics()
  using figures = new ProcessMetrics(metrics)
  await figures.refresh()
  const first = (await metrics.cpuSeconds.get()).values[0]!.value
  await figures.refresh()
  expect((await metrics.cpuSeconds.get()).values[0]!.value).toBeGreaterThanOrEqual(first)
  for (const gauge of [metrics.heapBytes, metrics.externalBytes, metrics.residentBytes])
    expect((await gauge.get()).values[0]!.value).toBeGreaterThan(0)
  const lags = (await metrics.eventLoopLag.get()).values
  expect(lags.length).toBe(3)
  for (const { value } of lags) expect(value).toBeGreaterThanOrEqual(0)
})

test('a type of handle that is gone shows no longer', async () => {
  const metrics = createMetrics()
  using figures = new ProcessMetrics(metrics)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const listening = async () =>
    (await metrics.handles.get()).values.filter(({ labels }) => labels.type === 'TCPServerWrap').length
  await figures.refresh()
  expect(await listening()).toBe(1)
  server.close()
  await once(server, 'close')
  await figures.refresh()
  expect(await listening()).toBe(0)
})
