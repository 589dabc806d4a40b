import { z } from 'zod'
import { pattern } from '../../component/options.ts'
import { levelNames } from './level.ts'

const needles = z.array(z.string().min(1)).default([])

export const options = z.strictObject({
  include: needles.meta({
    description:
      'Keep only lines that contain one of these texts; every line where neither this nor `include_regex` is given.',
    examples: [['ERROR', 'WARN']],
  }),
  exclude: needles.meta({
    description: 'Take out lines that contain one of these texts, the ones kept by `include` too.',
    examples: [['GET /health']],
  }),
  include_regex: z
    .array(pattern())
    .default([])
    .meta({
      description: 'Keep lines that match one of these patterns, in RE2 syntax, beside those that `include` keeps.',
      examples: [['status=5[0-9]{2}']],
    }),
  exclude_regex: z
    .array(pattern())
    .default([])
    .meta({
      description: 'Take out lines that match one of these patterns.',
      examples: [['took [0-9]ms']],
    }),
  streams: z
    .array(z.enum(['stdout', 'stderr']))
    .min(1)
    .default(['stdout', 'stderr'])
    .meta({ description: 'Keep only lines of these streams.' }),
  containers: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description:
        'Keep only lines of containers with one of these names, in which `*` stands for any text; of every container where the list is empty.',
      examples: [['web-*']],
    }),
  level: z
    .enum(levelNames)
    .optional()
    .meta({
      description: 'Keep only lines of at least this level. Lines that say no level are kept.',
      examples: ['warn'],
    }),
})

export type Options = z.output<typeof options>
