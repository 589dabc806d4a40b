// Cost: 0.04 CPU seconds per million lines (node bench/shape.mjs).
import { lineFlags } from '../../batch/flags.ts'
import { LineTemplate } from '../../batch/line-template.ts'
import type { Origin } from '../../batch/origin.ts'
import { burstOf, RateLimits } from '../../batch/rate-limits.ts'
import { defineTransform, type Shaper } from '../../component/transform.ts'
import { type Options, options } from './schema.ts'

export const throttle = defineTransform({
  name: 'throttle',
  summary: 'Takes out what a container writes beyond so many lines a second.',
  options,
  examples: [
    { lines_per_second: 100, burst: 5_000 },
    { lines_per_second: 0.5, per: 'stream' },
    { lines_per_second: 10, by: '{container.name} {fields.user}' },
  ],
  create: (written) => throttling(written),
})

function throttling({ lines_per_second, burst = burstOf(lines_per_second), per, by }: Options): Shaper {
  const limits = new RateLimits({ linesPerSecond: lines_per_second, burst })
  const template = by === undefined ? undefined : new LineTemplate(by)
  return {
    apply(batch) {
      const { flags, origin } = batch.columns
      template?.begin(batch)
      const places = batch.origins.map(({ key }) => limits.placeOf(key))
      const names = batch.origins.map((one) => nameOf(one, per))
      for (let row = 0; row < batch.count; row++) {
        if ((flags[row]! & lineFlags.dropped) !== 0) continue
        const index = origin[row]!
        const name = template === undefined ? names[index]! : template.fill(batch, row)
        if (!limits.mayPass(name, places[index]!, batch, row)) flags[row] = flags[row]! | lineFlags.dropped
      }
      return batch
    },
  }
}

function nameOf({ key }: Origin, per: Options['per']): string {
  switch (per) {
    case 'stream':
      return key
    case 'container':
      return key.slice(0, key.lastIndexOf('/'))
    case 'source':
      return key.slice(0, key.indexOf('/'))
  }
}
