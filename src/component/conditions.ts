import { z } from 'zod'
import { pattern } from './options.ts'
import { expressionProblem } from '../batch/expression/environment.ts'
import { levelNames } from '../batch/level.ts'

const needles = z.array(z.string().min(1)).default([])

/** What may be asked of lines: the options of `filter`, and of each route. `Conditions` of batch/conditions.ts. */
export const conditions = {
  include: needles.meta({
    description:
      'Only lines that contain one of these texts; every line where neither this nor `include_regex` is given.',
    examples: [['ERROR', 'WARN']],
  }),
  exclude: needles.meta({
    description: 'No lines that contain one of these texts, those that `include` asks for neither.',
    examples: [['GET /health']],
  }),
  include_regex: z
    .array(pattern())
    .default([])
    .meta({
      description: 'Lines that match one of these patterns, in RE2 syntax, beside those that `include` asks for.',
      examples: [['status=5[0-9]{2}']],
    }),
  exclude_regex: z
    .array(pattern())
    .default([])
    .meta({
      description: 'No lines that match one of these patterns.',
      examples: [['took [0-9]ms']],
    }),
  streams: z
    .array(z.enum(['stdout', 'stderr']))
    .min(1)
    .default(['stdout', 'stderr'])
    .meta({ description: 'Only lines of these streams.' }),
  containers: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description:
        'Only lines of containers with one of these names, in which `*` stands for any text; of every container where the list is empty.',
      examples: [['web-*']],
    }),
  where: z
    .string()
    .min(1)
    .superRefine((text, context) => {
      const problem = expressionProblem(text)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    })
    .optional()
    .meta({
      description:
        'Only lines for which this expression of [CEL](https://cel.dev) is true. It may ask for `text`, `level`, `fields`, `container.name`, `container.id`, `container.image`, `labels`, `stream`, `host` and `source`; a line that lacks what it asks for does not meet it.',
      examples: ['fields.status >= 500 && !text.contains("/health")'],
    }),
  level: z
    .enum(levelNames)
    .optional()
    .meta({
      description:
        'Only lines of at least this level: that of the field `level`, where a line has one, else what its text says. A `filter` keeps lines that say none, a route takes none of them.',
      examples: ['warn'],
    }),
}
