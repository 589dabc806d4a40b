import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Progress } from '../batch/origin.ts'
import type { SendOutcome, Sink } from '../component/sink.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { Lane } from './lane.ts'
import { HeldSink, linesFrom, memoryOnly, noDeadLetters, ToyBatches } from './testing.ts'

const delivered: SendOutcome = { status: 'delivered' }
const busy: SendOutcome = { status: 'retry', reason: 'busy' }
/** Beyond every back-off. */
const longMs = 60_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** A lane that runs, with batches of one line each: `a@0.0`, `a@1.0`, ... */
class Scene {
  readonly toys = new ToyBatches()
  readonly metrics: Metrics
  readonly acknowledged: number[]
  readonly lane: Lane
  readonly logged: string[]
  readonly #end = new AbortController()
  readonly #running: Promise<void>
  #taken = 0

  private constructor(lane: Lane, parts: { metrics: Metrics; acknowledged: number[]; logged: string[] }) {
    this.lane = lane
    this.metrics = parts.metrics
    this.acknowledged = parts.acknowledged
    this.logged = parts.logged
    this.#running = this.lane.run(this.#end.signal)
  }

  static async open(sink: Sink): Promise<Scene> {
    const metrics = createMetrics()
    const acknowledged: number[] = []
    const logged: string[] = []
    const lane = await Lane.open({
      id: 'disk',
      sink,
      queue: memoryOnly,
      folder: '/nowhere',
      deadLetters: noDeadLetters,
      onAcknowledged: (progress: readonly Progress[]) => {
        for (const { cursor } of progress) acknowledged.push(cursor.seconds)
      },
      log: createLog('debug', { write: (line) => void logged.push((JSON.parse(line) as { msg: string }).msg) }),
      metrics,
    })
    return new Scene(lane, { metrics, acknowledged, logged })
  }

  take(lines = 1): void {
    this.#taken += 1
    const batch = this.toys.of(linesFrom('a', this.#taken - 1, 1))
    if (lines === 0) batch.columns.flags[0] = 2
    this.lane.take(batch, this.#taken)
  }

  async end(): Promise<void> {
    this.#end.abort(new Error('the test is over'))
    await vi.advanceTimersByTimeAsync(longMs)
    await this.#running
    this.lane.release()
  }
}

async function settle(sink: HeldSink, index: number, outcome: SendOutcome): Promise<void> {
  sink.open[index]!.answer.resolve(outcome)
  await vi.advanceTimersByTimeAsync(0)
}

const openTexts = (sink: HeldSink) => sink.open.map(({ texts }) => texts[0])
const openNumbers = (sink: HeldSink) => sink.open.map(({ texts }) => Number(/@(\d+)/.exec(texts[0]!)![1]))
const valueOf = async (metric: { get(): Promise<{ values: { value: number }[] }> }) =>
  (await metric.get()).values[0]!.value

test('any order of answers acknowledges the contiguous prefix, in order, and gives all batches back', async () => {
  const answer = fc.record({
    which: fc.nat(),
    outcome: fc.constantFrom<SendOutcome>(delivered, busy, {
      status: 'rejected',
      rejections: [{ reason: 'bad', lines: 'all' }],
    }),
  })
  const schedule = fc.record({
    maxInFlight: fc.integer({ min: 1, max: 4 }),
    batches: fc.array(fc.constantFrom(1, 1, 1, 0), { minLength: 1, maxLength: 12 }),
    answers: fc.array(answer, { maxLength: 30 }),
  })
  await fc.assert(
    fc.asyncProperty(schedule, async ({ maxInFlight, batches, answers }) => {
      const sink = new HeldSink(maxInFlight)
      const scene = await Scene.open(sink)
      for (const lines of batches) scene.take(lines)
      const settled = batches.map((lines) => lines === 0)
      await vi.advanceTimersByTimeAsync(0)
      while (settled.includes(false)) {
        await vi.advanceTimersByTimeAsync(sink.open.length === 0 ? longMs : 0)
        const { which, outcome } = answers.shift() ?? { which: 0, outcome: delivered }
        const index = which % sink.open.length
        const openBefore = openNumbers(sink)
        const batch = openBefore[index]!
        await settle(sink, index, outcome)
        if (outcome.status !== 'retry') settled[batch] = true

        const prefix = settled.includes(false) ? settled.indexOf(false) : settled.length
        expect(scene.acknowledged).toEqual(Array.from({ length: prefix }, (_, i) => i))
        // No batch is begun while an earlier one waits.
        const open = openNumbers(sink)
        for (const begun of open.filter((number) => !openBefore.includes(number)))
          for (let i = 0; i < begun; i++) expect(settled[i]! || open.includes(i)).toBe(true)
      }
      expect(scene.lane.status().queuedBatches).toBe(0)
      expect(scene.toys.held).toBe(0)
      await scene.end()
    }),
    { numRuns: 300 },
  )
})

test('a batch with nothing to send lets none overtake', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open(sink)
  for (const lines of [0, 1, 1]) scene.take(lines)
  await vi.advanceTimersByTimeAsync(0)
  expect(openTexts(sink)).toEqual(['a@1.0'])
  await settle(sink, 0, delivered)
  expect(openTexts(sink)).toEqual(['a@2.0'])
  await settle(sink, 0, delivered)
  await scene.end()
})

test('while a batch waits to be sent again no other is begun, and the wait that was asked for is kept', async () => {
  const sink = new HeldSink(3)
  const scene = await Scene.open(sink)
  for (let i = 0; i < 5; i++) scene.take()
  await vi.advanceTimersByTimeAsync(0)
  await settle(sink, 1, { status: 'retry', reason: 'too many requests', afterMs: 20_000 })
  await settle(sink, 0, delivered)
  await settle(sink, 0, delivered)
  expect(scene.acknowledged).toEqual([0])
  expect(scene.lane.status().trouble).toBe('too many requests')
  await vi.advanceTimersByTimeAsync(19_900)
  expect(sink.open).toEqual([])
  await vi.advanceTimersByTimeAsync(200)
  expect(openTexts(sink)).toEqual(['a@1.0'])
  await settle(sink, 0, delivered)
  expect(scene.acknowledged).toEqual([0, 1, 2])
  expect(openTexts(sink)).toEqual(['a@3.0', 'a@4.0'])
  expect(scene.lane.status().trouble).toBe(undefined)
  await settle(sink, 0, delivered)
  await settle(sink, 0, delivered)
  await scene.end()
})

test('sends that fail together are one failure to the back-off', async () => {
  const sink = new HeldSink(8)
  const scene = await Scene.open(sink)
  for (let i = 0; i < 8; i++) scene.take()
  await vi.advanceTimersByTimeAsync(0)
  for (let i = 0; i < 8; i++) await settle(sink, 0, busy)
  expect(sink.open).toEqual([])
  await vi.advanceTimersByTimeAsync(250)
  expect(openTexts(sink)).toEqual(['a@0.0'])
  await settle(sink, 0, delivered)
  expect(openTexts(sink)).toEqual(['a@1.0'])
  await settle(sink, 0, delivered)
  await scene.end()
})

test('a sink that throws is asked again; the trouble is said once, and its end', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open(sink)
  scene.take()
  await vi.advanceTimersByTimeAsync(0)
  for (let i = 0; i < 3; i++) {
    sink.open[0]!.answer.reject(new Error('connection refused'))
    await vi.advanceTimersByTimeAsync(longMs)
  }
  expect(scene.lane.status().trouble).toBe('connection refused')
  await settle(sink, 0, delivered)
  expect(scene.logged).toEqual([
    'a batch could not be delivered; it is sent again until it is',
    'batches are delivered again',
  ])
  expect(await valueOf(scene.metrics.sendRetries)).toBe(3)
  await scene.end()
})

test('refused lines are counted apart, said seldom, and acknowledged', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open(sink)
  scene.lane.take(scene.toys.of(linesFrom('a', 1, 3)), 1)
  scene.lane.take(scene.toys.of(linesFrom('a', 4, 1)), 2)
  await vi.advanceTimersByTimeAsync(0)
  await settle(sink, 0, { status: 'rejected', rejections: [{ reason: 'too old', lines: [0, 2] }] })
  await settle(sink, 0, { status: 'rejected', rejections: [{ reason: 'too old', lines: 'all' }] })
  expect(scene.acknowledged).toEqual([3, 4])
  expect(await valueOf(scene.metrics.logsRejected)).toBe(3)
  expect(await valueOf(scene.metrics.logsSent)).toBe(1)
  expect(await valueOf(scene.metrics.logBytesSent)).toBe('a@2.0'.length)
  expect(scene.logged).toEqual(['the destination refuses lines for good; they are kept as dead letters'])
  await scene.end()
})

test('copies of one batch over two paths are acknowledged once, after the last', async () => {
  const sink = new HeldSink(2)
  const scene = await Scene.open(sink)
  scene.lane.take(scene.toys.of(linesFrom('a', 1, 1)), 1)
  scene.lane.take(scene.toys.of(linesFrom('a', 1, 1)), 1)
  await vi.advanceTimersByTimeAsync(0)
  await settle(sink, 1, delivered)
  expect(scene.acknowledged).toEqual([])
  await settle(sink, 0, delivered)
  expect(scene.acknowledged).toEqual([1])
  await scene.end()
})

test('there is no room while the queue holds its limit, and whoever waits hears when there is again', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open(sink)
  scene.lane.take(scene.toys.of(linesFrom('a', 1, 1), memoryOnly.memory), 1)
  await vi.advanceTimersByTimeAsync(0)
  expect(scene.lane.hasRoom).toBe(false)
  const room = scene.lane.nextRoom
  await settle(sink, 0, delivered)
  await room
  expect(scene.lane.hasRoom).toBe(true)
  await scene.end()
})

test('what the lane knows of a stream includes what is on its way', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open(sink)
  expect(scene.lane.queuedUpTo('a')).toBe(undefined)
  for (let i = 0; i < 3; i++) scene.take()
  expect(scene.lane.queuedUpTo('a')).toEqual({ seconds: 2, nanos: 0, count: 1 })
  expect(scene.lane.undelivered()).toEqual({ batches: 3, lines: 3, linesOnDisk: 0 })
  await scene.end()
})

test('at the end the signal of every send aborts, and a sink that does not give up is not waited for', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open(sink)
  scene.take()
  scene.take()
  await vi.advanceTimersByTimeAsync(0)
  await scene.end()
  const { signal, answer } = sink.open[0]!
  expect(signal.aborted).toBe(true)
  expect(scene.toys.held).toBe(1) // The sink still reads it.
  answer.resolve(delivered)
  await vi.advanceTimersByTimeAsync(0)
  expect(scene.toys.held).toBe(0)
  expect(scene.acknowledged).toEqual([])
})

test('a lane that has failed delivers what it had, refuses the rest and moves no cursor over it', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open(sink)
  scene.take()
  scene.lane.take(scene.toys.of(linesFrom('a', 5, 1)), 7)
  scene.lane.fail(7, 'transform "mask" has failed')
  scene.lane.take(scene.toys.of(linesFrom('a', 6, 2)), 8)
  await vi.advanceTimersByTimeAsync(0)
  await settle(sink, 0, delivered)
  await settle(sink, 0, delivered)
  expect(scene.acknowledged).toEqual([0])
  expect(scene.lane.undelivered()).toEqual({ batches: 1, lines: 2, linesOnDisk: 0 })
  expect(scene.lane.status().trouble).toBe('transform "mask" has failed')
  expect(scene.toys.held).toBe(0)
  await scene.end()
})
