import type { Batch } from '../../src/batch/batch.ts'
import type { Shaper, TransformContext } from '../../src/component/transform.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { dedupe, filter, multiline, parse, redact, sample, throttle } from '../../src/transforms/registry.ts'
import { lineFlags } from '../../src/batch/flags.ts'
import { idPrefix } from '../input/lines.ts'
import { batchesOf } from './columns.ts'
import type { Stage } from './stage.ts'

export const shaping: readonly Stage[] = [
  shaper('filter', 'a text that is nowhere', (context) =>
    filter.create(filter.options.parse({ exclude: ['no line has this in it'] }), context),
  ),
  shaper('redact', 'the rules that hold where none is named', (context) =>
    redact.create(redact.options.parse({}), context),
  ),
  shaper('parse', 'JSON, level and message of the half of lines that are', (context) =>
    parse.create(parse.options.parse({ format: 'json', fields: ['level', 'message'] }), context),
  ),
  shaper('sample', 'one in ten', (context) => sample.create(sample.options.parse({ one_in: 10 }), context)),
  shaper('throttle', '100 lines a second', (context) =>
    throttle.create(throttle.options.parse({ lines_per_second: 100 }), context),
  ),
  shaper('dedupe', 'nothing comes again', (context) => dedupe.create(dedupe.options.parse({}), context)),
  {
    name: 'stage-multiline',
    what: 'multiline, the rules that hold where none is named; one line in forty is of a stack trace',
    open({ records }) {
      const batches = batchesOf(records)
      const came = joined(batches, countNumbers)
      // Which rows come of them the transform's own tests say: here no line may be missing from their texts.
      const rows = joined(batches, ({ count }) => count)
      return () => (joined(batches, ({ count }) => count) === rows ? came : -1)
    },
  },
]

/** Joins all lines. @returns what `count` says of the batches that come out, together */
function joined(batches: readonly Batch[], count: (batch: Batch) => number): number {
  const transform = multiline.create(multiline.options.parse({}), { id: 'bench', metrics: createMetrics() })
  const joining = transform.begin()
  let sum = 0
  const take = (made: Batch | undefined) => {
    if (!made) return
    sum += count(made)
    made.release()
  }
  for (const batch of batches) {
    batch.columns.flags.fill(0)
    take(joining.join(batch, 0))
  }
  take(joining.flush(Infinity))
  return sum
}

/** Of the lines, which have one each, in what was made of them. */
function countNumbers({ columns, count, bytes }: Batch): number {
  let numbers = 0
  for (let row = 0; row < count; row++) {
    if ((columns.flags[row]! & lineFlags.dropped) !== 0) continue
    const text = bytes.subarray(columns.start[row], columns.end[row])
    for (let at = text.indexOf(idPrefix); at >= 0; at = text.indexOf(idPrefix, at + 1)) numbers += 1
  }
  return numbers
}

/** A transform that is new with every pass: what it remembers is of lines that come once. */
function shaper(name: string, what: string, create: (context: TransformContext) => Shaper): Stage {
  return {
    name: `stage-${name}`,
    what: `${name}, ${what}`,
    open({ records }) {
      const batches = batchesOf(records)
      return () => {
        const transform = create({ id: 'bench', metrics: createMetrics() })
        let lines = 0
        for (const batch of batches) {
          batch.columns.flags.fill(0)
          const made = transform.apply(batch)
          lines += made.count
          if (made !== batch) made.release()
        }
        return lines
      }
    },
  }
}
