import type { Batch } from '../../../src/batch/batch.ts'
import { lineFlags } from '../../../src/batch/flags.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { multiline } from '../../../src/transforms/registry.ts'
import { idPrefix } from '../../input/lines.ts'
import { batchesOf } from '../columns.ts'
import type { Stage } from '../stage.ts'
import { joinRows } from './row-functions.ts'
import { rowViewOf } from './row-view.ts'

export const joining: Stage = {
  name: 'stage-multiline',
  what: 'multiline, the rules that hold where none is named; one line in forty is of a stack trace',
  open({ records }) {
    const batches = batchesOf(records)
    const came = joined(batches, ({ columns, count, bytes }) => {
      let numbers = 0
      for (let row = 0; row < count; row++)
        if ((columns.flags[row]! & lineFlags.dropped) === 0)
          numbers += numbersIn(bytes.subarray(columns.start[row], columns.end[row]))
      return numbers
    })
    // Which rows come of them the transform's own tests say: here no line may be missing from their texts.
    const rows = joined(batches, ({ count }) => count)
    return () => (joined(batches, ({ count }) => count) === rows ? came : -1)
  },
}

export const joiningRows: Stage = {
  name: 'rows-multiline',
  what: 'the same with lines as objects',
  open({ records }) {
    const batches = batchesOf(records)
    return () => {
      let numbers = 0
      const joiner = joinRows((text) => (numbers += numbersIn(Buffer.from(text))))
      for (const batch of batches) for (let row = 0; row < batch.count; row++) joiner.row(rowViewOf(batch, row))
      joiner.end()
      return numbers
    }
  },
}

/** Joins all lines. @returns what `count` says of the batches that come out, together */
function joined(batches: readonly Batch[], count: (batch: Batch) => number): number {
  const transform = multiline.create(multiline.options.parse({}), { id: 'bench', metrics: createMetrics() })
  const joins = transform.begin()
  let sum = 0
  const take = (made: Batch | undefined) => {
    if (!made) return
    sum += count(made)
    made.release()
  }
  for (const batch of batches) {
    batch.columns.flags.fill(0)
    take(joins.join(batch, 0))
  }
  take(joins.flush(Infinity))
  return sum
}

/** Of the lines, which have one each, in what was made of them. */
function numbersIn(text: Buffer): number {
  let numbers = 0
  for (let at = text.indexOf(idPrefix); at >= 0; at = text.indexOf(idPrefix, at + 1)) numbers += 1
  return numbers
}
