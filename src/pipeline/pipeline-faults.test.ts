import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Sink } from '../component/sink.ts'
import type { Source, SourceContext, SourceStatus } from '../component/source.ts'
import type { Transform } from '../component/transform.ts'
import { Bug } from '../lib/error.ts'
import { CursorStore } from '../state/cursor-store.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { Pipeline, type PipelineParts } from './pipeline.ts'
import { HeldSink, linesFrom, TakingSink, ToyBatches, memoryOnly, noDeadLetters } from './testing.ts'

const log = createLog('silent')
const metrics = createMetrics()
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pipeline-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

/** A source that runs until it is stopped. */
class ToySource implements Source {
  run(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
  }

  status(): SourceStatus {
    return { isConnected: true, detail: 'toy', streams: 0 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve()
  }
}

/** A pipeline that runs on a store of its own. */
class Scene implements AsyncDisposable {
  readonly store: CursorStore
  readonly pipeline: Pipeline
  readonly toys = new ToyBatches()
  readonly context: SourceContext
  readonly #stop = new AbortController()
  readonly #drained = new AbortController()
  readonly #running: Promise<void>

  private constructor(store: CursorStore, pipeline: Pipeline) {
    this.store = store
    this.pipeline = pipeline
    this.context = pipeline.contextOf('in')
    pipeline.add('in', new ToySource())
    this.#running = pipeline.run(this.#stop.signal, this.#drained.signal)
  }

  static async open(parts: Pick<PipelineParts, 'sinks'> & Partial<PipelineParts>): Promise<Scene> {
    const store = await CursorStore.open({ folder, log, metrics })
    const common = { transforms: [], queuesFolder: '/nowhere', deadLetters: noDeadLetters, store, log, metrics }
    return new Scene(store, await Pipeline.open({ ...common, ...parts }))
  }

  emit(seconds: number, count = 1): void {
    this.context.output.emit(this.toys.of(linesFrom('in/c/stdout', seconds, count)))
  }

  /** Stops the sources; resolves when everything is delivered, or at once when it is told not to wait. */
  async stop({ isDrained = true } = {}): Promise<void> {
    this.#stop.abort(new Error('the test is over'))
    if (!isDrained) this.#drained.abort(new Error('the time is over'))
    await this.#running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.pipeline[Symbol.asyncDispose]()
    await this.store[Symbol.asyncDispose]()
  }
}

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 })
const to = (id: string, sink: Sink, ...inputs: string[]) => ({ id, sink, inputs, queue: memoryOnly })
const via = (id: string, transform: Transform, ...inputs: string[]) => ({ id, transform, inputs })

const broken: Transform = {
  apply() {
    throw new Bug('no such column')
  },
}
const line = (seconds: number) => `in/c/stdout@${seconds}.0`
const place = (seconds: number) => ({ seconds, nanos: 0, count: 1 })

test('a source goes on at its earliest sink, and the others get nothing twice', async () => {
  const [fast, slow] = [new TakingSink(), new TakingSink()]
  {
    await using store = await CursorStore.open({ folder, log, metrics })
    store.advance('fast', [{ key: 'in/c/stdout', cursor: place(5) }])
    store.advance('slow', [{ key: 'in/c/stdout', cursor: place(3) }])
  }
  await using scene = await Scene.open({ sinks: [to('fast', fast, 'in'), to('slow', slow, 'in')] })
  expect(scene.context.cursorOf('in/c/stdout', undefined)).toEqual(place(3))
  scene.emit(4)
  await eventually(() => slow.texts).toEqual([line(4)])
  // The fast one has more than it was given in this run: its place must not go back.
  expect(scene.store.position('fast', 'in/c/stdout')).toEqual(place(5))
  scene.emit(5, 2)
  await scene.stop()
  expect(fast.texts).toEqual([line(6)])
  expect(slow.texts).toEqual([line(4), line(5), line(6)])
  expect(scene.store.position('fast', 'in/c/stdout')).toEqual(place(6))
  expect(scene.toys.held).toBe(0)
})

test('a stream that is opened again goes on behind what is on its way', async () => {
  const sink = new TakingSink()
  await using scene = await Scene.open({ sinks: [to('disk', sink, 'in')] })
  scene.emit(1)
  scene.emit(2)
  expect(scene.context.cursorOf('in/c/stdout', undefined)).toEqual(place(2))
  expect(scene.store.position('disk', 'in/c/stdout')).toBe(undefined)
  await scene.stop()
  expect(scene.store.position('disk', 'in/c/stdout')).toEqual(place(2))
})

test('at the deadline the rest is named and not acknowledged', async () => {
  const [fast, stuck] = [new TakingSink(), new HeldSink()]
  const scene = await Scene.open({ sinks: [to('fast', fast, 'in'), to('stuck', stuck, 'in')] })
  scene.emit(1, 3)
  scene.emit(4, 1)
  await eventually(() => stuck.open.length).toBe(1)
  const [send] = stuck.open
  send!.signal.addEventListener('abort', () => send!.answer.resolve({ status: 'retry', reason: 'closing' }))
  await scene.stop({ isDrained: false })
  expect(scene.pipeline.undelivered()).toEqual([{ sink: 'stuck', batches: 2, lines: 4, linesOnDisk: 0 }])
  expect(fast.texts.length).toBe(4)
  expect(scene.store.position('stuck', 'in/c/stdout')).toBe(undefined)
  await scene[Symbol.asyncDispose]()
  expect(scene.toys.held).toBe(0)
})

test('a transform that breaks stops the sinks behind it; the others go on, and nothing is lost', async () => {
  const [behind, beside] = [new TakingSink(), new TakingSink()]
  const scene = await Scene.open({
    transforms: [via('mask', broken, 'in')],
    sinks: [to('behind', behind, 'mask'), to('beside', beside, 'in')],
  })
  scene.emit(1)
  scene.emit(2)
  await scene.stop()
  expect(beside.texts).toEqual([line(1), line(2)])
  expect(scene.store.position('behind', 'in/c/stdout')).toBe(undefined)
  expect(scene.pipeline.undelivered()).toEqual([{ sink: 'behind', batches: 2, lines: 2, linesOnDisk: 0 }])
  expect(scene.pipeline.sinks()[0]!.trouble).toBe('transform "mask" has failed: no such column')
  expect(scene.toys.held).toBe(0)
  await scene[Symbol.asyncDispose]()
})
