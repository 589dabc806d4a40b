import type { Shaper, TransformContext } from '../../src/component/transform.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { dedupe, filter, parse, redact, sample, throttle } from '../../src/transforms/registry.ts'
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
]

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
