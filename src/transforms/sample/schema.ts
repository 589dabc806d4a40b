import { z } from 'zod'
import { pattern } from '../../component/options.ts'

export const options = z.strictObject({
  one_in: z
    .int()
    .min(2)
    .meta({ description: 'Keep one line of so many.', examples: [10] }),
  key: pattern()
    .optional()
    .meta({
      description:
        'Pattern for what belongs together: of lines with the same match (its first group, where it has one) all are kept, or none. Lines without a match are chosen one by one.',
      examples: ['trace_id=([0-9a-f]+)'],
    }),
  always: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description: 'Keep every line that contains one of these texts.',
      examples: [['ERROR']],
    }),
})

export type Options = z.output<typeof options>
