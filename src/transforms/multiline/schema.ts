import { z } from 'zod'
import { bytes, duration, pattern } from '../../component/options.ts'
import { presetNames } from './traces.ts'

/** As long as a sink can wait for a container's last lines after the container is gone. */
const longestMs = 30_000

export const options = z.strictObject({
  presets: z
    .array(z.enum(presetNames))
    .optional()
    .meta({
      description:
        'Languages whose stack traces become one line. All of them where it is not given, and none where `start` or `continue` is.',
      examples: [['java', 'python']],
    }),
  start: z
    .array(pattern())
    .default([])
    .meta({
      description:
        'A line that one of these matches begins an event, whatever the others say. Alone: every other line belongs to the event before it.',
      examples: [['^[0-9]{4}-[0-9]{2}-[0-9]{2}']],
    }),
  continue: z
    .array(pattern())
    .default([])
    .meta({ description: 'A line that one of these matches belongs to the event before it.', examples: [['^\\s']] }),
  flush_after: duration()
    .prefault('1s')
    .refine((ms) => ms >= 10 && ms <= longestMs, { message: 'write a time from 10ms to 30s' })
    .meta({ description: 'So long after a line, in its time and in ours, nothing belongs to it any more.' }),
  max_lines: z.int().min(2).default(1_000).meta({ description: 'Lines of one event; what is more begins another.' }),
  max_bytes: bytes()
    .prefault('256KiB')
    .refine((size) => size >= 1024, { message: 'write a size of 1KiB at least' })
    .meta({ description: 'Bytes of one event; what is more begins another. A single line may be longer.' }),
})

export type Options = z.output<typeof options>
