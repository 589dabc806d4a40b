import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BatchMaker, type TestLine } from '../batch/testing.ts'
import type { Sink } from '../component/sink.ts'
import type { SourceContext } from '../component/source.ts'
import { CursorStore } from '../state/cursor-store.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { multiline } from '../transforms/multiline/multiline.ts'
import type { TransformNode } from './graph.ts'
import { Pipeline } from './pipeline.ts'
import { HeldSink, memoryOnly, noDeadLetters, TakingSink } from './testing.ts'

// What a joiner holds, on its way through the pipeline: cursors, places of each way, flushes.

const key = 'engine/app/stdout'
let folder: string
let store: CursorStore
let stop: AbortController

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'joiners-'))
  store = await CursorStore.open({ folder, log: createLog('silent'), metrics: createMetrics() })
  stop = new AbortController()
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** Two lines make an event, whatever they are: where it ends depends on where it began. */
const pairs = (id: string): TransformNode => ({
  ...{ id, inputs: ['engine'] },
  transform: multiline.create(multiline.options.parse({ start: ['^never$'], max_lines: 2, flush_after: '30s' }), {
    ...{ id, metrics: createMetrics() },
  }),
})

class Scene implements AsyncDisposable {
  readonly pipeline: Pipeline
  readonly context: SourceContext
  readonly #running: Promise<void>

  private constructor(pipeline: Pipeline) {
    this.pipeline = pipeline
    this.context = pipeline.contextOf('engine')
    this.#running = pipeline.run(stop.signal, new AbortController().signal)
  }

  static async open(sinks: Record<string, [Sink, string[]]>, transforms = [pairs('whole')]): Promise<Scene> {
    const nodes = Object.entries(sinks).map(([id, [sink, inputs]]) => ({ id, sink, inputs, queue: memoryOnly }))
    const parts = { transforms, store, log: createLog('silent'), metrics: createMetrics() }
    return new Scene(
      await Pipeline.open({ ...parts, sinks: nodes, queuesFolder: '/nowhere', deadLetters: noDeadLetters }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    stop.abort(new Error('the test is over'))
    await this.#running
    await this.pipeline[Symbol.asyncDispose]()
  }
}

const maker = new BatchMaker()
const lines = (from: number, to: number): TestLine[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ text: `${from + i}`, seconds: from + i }))
const position = (sink: string, way = '') => store.position(sink, key + way)?.seconds

test('a sink has a place for each way: to the last line past a joiner, to before what is held behind it', async () => {
  const sink = new TakingSink()
  await using scene = await Scene.open({ both: [sink, ['engine', 'whole']] })
  scene.context.output.emit(maker.batchOf(lines(1, 3)))
  await expect.poll(() => [position('both'), position('both', '#whole')]).toEqual([3, 2])
  expect([...sink.texts].sort()).toEqual(['1', '1\n2', '2', '3'])
  expect(scene.context.cursorOf(key, undefined)).toMatchObject({ seconds: 2 })
  expect(scene.pipeline.acknowledgedUpTo('engine', key)).toEqual([{ sink: 'both', seconds: 2, nanos: 0 }])
})

test('what is read again gives each way what it has not, though it begins within an event', async () => {
  // Killed when `behind` had one line, and `both` had all lines past the joiner and two events behind it.
  const at = (seconds: number) => ({ seconds, nanos: 0, count: 1 })
  store.advance('behind', [{ key, cursor: at(1) }])
  store.advance('both', [
    { key, cursor: at(5) },
    { key: `${key}#whole`, cursor: at(4) },
  ])
  const [behind, both] = [new TakingSink(), new TakingSink()]
  const scene = await Scene.open({ behind: [behind, ['engine']], both: [both, ['engine', 'whole']] })
  expect(scene.context.cursorOf(key, undefined)).toEqual(at(1))
  scene.context.output.emit(maker.batchOf(lines(2, 3)))
  scene.context.output.emit(maker.batchOf(lines(4, 6)))
  await expect.poll(() => position('both')).toBe(6)
  await scene[Symbol.asyncDispose]()
  expect(behind.texts).toEqual(['2', '3', '4', '5', '6'])
  // 5 was held.
  expect([...both.texts].sort()).toEqual(['5\n6', '6'])
  expect([position('both'), position('both', '#whole')]).toEqual([6, 6])
})

test('a stream that is opened anew brings what was held once more, and it is not doubled', async () => {
  const sink = new TakingSink()
  const scene = await Scene.open({ events: [sink, ['whole']] })
  scene.context.output.emit(maker.batchOf(lines(1, 3)))
  await expect.poll(() => position('events', '#whole')).toBe(2)
  expect(scene.context.cursorOf(key, undefined)).toMatchObject({ seconds: 2 })
  scene.context.output.emit(maker.batchOf(lines(3, 3)))
  await scene[Symbol.asyncDispose]()
  expect(sink.texts).toEqual(['1\n2', '3'])
})

test('places move when lines come by other ways, also those of lines on their way', async () => {
  store.advance('events', [{ key, cursor: { seconds: 1, nanos: 0, count: 1 } }])
  const sink = new HeldSink()
  const scene = await Scene.open({ events: [sink, ['whole']] })
  expect(scene.context.cursorOf(key, undefined)).toMatchObject({ seconds: 1 })
  expect([position('events'), position('events', '#whole')]).toEqual([undefined, 1])
  scene.context.output.emit(maker.batchOf(lines(2, 4)))
  await expect.poll(() => sink.open.length).toBe(1)
  // A reload: no joiner any more.
  scene.pipeline.rewire({ transforms: [], inputsOf: new Map([['events', ['engine']]]) })
  const context = scene.pipeline.contextOf('engine')
  // What was held has gone on, and is on its way.
  expect(context.cursorOf(key, undefined)).toMatchObject({ seconds: 4 })
  for (const texts of [['2\n3'], ['4']]) {
    await expect.poll(() => sink.open[0]?.texts).toEqual(texts)
    sink.open[0]!.answer.resolve({ status: 'delivered' })
  }
  await expect.poll(() => position('events')).toBe(4)
  expect(position('events', '#whole')).toBeUndefined()
  await scene[Symbol.asyncDispose]()
})

test('who waits for lines to be safe waits for those that are held, and not for ever', async () => {
  const sink = new HeldSink()
  const scene = await Scene.open({ both: [sink, ['engine', 'whole']] })
  let isSafe = false
  const { signal } = new AbortController()
  const delivered = scene.context.output.deliver(maker.batchOf(lines(1, 3)), signal).then((missing) => {
    isSafe = true
    return missing
  })
  for (const texts of [['1\n2'], ['1', '2', '3'], ['3']]) {
    await expect.poll(() => sink.open[0]?.texts).toEqual(texts)
    expect(isSafe).toBe(false)
    sink.open[0]!.answer.resolve({ status: 'delivered' })
  }
  expect(await delivered).toEqual([])
  await scene[Symbol.asyncDispose]()
})
