import { defineTransform } from '../../component/transform.ts'
import { dropLines } from './drop-lines.ts'
import { options } from './schema.ts'

export const filter = defineTransform({
  name: 'filter',
  summary: 'Keeps or takes out lines by the texts in them.',
  options,
  examples: [{ exclude: ['GET /health'] }, { include: ['ERROR', 'WARN'] }],
  create({ include, exclude }) {
    const needles = { include: include.map(toBytes), exclude: exclude.map(toBytes) }
    return {
      apply: (batch) => {
        dropLines(batch, needles)
        return batch
      },
    }
  },
})

function toBytes(text: string): Buffer {
  return Buffer.from(text)
}
