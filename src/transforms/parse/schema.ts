import { z } from 'zod'

export const options = z.strictObject({
  format: z.enum(['json', 'logfmt']).meta({
    description: 'What the lines are.',
  }),
  from: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'The field whose text is parsed, in place of the line.',
      examples: ['message'],
    }),
  prefix: z
    .string()
    .default('')
    .meta({
      description: 'Put before the name of each field.',
      examples: ['http.'],
    }),
  fields: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description:
        'Only fields with one of these names, in which `*` stands for any text; all where the list is empty.',
      examples: [['level', 'user.*']],
    }),
})

export type ParseOptions = z.output<typeof options>
