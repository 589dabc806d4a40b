import { z } from 'zod'
import { textPlaceholders } from '../../batch/line-template.ts'
import { listOf, template } from '../../component/template.ts'

export const options = z.strictObject({
  lines_per_second: z
    .number()
    .positive()
    .meta({ description: 'So many lines a second pass, in the long run.', examples: [100] }),
  burst: z
    .int()
    .min(1)
    .optional()
    .meta({
      description:
        'So many lines pass at once after a quiet time; as many as in ten seconds where it is not given, and one at least.',
      examples: [1000],
    }),
  per: z
    .enum(['stream', 'container', 'source'])
    .default('container')
    .meta({ description: 'What has a limit of its own.' }),
  by: template(textPlaceholders)
    .optional()
    .meta({
      description: `In place of \`per\`: lines for which this text is the same share a limit. Placeholders: ${listOf(textPlaceholders)}.`,
      examples: ['{fields.user}'],
    }),
})

export type Options = z.output<typeof options>
