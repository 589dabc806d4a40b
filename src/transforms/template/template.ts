import { lineFlags } from '../../batch/flags.ts'
import { LineTemplate } from '../../batch/line-template.ts'
import { BatchRewriter } from '../../batch/rewriter.ts'
import { defineTransform } from '../../component/transform.ts'
import { options } from './schema.ts'

export const template = defineTransform({
  name: 'template',
  summary: 'Writes lines anew, from their fields and from where they came.',
  options,
  examples: [{ text: '{fields.level} {fields.msg}' }, { text: '{container.name}: {text}' }],
  create: ({ text }) => {
    const filled = new LineTemplate(text)
    const rewriter = new BatchRewriter()
    return {
      apply: (batch) => {
        rewriter.reset()
        filled.begin(batch)
        const { start, end, flags } = batch.columns
        for (let row = 0; row < batch.count; row++) {
          if ((flags[row]! & lineFlags.dropped) !== 0 || !filled.hasAny(row)) continue
          rewriter.open(row, start[row]!, end[row]!)
          filled.addTo(rewriter, batch, row)
        }
        return rewriter.finish(batch)
      },
    }
  },
})
