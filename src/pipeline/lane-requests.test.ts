import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import type { Rejection, SendOutcome } from '../component/sink.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { Lane } from './lane.ts'
import { HeldSink, linesFrom, memoryOnly, textsOf, ToyBatches } from './testing.ts'

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

/** A lane whose sink takes requests; its batches are of one stream each. */
class Scene {
  readonly toys = new ToyBatches()
  readonly acknowledged = new Map<string, number>()
  readonly letters: { texts: string[]; rejections: readonly Rejection[] }[] = []
  lettersFail = false
  readonly metrics = createMetrics()
  lane!: Lane
  readonly #end = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #emission = 0

  static async open(sink: HeldSink): Promise<Scene> {
    const scene = new Scene()
    scene.lane = await Lane.open({
      id: 'far',
      sink,
      queue: memoryOnly,
      folder: '/nowhere',
      deadLetters: { add: (letter) => scene.#keep(letter) },
      onAcknowledged: (progress) => {
        for (const { key, cursor } of progress) scene.acknowledged.set(key, cursor.seconds)
      },
      log: createLog('silent'),
      metrics: scene.metrics,
    })
    scene.#running = scene.lane.run(scene.#end.signal)
    return scene
  }

  async #keep({ batch, rejections }: { batch: Batch; rejections: readonly Rejection[] }): Promise<void> {
    if (this.lettersFail) throw new Error('no space left')
    this.letters.push({ texts: textsOf(batch), rejections })
  }

  take(key: string, seconds: number, count = 1): void {
    this.lane.take(this.toys.of(linesFrom(key, seconds, count)), ++this.#emission)
  }

  async end(): Promise<void> {
    this.#end.abort(new Error('the test is over'))
    await vi.advanceTimersByTimeAsync(longMs)
    await this.#running
    this.lane.release()
  }
}

const wait = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

async function settle(sink: HeldSink, index: number, outcome: SendOutcome): Promise<void> {
  sink.open[index]!.answer.resolve(outcome)
  await wait()
}

/** The keys of the streams in a request. */
const streamsOf = (texts: readonly string[]) => new Set(texts.map((text) => text.slice(0, text.indexOf('@'))))

test('a batch that comes alone goes at once; those that follow gather for the age, and go out as one request', async () => {
  const sink = new HeldSink({ maxBytes: 1_000, maxAgeMs: 100, maxConcurrent: 4 })
  const scene = await Scene.open(sink)
  const sent = () => sink.open.map(({ texts }) => texts)
  scene.take('a', 1)
  await wait()
  expect(sent()).toEqual([['a@1.0']])
  await settle(sink, 0, delivered)
  scene.take('b', 1)
  await wait(60)
  scene.take('c', 1)
  await wait(35)
  expect(sent()).toEqual([])
  await wait(10)
  expect(sent()).toEqual([['b@1.0', 'c@1.0']])
  await settle(sink, 0, delivered)
  await wait(150)
  scene.take('a', 2)
  await wait()
  expect(sent()).toEqual([['a@2.0']])
  await settle(sink, 0, delivered)
  expect([...scene.acknowledged]).toEqual([
    ['a', 2],
    ['b', 1],
    ['c', 1],
  ])
  expect(scene.toys.held).toBe(0)
  await scene.end()
})

test('a request that is full does not wait, and is not made larger', async () => {
  const sink = new HeldSink({ maxBytes: 10, maxAgeMs: 10_000, maxConcurrent: 1 })
  const scene = await Scene.open(sink)
  for (let seconds = 1; seconds <= 5; seconds++) scene.take('a', seconds)
  await wait()
  expect(sink.open.map(({ texts }) => texts)).toEqual([['a@1.0', 'a@2.0']])
  await settle(sink, 0, delivered)
  expect(sink.open.map(({ texts }) => texts)).toEqual([['a@3.0', 'a@4.0']])
  await settle(sink, 0, delivered)
  expect(sink.open).toEqual([])
  scene.lane.drain()
  await wait()
  expect(sink.open.map(({ texts }) => texts)).toEqual([['a@5.0']])
  await settle(sink, 0, delivered)
  await scene.end()
})

test('any outcome: no stream is in two requests at a time, each arrives in order and once, and cursors move over what has arrived', async () => {
  const answer = fc.record({ which: fc.nat(), outcome: fc.constantFrom(delivered, delivered, delivered, busy) })
  const schedule = fc.record({
    keys: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 40 }),
    answers: fc.array(answer, { maxLength: 60 }),
  })
  await fc.assert(
    fc.asyncProperty(schedule, async ({ keys, answers }) => {
      const sink = new HeldSink({ maxBytes: 10, maxAgeMs: 100, maxConcurrent: 3 })
      const scene = await Scene.open(sink)
      const taken = new Map<string, string[]>()
      for (const [second, key] of keys.entries()) {
        scene.take(key, second)
        taken.set(key, [...(taken.get(key) ?? []), `${key}@${second}.0`])
      }
      const arrived = new Map<string, string[]>()
      const count = () => [...arrived.values()].reduce((sum, texts) => sum + texts.length, 0)
      while (count() < keys.length) {
        await wait(sink.open.length === 0 ? longMs : 0)
        const open = sink.open.flatMap(({ texts }) => [...streamsOf(texts)])
        expect(new Set(open).size).toBe(open.length)
        const { which, outcome }: { which: number; outcome: SendOutcome } = answers.shift() ?? {
          which: 0,
          outcome: delivered,
        }
        const send = sink.open[which % sink.open.length]!
        if (outcome === delivered)
          for (const text of send.texts) {
            const key = text.slice(0, 1)
            arrived.set(key, [...(arrived.get(key) ?? []), text])
          }
        await settle(sink, which % sink.open.length, outcome)
      }
      expect(arrived).toEqual(taken)
      for (const [key, texts] of taken) expect(`${key}@${scene.acknowledged.get(key)!}.0`).toBe(texts.at(-1))
      expect(scene.toys.held).toBe(0)
      await scene.end()
    }),
    { numRuns: 200 },
  )
})

test('more requests at a time while there is work and latency holds; half after a failure', async () => {
  const sink = new HeldSink({ maxBytes: 24, maxAgeMs: 100, maxConcurrent: 4 })
  const scene = await Scene.open(sink)
  const keys = Array.from({ length: 20 }, (_, i) => `stream-${i}`)
  for (let second = 0; second < 8; second++) for (const key of keys) scene.take(key, second)
  await wait()
  expect(sink.open.length).toBe(1)
  let most = 1
  while (scene.lane.status().concurrency < 4) {
    most = Math.max(most, sink.open.length)
    await settle(sink, 0, delivered)
  }
  expect(most).toBeGreaterThan(1)
  await settle(sink, 0, { status: 'retry', reason: 'too many requests' })
  expect(scene.lane.status().concurrency).toBe(2)
  await scene.end()
})

test('refused lines are dead letters before anything is acknowledged, and written again until they are', async () => {
  const sink = new HeldSink({ maxBytes: 1_000, maxAgeMs: 0, maxConcurrent: 1 })
  const scene = await Scene.open(sink)
  scene.lettersFail = true
  scene.take('a', 1, 3)
  await wait(1)
  await settle(sink, 0, { status: 'rejected', rejections: [{ reason: 'too old', lines: [1] }] })
  await wait(longMs)
  expect([scene.acknowledged.size, scene.letters.length, sink.open.length]).toEqual([0, 0, 0])
  scene.lettersFail = false
  await wait(longMs)
  expect(scene.letters).toEqual([
    { texts: ['a@1.0', 'a@2.0', 'a@3.0'], rejections: [{ reason: 'too old', lines: [1] }] },
  ])
  expect(scene.acknowledged.get('a')).toBe(3)
  await scene.end()
})

test('lines that are replayed are sent beside the others, and their outcome is the caller’s', async () => {
  const sink = new HeldSink({ maxBytes: 1_000, maxAgeMs: 100, maxConcurrent: 1 })
  const scene = await Scene.open(sink)
  const batch = scene.toys.of(linesFrom('old', 1, 2))
  const outcome = scene.lane.replay(batch)
  batch.release()
  await wait()
  expect(sink.open.map(({ texts }) => texts)).toEqual([['old@1.0', 'old@2.0']])
  const rejected: SendOutcome = { status: 'rejected', rejections: [{ reason: 'still too old', lines: 'all' }] }
  await settle(sink, 0, rejected)
  expect(await outcome).toEqual(rejected)
  expect([scene.letters, scene.acknowledged.size, scene.toys.held]).toEqual([[], 0, 0])
  await scene.end()
})

test('a replay waits for a sink that backs off, and is sent when it takes lines again', async () => {
  const sink = new HeldSink({ maxBytes: 1_000, maxAgeMs: 0, maxConcurrent: 1 })
  const scene = await Scene.open(sink)
  scene.take('a', 1)
  await wait(1)
  await settle(sink, 0, { status: 'retry', reason: 'busy', afterMs: 2 * longMs })
  const batch = scene.toys.of(linesFrom('old', 1, 1))
  const outcome = scene.lane.replay(batch)
  batch.release()
  await wait(longMs)
  expect([sink.open, scene.lane.status().trouble]).toEqual([[], 'busy'])
  await wait(longMs)
  expect(sink.open.map(({ texts }) => texts)).toEqual([['a@1.0']])
  await settle(sink, 0, delivered)
  expect(sink.open.map(({ texts }) => texts)).toEqual([['old@1.0']])
  await settle(sink, 0, delivered)
  expect(await outcome).toEqual(delivered)
  await scene.end()
})

test('a lane that has ended answers replays at once, those that wait and those that come', async () => {
  const sink = new HeldSink({ maxBytes: 1_000, maxAgeMs: 0, maxConcurrent: 1 })
  const scene = await Scene.open(sink)
  scene.take('a', 1)
  await wait(1)
  const batch = scene.toys.of(linesFrom('old', 1, 1))
  const waiting = scene.lane.replay(batch)
  await scene.end()
  expect([await waiting, await scene.lane.replay(batch)]).toMatchObject([{ status: 'retry' }, { status: 'retry' }])
  batch.release()
  sink.open[0]!.answer.resolve(delivered)
  await wait()
  expect(scene.toys.held).toBe(0)
})

test('the breaker opens after failures in a row, lets one request through, and closes with it', async () => {
  const sink = new HeldSink({ maxBytes: 1_000, maxAgeMs: 0, maxConcurrent: 1 })
  const scene = await Scene.open(sink)
  scene.take('a', 1)
  await wait(1)
  for (let failure = 1; failure <= 3; failure++) {
    expect(scene.lane.status().breaker).toBe('closed')
    await settle(sink, 0, busy)
    if (failure < 3) await wait(failure * 500)
  }
  expect(scene.lane.status().breaker).toBe('open')
  await wait(longMs)
  expect(scene.lane.status().breaker).toBe('half_open')
  await settle(sink, 0, delivered)
  expect(scene.lane.status()).toMatchObject({ breaker: 'closed', trouble: undefined })
  await scene.end()
})

test('a paused lane takes lines and sends none; another sink gets what was not delivered first', async () => {
  const limits = { maxBytes: 1_000, maxAgeMs: 0, maxConcurrent: 1 }
  const [before, after] = [new HeldSink(limits), new HeldSink(limits)]
  const scene = await Scene.open(before)
  scene.take('a', 1)
  await wait(1)
  const paused = scene.lane.pause()
  scene.take('a', 2)
  await settle(before, 0, busy)
  await paused
  await wait(longMs)
  expect(before.open).toEqual([])
  scene.lane.resume(after)
  await wait(1)
  expect(after.open.map(({ texts }) => texts)).toEqual([['a@1.0']])
  await settle(after, 0, delivered)
  await wait(1)
  expect(after.open.map(({ texts }) => texts)).toEqual([['a@2.0']])
  await settle(after, 0, delivered)
  await scene.end()
})

test('another sink that has more than was confirmed gets only the rest; a place that was confirmed says nothing of lines with earlier times', async () => {
  const limits = { maxBytes: 1_000, maxAgeMs: 0, maxConcurrent: 1 }
  const place = (key: string, seconds: number) => ({ key, cursor: { seconds, nanos: 0, count: 1 } })
  const recovered = [place('a', 2), place('b', 9)]
  const [before, after] = [new HeldSink(limits), Object.assign(new HeldSink(limits), { recovered })]
  const scene = await Scene.open(before)
  scene.take('a', 1, 3)
  scene.take('b', 3)
  await wait(1)
  const paused = scene.lane.pause()
  await settle(before, 0, busy)
  await paused
  scene.lane.resume(after)
  await wait(longMs)
  expect(after.open.map(({ texts }) => texts)).toEqual([['a@3.0', 'b@3.0']])
  await settle(after, 0, delivered)
  expect(scene.acknowledged).toEqual(
    new Map([
      ['a', 3],
      ['b', 3],
    ]),
  )
  await scene.end()
  expect(scene.toys.held).toBe(0)
})
