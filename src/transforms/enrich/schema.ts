import { z } from 'zod'
import { linePlaceholders } from '../../batch/origin-template.ts'
import { listOf, template } from '../../component/template.ts'

export const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .meta({
      description:
        'A table: CSV with names in its first line, or JSON, an array of objects or an object of objects by their key. Read when the collector starts, and when this transform changes.',
      examples: ['/etc/log-capturer/services.csv'],
    }),
  by: template(linePlaceholders).meta({
    description: `What is looked up, with placeholders: ${listOf(linePlaceholders)}.`,
    examples: ['{container.name}', '{fields.service}'],
  }),
  column: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'The column that it is looked up in; the first where it is not given.' }),
  fields: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description: 'The columns that become fields; all others where the list is empty.',
      examples: [['team', 'tier']],
    }),
  prefix: z
    .string()
    .default('')
    .meta({ description: 'Put before the name of each field.', examples: ['service.'] }),
})

export type EnrichOptions = z.output<typeof options>
