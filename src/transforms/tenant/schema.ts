import { z } from 'zod'
import { linePlaceholders } from '../../batch/origin-template.ts'
import { listOf, template } from '../../component/template.ts'

export const options = z.strictObject({
  from: template(linePlaceholders).meta({
    description: `Whose a line is, with placeholders: ${listOf(linePlaceholders)}.`,
    examples: ['{labels.team}'],
  }),
  default: z.string().min(1).default('none').meta({ description: 'Whose lines are that say nobody.' }),
  lines_per_second: z
    .number()
    .positive()
    .optional()
    .meta({
      description: 'So many lines a second of each tenant pass, in the long run; all where it is not given.',
      examples: [1000],
    }),
  burst: z.int().min(1).optional().meta({
    description: 'So many of its lines pass at once after a quiet time; those of ten seconds where it is not given.',
  }),
  quotas: z
    .record(z.string().min(1), z.number().positive())
    .default({})
    .meta({ description: 'Lines a second of tenants that have a limit of their own.', examples: [{ shop: 5000 }] }),
})

export type TenantOptions = z.output<typeof options>
