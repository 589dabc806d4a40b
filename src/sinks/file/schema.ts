import { z } from 'zod'
import { bytes, duration } from '../../component/options.ts'
import { zstdProblem } from './compression.ts'
import { placeholders, templateProblem } from './path-template.ts'

export const options = z.strictObject({
  path: z
    .string()
    .min(1)
    .superRefine((text, context) => {
      const problem = templateProblem(text)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    })
    .meta({
      description: `Where lines go: a path with placeholders, ${placeholders.map((name) => `\`{${name}}\``).join(', ')}. What a placeholder stands for never adds a folder or leaves the path's own.`,
      examples: ['./logs/{container.name}/{date}.ndjson'],
    }),
  format: z.enum(['ndjson', 'text']).default('ndjson').meta({
    description:
      '`ndjson`: one JSON object per line, with time, stream, container and labels. `text`: the line as it was written, byte for byte.',
  }),
  rotate: z
    .strictObject({
      size: bytes()
        .optional()
        .meta({
          description: 'Begin a new file before this size is passed; a single longer line gets a file of its own.',
          examples: ['100MiB'],
        }),
      every: duration()
        .optional()
        .meta({ description: 'Begin a new file when this one is so old.', examples: ['24h'] }),
    })
    .superRefine(({ size, every }, context) => {
      const message = 'rotating at nothing would make a file per line: leave it out, or give more than 0'
      if (size === 0) context.addIssue({ code: 'custom', path: ['size'], message })
      if (every === 0) context.addIssue({ code: 'custom', path: ['every'], message })
    })
    .default({})
    .meta({ description: 'When a file is put aside, as `NAME.TIME.NUMBER`, and a new one begun.' }),
  compress: z
    .enum(['none', 'gzip', 'zstd'])
    .superRefine((name, context) => {
      const problem = name === 'zstd' ? zstdProblem() : undefined
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    })
    .default('none')
    .meta({ description: 'What is done with files put aside. `zstd` needs Node 22.15 or later.' }),
  keep: z
    .strictObject({
      files: z
        .int()
        .min(0)
        .optional()
        .meta({ description: 'Files put aside that are kept, for each path.', examples: [10] }),
      age: duration()
        .optional()
        .meta({ description: 'Older ones are deleted.', examples: ['30d'] }),
      total_bytes: bytes()
        .optional()
        .meta({
          description: 'The oldest ones are deleted when all of the sink together pass this size.',
          examples: ['10GiB'],
        }),
    })
    .default({})
    .meta({ description: 'Which of the files put aside are kept; all, where nothing is given.' }),
  sync_every: duration()
    .prefault('200ms')
    .meta({
      description:
        'How long written lines may wait for the disk to confirm them; lines are acknowledged afterwards. `0ms`: every batch at once.',
      examples: ['200ms'],
    }),
})

export type FileOptions = z.output<typeof options>
