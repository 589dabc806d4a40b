import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drain, QueueBench } from '../pipeline/disk-queue/testing.ts'
import { createLog } from '../telemetry/log.ts'
import { warnOfOrphanQueues } from './orphan-queues.ts'

test('lines of sinks that are not configured are told of, once delivered no more', async () => {
  using bench = new QueueBench()
  for (const sink of ['gone', 'here', 'empty']) {
    await using queue = await bench.open(1e9, join(bench.folder, sink))
    await queue.append([bench.item(1, { lines: 3 }), bench.item(2, { lines: 4 })])
    if (sink === 'empty') {
      await drain(queue)
      queue.consume()
      queue.consume()
    }
  }
  mkdirSync(join(bench.folder, 'lost+found'))
  const said: unknown[] = []
  const log = createLog('info', { write: (line) => void said.push(JSON.parse(line)) })
  await warnOfOrphanQueues(bench.folder, new Set(['here']), log)
  expect(said).toMatchObject([
    { level: 'warn', sink: 'gone', lines: 7, bytes: expect.any(Number) as number, folder: join(bench.folder, 'gone') },
  ])
})

test('a folder that cannot be read is said, and no reason not to start', async () => {
  using bench = new QueueBench()
  const said: unknown[] = []
  const log = createLog('info', { write: (line) => void said.push(JSON.parse(line)) })
  const file = join(bench.folder, 'queues')
  writeFileSync(file, 'a file where the folder should be')
  await warnOfOrphanQueues(file, new Set(), log)
  expect(said).toMatchObject([{ level: 'warn', folder: file, error: expect.stringContaining('ENOTDIR') as string }])
})

test('no folder of queues is nothing to tell of', async () => {
  using bench = new QueueBench()
  await warnOfOrphanQueues(join(bench.folder, 'none'), new Set(), createLog('silent'))
})
