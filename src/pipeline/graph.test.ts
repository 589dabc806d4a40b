import { expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import { BatchRewriter } from '../batch/rewriter.ts'
import { lineFlags } from '../batch/flags.ts'
import { mergeBatches } from '../batch/merge.ts'
import type { Joiner, Router, Shaper } from '../component/transform.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { type BranchEnd, branchesOf, type TransformNode } from './graph.ts'
import { Taps } from './taps.ts'
import { linesFrom, textsOf, ToyBatches } from './testing.ts'

/** The end of a branch: keeps what it was given. */
class End implements BranchEnd {
  readonly id: string
  readonly taken: { texts: string[]; emission: number; progress: Batch['progress'] }[] = []
  failure: string | undefined

  constructor(id: string) {
    this.id = id
  }

  take(batch: Batch, emission: number): void {
    if (this.failure === undefined) this.taken.push({ texts: textsOf(batch), emission, progress: batch.progress })
    batch.release()
  }

  fail(_emission: number, reason: string): void {
    this.failure = reason
  }
}

function graph(transforms: TransformNode[], ends: Record<string, string[]>) {
  const toys = new ToyBatches()
  const metrics = createMetrics()
  const entries = Object.entries(ends).map(([id, inputs]) => ({ id, end: new End(id), inputs }))
  const lanes = entries.map(({ end, inputs }) => ({ lane: end, inputs }))
  const branches = branchesOf('in', { transforms, lanes }, { log: createLog('silent'), metrics, taps: new Taps() })
  const endOf = (id: string) => entries.find((one) => one.id === id)!.end
  return { toys, branches, endOf, metrics }
}

/** Puts `!` behind every line of an odd second. */
function shouts(): Shaper {
  const rewriter = new BatchRewriter()
  return {
    apply(batch) {
      const { end, seconds } = batch.columns
      for (let row = 0; row < batch.count; row++)
        if (seconds[row]! % 2 === 1) rewriter.replace(row, end[row]!, end[row]!, Buffer.from('!'))
      return rewriter.finish(batch)
    },
  }
}

/** The second of each line, modulo 3, is its way. */
const byThree: Router = {
  outputs: ['none', 'one', 'default'],
  route: ({ columns, count }) => Uint16Array.from({ length: count }, (_, row) => columns.seconds[row]! % 3),
}

const via = (id: string, transform: TransformNode['transform'], ...inputs: string[]): TransformNode => ({
  ...{ id, transform, inputs },
})

test('a batch in the place of another goes on in its branch only, and all memory is given back', () => {
  const transforms = [via('loud', shouts(), 'in'), via('louder', shouts(), 'loud')]
  const { toys, branches, endOf } = graph(transforms, { plain: ['in'], loud: ['loud'], louder: ['louder'] })
  branches.pass(toys.of(linesFrom('k', 2, 3)), 1)
  expect(endOf('plain').taken[0]!.texts).toEqual(['k@2.0', 'k@3.0', 'k@4.0'])
  expect(endOf('loud').taken[0]!.texts).toEqual(['k@2.0', 'k@3.0!', 'k@4.0'])
  expect(endOf('louder').taken[0]!.texts).toEqual(['k@2.0', 'k@3.0!!', 'k@4.0'])
  expect(toys.held).toBe(0)
})

test('each line goes one way; every end learns how far the stream has come', async () => {
  const { toys, branches, endOf, metrics } = graph([via('r', byThree, 'in'), via('loud', shouts(), 'r.one')], {
    none: ['r.none'],
    one: ['loud'],
    both: ['r.none', 'r.one'],
  })
  branches.pass(toys.of(linesFrom('k', 3, 6)), 7)
  expect(endOf('none').taken.map(({ texts }) => texts)).toEqual([['k@3.0', 'k@6.0']])
  expect(endOf('one').taken.map(({ texts }) => texts)).toEqual([['k@4.0', 'k@7.0!']])
  expect(endOf('both').taken.map(({ texts }) => texts)).toEqual([
    ['k@3.0', 'k@6.0'],
    ['k@4.0', 'k@7.0'],
  ])
  for (const id of ['none', 'one', 'both'])
    for (const { progress, emission } of endOf(id).taken)
      expect([progress, emission]).toEqual([[{ key: 'k', cursor: { seconds: 8, nanos: 0, count: 1 } }], 7])
  expect(toys.held).toBe(0)
  // What nothing reads is taken out.
  const countOf = async (name: 'logsProcessed' | 'logsDropped') =>
    (await metrics[name].get()).values.find(({ labels }) => labels.transform === 'r')?.value
  expect([await countOf('logsProcessed'), await countOf('logsDropped')]).toEqual([4, 2])
})

test('what fails in one output does not touch the others', () => {
  const fails: Shaper = {
    apply() {
      throw new Error('no such column')
    },
  }
  const { toys, branches, endOf } = graph([via('r', byThree, 'in'), via('bad', fails, 'r.none')], {
    bad: ['bad'],
    good: ['r.one'],
  })
  branches.pass(toys.of(linesFrom('k', 3, 3)), 1)
  branches.pass(toys.of(linesFrom('k', 6, 3)), 2)
  expect(endOf('bad').failure).toBe('transform "bad" has failed: no such column')
  expect(endOf('good').taken.map(({ texts }) => texts)).toEqual([['k@4.0'], ['k@7.0']])
  expect(toys.held).toBe(0)
})

/** Holds the last line of each batch until the next, or a flush. */
function holds(fails: () => boolean): Joiner {
  return {
    begin() {
      let held: Batch | undefined
      const release = () => {
        const batch = held
        held = undefined
        return batch
      }
      const without = ({ columns: { flags } }: Batch, isOut: (row: number) => boolean) =>
        flags.forEach((bits, row) => isOut(row) && (flags[row] = bits | lineFlags.dropped))
      return {
        join(batch) {
          if (fails()) throw new Error('no such column')
          const before = release()
          held = batch.fork()
          without(held, (row) => row !== batch.count - 1)
          const made = batch.fork()
          without(made, (row) => row === batch.count - 1)
          const merged = before ? mergeBatches([before, made]) : made
          if (before) for (const one of [before, made]) one.release()
          return merged
        },
        get dueAtMs() {
          return held && 0
        },
        flush: release,
        reopen: () => release()?.release(),
      }
    },
  }
}

test('what a joiner holds goes on with the next batch or when it is asked for, over the joiners behind it, and all memory is given back', async () => {
  const transforms = [
    via(
      'first',
      holds(() => false),
      'in',
    ),
    via(
      'second',
      holds(() => false),
      'first',
    ),
  ]
  const { toys, branches, endOf, metrics } = graph(transforms, {
    one: ['first'],
    two: ['second'],
    all: ['in', 'second'],
  })
  expect(branches.ways.map(({ lane, way }) => `${lane.id}${way}`).sort()).toEqual([
    'all',
    'all#first#second',
    'one#first',
    'two#first#second',
  ])
  expect(branches.dueAtMs()).toBeUndefined()
  branches.pass(toys.of(linesFrom('k', 1, 3)), 1)
  expect(branches.dueAtMs()).toBe(0)
  branches.pass(toys.of(linesFrom('k', 4, 3)), 2)
  branches.flush(Number.POSITIVE_INFINITY, 3)
  const textsAt = (id: string) => endOf(id).taken.flatMap(({ texts }) => texts)
  expect(textsAt('one')).toEqual(['k@1.0', 'k@2.0', 'k@3.0', 'k@4.0', 'k@5.0', 'k@6.0'])
  expect(textsAt('two')).toEqual(textsAt('one'))
  expect(branches.dueAtMs()).toBeUndefined()
  expect(toys.held).toBe(0)
  const { values } = await metrics.logsDropped.get()
  expect(values.filter(({ value }) => value > 0)).toEqual([])
})

test('a joiner that fails takes its lanes with it, and no other', () => {
  let isBroken = false
  const { toys, branches, endOf } = graph(
    [
      via(
        'bad',
        holds(() => isBroken),
        'in',
      ),
    ],
    { bad: ['bad'], good: ['in'] },
  )
  branches.pass(toys.of(linesFrom('k', 1, 2)), 1)
  isBroken = true
  branches.pass(toys.of(linesFrom('k', 3, 2)), 2)
  branches.flush(Number.POSITIVE_INFINITY, 3)
  expect(endOf('bad').failure).toBe('transform "bad" has failed: no such column')
  expect(endOf('bad').taken.map(({ texts }) => texts)).toEqual([['k@1.0']])
  expect(endOf('good').taken.map(({ texts }) => texts)).toEqual([
    ['k@1.0', 'k@2.0'],
    ['k@3.0', 'k@4.0'],
  ])
})
