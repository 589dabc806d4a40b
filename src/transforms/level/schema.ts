import { z } from 'zod'

export const options = z.strictObject({
  from: z
    .array(z.string().min(1))
    .default(['level', 'severity', 'lvl'])
    .meta({
      description:
        'Fields that may say the level, the first that does counts; else what the text says does. Where the list is empty only the text is asked.',
      examples: [['log.level', 'severity']],
    }),
  numbers: z.enum(['pino', 'syslog']).default('pino').meta({
    description:
      "What numbers in these fields mean: pino's and bunyan's 10 (trace) to 60 (fatal), or severities of syslog, 7 (debug) to 0 (fatal).",
  }),
  field: z.string().min(1).default('level').meta({
    description: 'The field that gets the level.',
  }),
})
