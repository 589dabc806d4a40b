import { isDeepStrictEqual } from 'node:util'
import type { Batch } from '../../../src/batch/batch.ts'
import { hasOwnTime, shownNanos, shownSeconds } from '../../../src/batch/line-time.ts'
import { lineFlags } from '../../../src/batch/flags.ts'
import { valuesOf } from '../../../src/batch/fields/values.ts'
import type { Router, Shaper, TransformContext } from '../../../src/component/transform.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { parse } from '../../../src/transforms/registry.ts'
import { batchesOf } from '../columns.ts'
import type { Stage, StageInput } from '../stage.ts'
import { type RowFunction, RowWriter } from './row-view.ts'

/** A transform, and what does the same with lines that are objects. */
export interface Shaping {
  /** Of the transform. */
  readonly name: string
  readonly what: string
  /** Fields that the lines have already, found in those that are JSON. */
  readonly parsed?: readonly string[]
  readonly create: (context: TransformContext, folder: string) => Shaper | Router
  readonly rows?: () => RowFunction
}

type Apply = (batch: Batch) => Batch

/** Of each the columns, and the rows where there are some. What is remembered is new with every pass: the lines come once. */
export function stagesOf(shaping: Shaping): Stage[] {
  const { name, what, rows } = shaping
  const columns: Stage = {
    name: `stage-${name}`,
    what: `${name}, ${what}`,
    open(input) {
      const batches = inputOf(shaping, input)
      return () => pass(batches, columnsOf(shaping, input.folder))
    },
  }
  if (rows === undefined) return [columns]
  const objects: Stage = {
    name: `rows-${name}`,
    what: 'the same with lines as objects',
    open(input) {
      const batches = inputOf(shaping, input)
      using apply = columnsOf(shaping, input.folder)
      compare(batches[0]!, apply.apply, rowsOf(rows()))
      return () => pass(batches, { apply: rowsOf(rows()), [Symbol.dispose]: () => undefined })
    },
  }
  return [columns, objects]
}

function inputOf({ parsed }: Shaping, { records }: StageInput): Batch[] {
  const batches = batchesOf(records)
  if (parsed === undefined) return batches
  const transform = parse.create(parse.options.parse({ format: 'json', fields: parsed }), context())
  return batches.map((batch) => transform.apply(batch))
}

function columnsOf({ create }: Shaping, folder: string): { apply: Apply } & Disposable {
  const transform = create(context(), folder)
  const apply: Apply = (batch) => {
    if ('apply' in transform) return transform.apply(batch)
    transform.route(batch)
    return batch
  }
  return { apply, [Symbol.dispose]: () => 'apply' in transform && transform[Symbol.dispose]?.() }
}

function rowsOf(change: RowFunction): Apply {
  const writer = new RowWriter()
  return (batch) => writer.apply(batch, change)
}

function context(): TransformContext {
  return { id: 'bench', metrics: createMetrics() }
}

function pass(batches: readonly Batch[], made: { apply: Apply } & Disposable): number {
  using transform = made
  let lines = 0
  for (const batch of batches) {
    batch.columns.flags.fill(0)
    const out = transform.apply(batch)
    lines += out.count
    if (out !== batch) out.release()
  }
  return lines
}

/** What does not do the same is not measured beside it. */
function compare(batch: Batch, ...both: readonly [Apply, Apply]): void {
  const [columns, rows] = both.map((apply) => {
    batch.columns.flags.fill(0)
    const out = apply(batch)
    const seen = Array.from({ length: out.count }, (_, row) => outcomeOf(out, row))
    if (out !== batch) out.release()
    return seen
  })
  const row = columns!.findIndex((outcome, at) => !isDeepStrictEqual(outcome, rows![at]))
  if (row !== -1)
    throw new Error(`line ${row}: ${JSON.stringify(columns![row])} of columns, ${JSON.stringify(rows![row])} of rows`)
}

function outcomeOf(batch: Batch, row: number): unknown {
  const { columns, bytes } = batch
  if ((columns.flags[row]! & lineFlags.dropped) !== 0) return 'dropped'
  const text = bytes.toString('utf8', columns.start[row], columns.end[row])
  const ownMs = hasOwnTime(batch, row)
    ? shownSeconds(batch, row) * 1000 + Math.floor(shownNanos(batch, row) / 1e6)
    : undefined
  return { text, ownMs, fields: valuesOf(batch.fields, row) }
}
