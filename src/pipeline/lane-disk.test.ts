import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import type { Progress } from '../batch/origin.ts'
import type { QueueOptions } from '../component/queue-options.ts'
import type { SendOutcome, Sink } from '../component/sink.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { Lane } from './lane.ts'
import { HeldSink, linesFrom, noDeadLetters, TakingSink, ToyBatches } from './testing.ts'

const delivered: SendOutcome = { status: 'delivered' }
/** Two batches fill half of it. */
const small: QueueOptions = { memory: 20_000, disk: 1024 * 1024, when_full: 'block' }

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lane-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A lane with a disk queue, and batches of one line each: `a@1.0`, `a@2.0`, ... */
class Scene {
  readonly toys = new ToyBatches()
  readonly metrics = createMetrics()
  /** The last place that was acknowledged; undefined: none was. */
  acknowledged: number | undefined
  lane!: Lane
  readonly #end = new AbortController()
  #running: Promise<void> = Promise.resolve()

  static async open(sink: Sink, queue = small): Promise<Scene> {
    const scene = new Scene()
    scene.lane = await Lane.open({
      id: 'far',
      sink,
      queue,
      folder: join(folder, 'queue'),
      deadLetters: noDeadLetters,
      onAcknowledged: (progress) => scene.#acknowledge(progress),
      log: createLog('silent'),
      metrics: scene.metrics,
    })
    scene.#running = scene.lane.run(scene.#end.signal)
    return scene
  }

  #acknowledge(progress: readonly Progress[]): void {
    for (const { cursor } of progress) {
      if (this.acknowledged !== undefined) expect(cursor.seconds).toBeGreaterThan(this.acknowledged)
      this.acknowledged = cursor.seconds
    }
  }

  take(from: number, to: number): void {
    for (let seconds = from; seconds <= to; seconds++) this.lane.take(this.toys.of(linesFrom('a', seconds, 1)), seconds)
  }

  /** Ends as a SIGTERM does. */
  async end(): Promise<void> {
    this.#end.abort(new Error('the test is over'))
    await this.#running
    this.lane.release()
    await this.lane[Symbol.asyncDispose]()
    expect(this.toys.held).toBe(0)
  }
}

/** Takes nothing, and gives up when it is told to. */
class StuckSink implements Sink {
  send(_batch: Batch, signal: AbortSignal): Promise<SendOutcome> {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve({ status: 'retry', reason: 'closing' }), { once: true })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve()
  }
}

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 10_000, interval: 5 })
const texts = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `a@${from + i}.0`)

/** Answers what is open, one after the other, until `count` lines have arrived. */
async function deliver(sink: HeldSink, count: number): Promise<string[]> {
  const arrived: string[] = []
  while (arrived.length < count) {
    await eventually(() => sink.open.length).toBeGreaterThan(0)
    arrived.push(...sink.open[0]!.texts)
    sink.open[0]!.answer.resolve(delivered)
    const rest = sink.open.length
    await eventually(() => sink.open.length).not.toBe(rest === 1 ? -1 : rest)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return arrived
}

test('nothing is written while half of the memory is enough', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open(sink)
  scene.take(1, 2)
  expect(await deliver(sink, 2)).toEqual(texts(1, 2))
  expect(scene.acknowledged).toBe(2)
  expect(readdirSync(join(folder, 'queue')).filter((name) => name.endsWith('.segment'))).toEqual([])
  await scene.end()
})

test('beyond it everything goes to disk, and the cursor moves before the sink has taken anything; then it is delivered in order', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open(sink)
  scene.take(1, 30)
  await eventually(() => scene.acknowledged).toBe(30)
  expect(scene.lane.isDrained).toBe(true)
  expect(scene.lane.status().diskLines).toBe(30)
  expect(scene.lane.status().queuedBytes).toBeLessThan(small.memory)
  expect(await deliver(sink, 30)).toEqual(texts(1, 30))
  await eventually(() => scene.lane.status()).toMatchObject({ diskLines: 0, queuedBatches: 0 })
  // What comes afterwards needs no disk again.
  scene.take(31, 31)
  expect(await deliver(sink, 1)).toEqual(texts(31, 31))
  await scene.end()
})

test('what was not delivered at the end is on disk, and is delivered first after the next start', async () => {
  const scene = await Scene.open(new StuckSink())
  scene.take(1, 2)
  await scene.end()
  expect(scene.acknowledged).toBe(2)
  const taking = new TakingSink()
  const next = await Scene.open(taking)
  expect(next.lane.recovered).toMatchObject([{ key: 'a', cursor: { seconds: 2 } }])
  next.take(3, 3)
  await eventually(() => taking.texts).toEqual(texts(1, 3))
  await next.end()
})

test('a sink that knows that it has some of what is on disk gets only the rest', async () => {
  const scene = await Scene.open(new StuckSink())
  scene.take(1, 10)
  await eventually(() => scene.acknowledged).toBe(10)
  await scene.end()
  const taking = Object.assign(new TakingSink(), {
    recovered: [{ key: 'a', cursor: { seconds: 4, nanos: 0, count: 1 } }],
  })
  const next = await Scene.open(taking)
  await eventually(() => taking.texts).toEqual(texts(5, 10))
  await next.end()
})

test('without a disk lines wait in memory, and the source for room', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open(sink, { ...small, disk: 0 })
  scene.take(1, 10)
  expect(scene.lane.hasRoom).toBe(false)
  expect(existsSync(join(folder, 'queue'))).toBe(false)
  expect(await deliver(sink, 10)).toEqual(texts(1, 10))
  expect(scene.lane.hasRoom).toBe(true)
  await scene.end()
})

test('what a sink can take a moment later stays where it is: nothing goes to disk', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open(sink)
  let last = 0
  for (let round = 0; round < 20; round++) {
    while (scene.lane.hasRoom) scene.take(last + 1, ++last)
    expect(await deliver(sink, 1)).toHaveLength(1)
  }
  expect(scene.lane.status().diskLines).toBe(0)
  expect(scene.acknowledged).toBe(20)
  await deliver(sink, last - 20)
  await scene.end()
})

test('when memory and disk are full the source waits, or the oldest lines on disk go and are counted', async () => {
  const sink = new HeldSink()
  const block = await Scene.open(sink, { ...small, disk: 8_000 })
  let last = 0
  const isFull = () => !block.lane.hasRoom
  while (!isFull() && last < 1_000) {
    block.take(last + 1, ++last)
    await new Promise((resolve) => setImmediate(resolve))
    // It is waited for the sink before anything goes to disk.
    if (isFull() && block.lane.status().diskLines === 0) await block.lane.nextRoom
  }
  expect(block.lane.hasRoom).toBe(false)
  expect(block.lane.status().diskLines).toBeGreaterThan(0)
  expect(await deliver(sink, last)).toEqual(texts(1, last))
  await block.end()

  const other = new HeldSink()
  const drop = await Scene.open(other, { ...small, disk: 8_000, when_full: 'drop_oldest' })
  drop.take(1, 5)
  await eventually(() => drop.acknowledged).toBe(5)
  for (last = 6; last <= 200; last++) {
    drop.take(last, last)
    await eventually(() => drop.lane.hasRoom).toBe(true)
  }
  await eventually(() => drop.acknowledged).toBe(200)
  const left = drop.lane.status().diskLines
  const arrived = await deliver(other, left)
  expect(arrived.at(-1)).toBe('a@200.0')
  expect(arrived).toEqual([...arrived].sort((a, b) => Number.parseInt(a.slice(2)) - Number.parseInt(b.slice(2))))
  const lost = await drop.metrics.queueLinesLost.get()
  const values = lost.values.filter(({ value }) => value > 0)
  expect(values).toMatchObject([{ labels: { reason: 'dropped_oldest' }, value: 200 - left }])
  await drop.end()
})

test('any order of lines, deliveries and restarts delivers every line in order, and at the end nothing is on disk', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 12 }) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 12 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), count: fc.constant(0) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      rmSync(join(folder, 'queue'), { recursive: true, force: true })
      let sink = new HeldSink()
      let scene = await Scene.open(sink)
      const arrived: string[] = []
      let taken = 0
      for (const { kind, count } of [...steps, { kind: 'deliver' as const, count: Infinity }]) {
        if (kind === 'take') {
          scene.take(taken + 1, taken + count)
          taken += count
        } else if (kind === 'deliver') {
          arrived.push(...(await deliver(sink, Math.min(count, taken - arrived.length))))
        } else {
          const ending = scene.end()
          for (const { answer } of sink.open) answer.resolve({ status: 'retry', reason: 'closing' })
          await ending
          sink = new HeldSink()
          scene = await Scene.open(sink)
        }
      }
      expect(arrived).toEqual(texts(1, taken))
      await eventually(() => scene.lane.status()).toMatchObject({ diskLines: 0, queuedBatches: 0 })
      await scene.end()
    }),
    { numRuns: 60 },
  )
}, 60_000)
