import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../../test/helpers/until.ts'
import { BatchMaker } from '../../batch/testing.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics, type Metrics } from '../../telemetry/metrics.ts'
import { Lane } from '../lane.ts'
import { HeldSink, linesFrom, memoryOnly, textsOf, ToyBatches } from '../testing.ts'
import { DeadLetters } from './dead-letters.ts'

const log = createLog('silent')
let disk: string
let metrics: Metrics
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'full-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
  metrics = createMetrics()
})
afterEach(() => {
  execFileSync('umount', [disk])
  rmSync(disk, { recursive: true })
})

const openStore = () => DeadLetters.open({ folder: join(disk, 'letters'), maxBytes: 2 ** 30, log, metrics })
const descriptors = () => readdirSync('/proc/self/fd').length
const ballast = () => join(disk, 'ballast')
const fill = () => {
  try {
    writeFileSync(ballast(), Buffer.alloc(2 ** 21))
  } catch {
    // It is full: that is what was wanted.
  }
}

async function contents(letters: DeadLetters): Promise<string[]> {
  const found: string[] = []
  for await (const { id } of letters.list()) found.push(...textsOf((await letters.read(id))!.batch))
  return found.map((text) => text.slice(0, text.indexOf(' ')))
}

test('on a full disk letters are kept as a whole or not at all; with room it goes on, and all can be removed while it is full', async () => {
  const before = descriptors()
  const add = (letters: DeadLetters, ...names: string[]) =>
    letters.add({
      sink: 'out',
      batch: new BatchMaker().batchOf(names.map((name) => ({ text: `${name} ${'x'.repeat(40_000)}` }))),
      rejections: names.map((reason, i) => ({ reason, lines: [i] })),
    })
  {
    await using letters = await openStore()
    await add(letters, '1')
    fill()
    for (let tries = 0; tries < 3; tries++) await expect(add(letters, '2', '3', '4')).rejects.toThrow('ENOSPC')
    expect(await contents(letters)).toEqual(['1'])
    rmSync(ballast())
    await add(letters, '2', '3', '4')
    expect(await contents(letters)).toEqual(['1', '2', '3', '4'])
  }
  expect(descriptors()).toBe(before)
  fill()
  await using letters = await openStore()
  expect(await contents(letters)).toEqual(['1', '2', '3', '4'])
  expect(await letters.removeAll({})).toBe(4)
  rmSync(ballast())
  await add(letters, '5')
  expect(await contents(letters)).toEqual(['5'])
})

test('a disk that cannot be written to is named', async () => {
  await using letters = await openStore()
  execFileSync('mount', ['-o', 'remount,ro', disk])
  const batch = new BatchMaker().batchOf([{ text: '1' }])
  await expect(letters.add({ sink: 'out', batch, rejections: [{ reason: 'bad', lines: 'all' }] })).rejects.toThrow(
    /EROFS/,
  )
})

test('lines that cannot be kept stay unacknowledged, those behind them wait, and it is said; with room they are kept', async () => {
  await using letters = await openStore()
  fill()
  const sink = new HeldSink()
  const acknowledged: number[] = []
  await using lane = await Lane.open({
    id: 'far',
    sink,
    queue: memoryOnly,
    folder: '/nowhere',
    deadLetters: letters,
    onAcknowledged: (progress) => acknowledged.push(...progress.map(({ cursor }) => cursor.seconds)),
    log,
    metrics,
  })
  const end = new AbortController()
  const running = lane.run(end.signal)
  const toys = new ToyBatches()
  for (const seconds of [1, 2]) lane.take(toys.of(linesFrom('a', seconds, 1)), seconds)
  const answer = async (outcome: Parameters<HeldSink['open'][0]['answer']['resolve']>[0]) =>
    (await until('something is sent', () => sink.open[0])).answer.resolve(outcome)
  await answer({ status: 'rejected', rejections: [{ reason: 'bad', lines: 'all' }] })
  await until('it has failed', () => lane.status().trouble !== undefined)
  expect(lane.status().trouble).toMatch(/dead letters cannot be written: .*ENOSPC/)
  expect([acknowledged, sink.open]).toEqual([[], []])
  rmSync(ballast())
  await answer({ status: 'delivered' })
  await until('all is acknowledged', () => acknowledged.at(-1) === 2)
  expect(lane.status().trouble).toBeUndefined()
  expect(letters.totals().get('far')).toEqual({ letters: 1, lines: 1 })
  end.abort(new Error('the test is over'))
  await running
  lane.release()
  expect(toys.held).toBe(0)
})
