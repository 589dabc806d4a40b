import { z } from 'zod'
import { duration } from '../../component/options.ts'

export const options = z.strictObject({
  window: duration()
    .prefault('10s')
    .meta({
      description: 'For so long after a line the same text is taken out where it comes again in the stream.',
      examples: ['1m'],
    }),
  note: z.boolean().default(true).meta({
    description:
      'Say at the end of the next line of that text how many were taken out: ` (17 more like this)`. Lines of JSON are left as they are.',
  }),
})

export type Options = z.output<typeof options>
