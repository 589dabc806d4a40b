import { z } from 'zod'
import { bytes } from './options.ts'

/** The queue before a sink: the same for every sink, beside its own options. */
export const queueOptions = z
  .strictObject({
    memory: bytes()
      .prefault('16MiB')
      .meta({
        description:
          'Memory for lines that wait for the sink. Beyond half of it sources wait for 1 second, and up to 5 where the sink takes lines; then lines go to disk. For files they wait as long as lines are taken, and 10 seconds.',
        examples: ['64MiB'],
      }),
    disk: bytes()
      .prefault('1GiB')
      .meta({
        description: 'Disk, below `data_dir`, for lines that memory has no room for. `0`: none, the sources wait.',
        examples: ['10GiB'],
      }),
    when_full: z.enum(['block', 'drop_oldest']).default('block').meta({
      description:
        'What happens when memory and disk are full. `block`: the sources wait. `drop_oldest`: the oldest lines on disk are dropped, and counted.',
    }),
  })
  .prefault({})
  .meta({ description: 'Lines on their way to the sink.' })

export type QueueOptions = z.output<typeof queueOptions>
