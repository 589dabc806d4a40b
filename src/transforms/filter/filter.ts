import { defineTransform } from '../../component/transform.ts'
import { sievesOf } from './sieves.ts'
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
    const sieves = sievesOf(written)
    return {
      apply: (batch) => {
        for (const sieve of sieves) sieve(batch)
        return batch
      },
    }
  },
})
