import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import { rowsOf } from '../batch/row.ts'
import { BatchMaker, type TestLine } from '../batch/testing.ts'
import { lineFlags } from '../batch/flags.ts'
import type { SendOutcome, Sink } from '../component/sink.ts'
import type { SourceContext } from '../component/source.ts'
import type { Transform } from '../component/transform.ts'
import { type Deferred, deferred } from '../lib/wait.ts'
import { CursorStore } from '../state/cursor-store.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { Pipeline, type PipelineParts } from './pipeline.ts'
import { memoryOnly, noDeadLetters } from './testing.ts'

const key = 'engine/app/stdout'
let folder: string
let store: CursorStore
let maker: BatchMaker
let stop: AbortController
let drained: AbortController

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pipeline-'))
  store = await CursorStore.open({ folder, log: createLog('silent'), metrics: createMetrics() })
  maker = new BatchMaker()
  stop = new AbortController()
  drained = new AbortController()
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** A sink whose sends wait for the test to settle them. */
class HeldSink implements Sink {
  readonly maxInFlight: number
  readonly sends: { texts: string[]; outcome: Deferred<SendOutcome> }[] = []
  constructor(maxInFlight = 1) {
    this.maxInFlight = maxInFlight
  }
  send(batch: Batch, signal: AbortSignal): Promise<SendOutcome> {
    signal.addEventListener('abort', () => outcome.resolve({ status: 'retry', reason: 'given up' }), { once: true })
    const outcome = deferred<SendOutcome>()
    this.sends.push({ texts: textsOf(batch), outcome })
    return outcome.promise
  }
  async [Symbol.asyncDispose]() {}
}

/** A sink that takes everything at once. */
class TakingSink implements Sink {
  readonly texts: string[] = []
  async send(batch: Batch): Promise<SendOutcome> {
    this.texts.push(...textsOf(batch))
    return { status: 'delivered' }
  }
  async [Symbol.asyncDispose]() {}
}

const textsOf = (batch: Batch) =>
  rowsOf(batch)
    .filter(({ flags }) => (flags & lineFlags.dropped) === 0)
    .map(({ text }) => text)

async function start(
  sinks: Record<string, { sink: Sink; inputs?: string[] }>,
  transforms: PipelineParts['transforms'] = [],
): Promise<{ pipeline: Pipeline; context: SourceContext; running: Promise<void> }> {
  const pipeline = await Pipeline.open({
    sinks: Object.entries(sinks).map(([id, { sink, inputs = ['engine'] }]) => ({
      id,
      inputs,
      sink,
      queue: memoryOnly,
    })),
    transforms,
    queuesFolder: '/nowhere',
    deadLetters: noDeadLetters,
    store,
    log: createLog('silent'),
    metrics: createMetrics(),
  })
  return { pipeline, context: pipeline.contextOf('engine'), running: pipeline.run(stop.signal, drained.signal) }
}

const line = (second: number, more: Partial<TestLine> = {}): TestLine => ({
  text: `line ${second}`,
  seconds: second,
  ...more,
})
const dropsAll: Transform = {
  apply: (batch) => {
    batch.columns.flags.fill(lineFlags.dropped)
    return batch
  },
}
const position = (sink: string) => store.position(sink, key)?.seconds

async function end(running: Promise<void>, pipeline: Pipeline): Promise<void> {
  stop.abort(new Error('stop'))
  await running
  await pipeline[Symbol.asyncDispose]()
}

test('the cursor moves over what is settled without a hole, whatever settles first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), async (order) => {
      const sink = new HeldSink(4)
      const { pipeline, context, running } = await start({ disk: { sink } })
      const before = position('disk') ?? 0
      for (let i = 0; i < 4; i++) context.output.emit(maker.batchOf([line(before + i + 1)]))
      await expect.poll(() => sink.sends.length).toBe(4)
      const settled = new Set<number>()
      for (const i of order) {
        sink.sends[i]!.outcome.resolve({ status: 'delivered' })
        settled.add(i)
        let prefix = 0
        while (settled.has(prefix)) prefix += 1
        await expect.poll(() => position('disk') ?? 0).toBe(before + prefix)
      }
      await end(running, pipeline)
      stop = new AbortController()
    }),
    { numRuns: 20 },
  )
})

describe('a send that fails', () => {
  test('is repeated, in order, until it succeeds; throwing is failing', async () => {
    const sink = new HeldSink()
    const { pipeline, context, running } = await start({ disk: { sink } })
    for (const second of [1, 2]) context.output.emit(maker.batchOf([line(second)]))
    await expect.poll(() => sink.sends.length).toBe(1)
    sink.sends[0]!.outcome.resolve({ status: 'retry', reason: 'busy' })
    await expect.poll(() => sink.sends.length, { timeout: 2_000 }).toBe(2)
    expect(pipeline.sinks()[0]).toMatchObject({ trouble: 'busy', queuedBatches: 2 })
    sink.sends[1]!.outcome.reject(new Error('broke'))
    await expect.poll(() => sink.sends.length, { timeout: 3_000 }).toBe(3)
    expect(pipeline.sinks()[0]).toMatchObject({ trouble: 'broke' })
    sink.sends[2]!.outcome.resolve({ status: 'delivered' })
    await expect.poll(() => sink.sends.length).toBe(4)
    sink.sends[3]!.outcome.resolve({ status: 'delivered' })
    await expect.poll(() => position('disk')).toBe(2)
    expect(sink.sends.map(({ texts }) => texts[0])).toEqual(['line 1', 'line 1', 'line 1', 'line 2'])
    expect(pipeline.sinks()[0]).toMatchObject({ trouble: undefined, queuedBatches: 0 })
    await end(running, pipeline)
  })

  test('with others on their way: all come back before any is sent again, from the earliest on', async () => {
    const sink = new HeldSink(3)
    const { pipeline, context, running } = await start({ disk: { sink } })
    for (const second of [1, 2, 3]) context.output.emit(maker.batchOf([line(second)]))
    await expect.poll(() => sink.sends.length).toBe(3)
    sink.sends[0]!.outcome.resolve({ status: 'retry', reason: 'full', afterMs: 1 })
    sink.sends[1]!.outcome.resolve({ status: 'retry', reason: 'full' })
    sink.sends[2]!.outcome.resolve({ status: 'retry', reason: 'full' })
    for (let i = 3; i < 6; i++) {
      await expect.poll(() => sink.sends.length, { timeout: 5_000 }).toBeGreaterThan(i)
      sink.sends[i]!.outcome.resolve({ status: 'delivered' })
    }
    await expect.poll(() => position('disk')).toBe(3)
    expect(sink.sends.slice(3).map(({ texts }) => texts[0])).toEqual(['line 1', 'line 2', 'line 3'])
    await end(running, pipeline)
  })

  test('for good is counted and passed over', async () => {
    const sink = new HeldSink()
    const { pipeline, context, running } = await start({ disk: { sink } })
    context.output.emit(maker.batchOf([line(1), line(2)]))
    await expect.poll(() => sink.sends.length).toBe(1)
    sink.sends[0]!.outcome.resolve({ status: 'rejected', rejections: [{ reason: 'too old', lines: [0] }] })
    await expect.poll(() => position('disk')).toBe(2)
    await end(running, pipeline)
  })
})

describe('branches', () => {
  const only3: Transform = {
    apply: (batch) => {
      for (const [i, { text }] of rowsOf(batch).entries())
        if (!text.includes('3')) batch.columns.flags[i]! |= lineFlags.dropped
      return batch
    },
  }

  test('a transform changes its own branch only; what it drops is acknowledged all the same', async () => {
    const all = new TakingSink()
    const some = new TakingSink()
    const none = new TakingSink()
    const { pipeline, context, running } = await start(
      { all: { sink: all }, some: { sink: some, inputs: ['only3'] }, none: { sink: none, inputs: ['nothing'] } },
      [
        { id: 'only3', inputs: ['engine'], transform: only3 },
        { id: 'nothing', inputs: ['engine'], transform: dropsAll },
      ],
    )
    for (let second = 1; second <= 5; second++) context.output.emit(maker.batchOf([line(second)]))
    await expect.poll(() => ['all', 'some', 'none'].map(position)).toEqual([5, 5, 5])
    expect([all.texts.length, some.texts, none.texts]).toEqual([5, ['line 3'], []])
    await end(running, pipeline)
  })

  test('two ways into one sink: both copies have to arrive before the cursor moves', async () => {
    const sink = new HeldSink(2)
    const { pipeline, context, running } = await start({ disk: { sink, inputs: ['a', 'b'] } }, [
      { id: 'a', inputs: ['engine'], transform: { apply: (batch) => batch } },
      { id: 'b', inputs: ['engine'], transform: { apply: (batch) => batch } },
    ])
    context.output.emit(maker.batchOf([line(1)]))
    await expect.poll(() => sink.sends.length).toBe(2)
    sink.sends[0]!.outcome.resolve({ status: 'delivered' })
    await expect.poll(() => pipeline.sinks()[0]!.queuedBatches).toBe(1)
    expect(position('disk')).toBeUndefined()
    sink.sends[1]!.outcome.resolve({ status: 'delivered' })
    await expect.poll(() => position('disk')).toBe(1)
    await end(running, pipeline)
  })

  test('every batch and arena is given back, however it went', async () => {
    const held = new HeldSink(2)
    const { pipeline, context, running } = await start(
      { taking: { sink: new TakingSink() }, held: { sink: held, inputs: ['only3'] } },
      [{ id: 'only3', inputs: ['engine'], transform: only3 }],
    )
    const batches = [1, 2, 3, 33, 13].map((second) => maker.batchOf([line(second)]))
    const freed: Batch[] = []
    for (const batch of batches) {
      const release = batch.arena.release.bind(batch.arena)
      let references = 1
      batch.arena.retain = () => void (references += 1)
      batch.arena.release = () => {
        references -= 1
        if (references === 0) freed.push(batch)
        if (references === 0) release()
      }
      context.output.emit(batch)
    }
    await expect.poll(() => held.sends.length).toBe(2)
    held.sends[0]!.outcome.resolve({ status: 'delivered' })
    held.sends[1]!.outcome.resolve({ status: 'rejected', rejections: [{ reason: 'no', lines: 'all' }] })
    await expect.poll(() => held.sends.length).toBe(3)
    drained.abort(new Error('no time'))
    stop.abort(new Error('stop'))
    held.sends[2]!.outcome.resolve({ status: 'retry', reason: 'down' })
    await running
    expect(pipeline.undelivered()).toEqual([{ sink: 'held', batches: 1, lines: 1, linesOnDisk: 0 }])
    await pipeline[Symbol.asyncDispose]()
    expect(freed).toHaveLength(5)
  })
})

describe('sinks at different places', () => {
  const cursor = (seconds: number, count = 1) => ({ seconds, nanos: 0, count })

  test('the source begins at the earliest; the sink that is further gets nothing twice', async () => {
    store.advance('far', [{ key, cursor: cursor(3, 2) }])
    store.advance('near', [{ key, cursor: cursor(1) }])
    const [far, near] = [new TakingSink(), new TakingSink()]
    const { pipeline, context, running } = await start({ far: { sink: far }, near: { sink: near } })
    expect(context.cursorOf(key, undefined)).toEqual(cursor(1))
    const again = [
      line(2),
      line(3, { text: '3a' }),
      line(3, { text: '3b', ordinal: 1 }),
      line(3, { text: '3c', ordinal: 2 }),
      line(4),
    ]
    context.output.emit(maker.batchOf(again.slice(0, 2)))
    context.output.emit(maker.batchOf(again.slice(2)))
    await expect.poll(() => [position('far'), position('near')]).toEqual([4, 4])
    expect([far.texts, near.texts]).toEqual([
      ['3c', 'line 4'],
      ['line 2', '3a', '3b', '3c', 'line 4'],
    ])
    await end(running, pipeline)
  })

  test('a new sink gets everything from the beginning', async () => {
    store.advance('old', [{ key, cursor: cursor(3) }])
    const [old, fresh] = [new TakingSink(), new TakingSink()]
    const { pipeline, context, running } = await start({ old: { sink: old }, fresh: { sink: fresh } })
    expect(context.cursorOf(key, undefined)).toBeUndefined()
    context.output.emit(maker.batchOf([line(2), line(3), line(4)]))
    await expect.poll(() => [position('old'), position('fresh')]).toEqual([4, 4])
    expect([old.texts, fresh.texts]).toEqual([['line 4'], ['line 2', 'line 3', 'line 4']])
    await end(running, pipeline)
  })

  test('what a sink has recovered is where it is', async () => {
    store.advance('disk', [{ key, cursor: cursor(1) }])
    const sink = Object.assign(new TakingSink(), { recovered: [{ key, cursor: cursor(2) }] })
    const { pipeline, context, running } = await start({ disk: { sink } })
    expect(context.cursorOf(key, undefined)).toEqual(cursor(2))
    await end(running, pipeline)
  })
})

describe('back-pressure', () => {
  const large = (second: number) => maker.batchOf([line(second, { text: 'x'.repeat(900_000) })])

  test('a sink that is stuck fills its own queue, then holds back the source, and lets it go on', async () => {
    const stuck = new HeldSink()
    const taking = new TakingSink()
    const { pipeline, context, running } = await start({ stuck: { sink: stuck }, taking: { sink: taking } })
    let second = 0
    while (context.output.hasRoom) context.output.emit(large(++second))
    expect(pipeline.sinks().find(({ id }) => id === 'stuck')!.queuedBytes).toBeGreaterThanOrEqual(64 * 1024 * 1024)
    await expect.poll(() => taking.texts.length).toBe(second)
    const room = context.output.room(stop.signal)
    for (let i = 0; i < 3; i++) {
      await expect.poll(() => stuck.sends.length).toBe(i + 1)
      stuck.sends[i]!.outcome.resolve({ status: 'delivered' })
    }
    await room
    drained.abort(new Error('no time'))
    stop.abort(new Error('stop'))
    await running
    await pipeline[Symbol.asyncDispose]()
  })

  test('a wait for room ends with its signal', async () => {
    const stuck = new HeldSink()
    const { pipeline, context, running } = await start({ stuck: { sink: stuck } })
    for (let second = 1; context.output.hasRoom; second++) context.output.emit(large(second))
    const enough = new AbortController()
    const room = context.output.room(enough.signal)
    enough.abort(new Error('enough'))
    await expect(room).rejects.toThrow('enough')
    await expect.poll(() => stuck.sends.length).toBe(1)
    drained.abort(new Error('no time'))
    stop.abort(new Error('stop'))
    await running
    await pipeline[Symbol.asyncDispose]()
  })
})

test('a source that stops by itself is named, and the others go on', async () => {
  const sink = new TakingSink()
  const pipeline = await Pipeline.open({
    sinks: [{ id: 'disk', inputs: ['engine', 'other'], sink, queue: memoryOnly }],
    transforms: [],
    queuesFolder: '/nowhere',
    deadLetters: noDeadLetters,
    store,
    log: createLog('silent'),
    metrics: createMetrics(),
  })
  const status = () => ({ isConnected: true, detail: '', streams: 0 })
  pipeline.add('engine', {
    run: () => Promise.reject(new Error('broken invariant')),
    status,
    async [Symbol.asyncDispose]() {},
  })
  const context = pipeline.contextOf('other')
  const running = pipeline.run(stop.signal, drained.signal)
  context.output.emit(maker.batchOf([line(1)]))
  await expect.poll(() => sink.texts).toEqual(['line 1'])
  expect(pipeline.sources()).toMatchObject([{ id: 'engine', failure: 'broken invariant' }])
  await end(running, pipeline)
})
