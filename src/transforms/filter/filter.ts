import { candidatesOf, sieveOf } from '../../batch/conditions.ts'
import { lineFlags } from '../../batch/flags.ts'
import { defineTransform } from '../../component/transform.ts'
import { options } from './schema.ts'

export const filter = defineTransform({
  name: 'filter',
  summary: 'Keeps or takes out lines by the texts in them, their level, and where they come from.',
  options,
  examples: [
    { exclude: ['GET /health'] },
    { include: ['ERROR', 'WARN'] },
    { level: 'warn', containers: ['web-*'] },
    { include_regex: ['status=5[0-9]{2}'], streams: ['stdout'] },
  ],
  create(written) {
    const sieve = sieveOf(written, { withoutLevel: true })
    return {
      apply(batch) {
        const candidates = candidatesOf(batch)
        sieve(batch, candidates)
        const { flags } = batch.columns
        for (let row = 0; row < batch.count; row++)
          if (candidates[row] === 0) flags[row] = flags[row]! | lineFlags.dropped
        return batch
      },
    }
  },
})
