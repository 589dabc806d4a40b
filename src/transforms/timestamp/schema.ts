import { z } from 'zod'
import { duration } from '../../component/options.ts'
import { nearest } from '../../lib/nearest.ts'
import { formatNames } from './format.ts'
import { patternProblem } from './pattern.ts'
import { isZone } from './zone.ts'

const format = z.string().superRefine((text, context) => {
  if ((formatNames as readonly string[]).includes(text)) return
  const problem = text.includes('%') ? patternProblem(text) : unknownFormat(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

function unknownFormat(text: string): string {
  const near = nearest(text, formatNames)
  const cure =
    near === undefined
      ? `write ${formatNames.join(', ')}, or a pattern such as "%d.%m.%Y %H:%M:%S"`
      : `did you mean "${near}"?`
  return `"${text}" is no format; ${cure}`
}

export const options = z.strictObject({
  fields: z
    .array(z.string().min(1))
    .min(1)
    .default(['timestamp', 'time', 'ts', '@timestamp', 'date'])
    .meta({ description: 'Where the time stands: of these fields the first that a line has.' }),
  formats: z
    .array(format)
    .min(1)
    .default(['rfc3339', 'unix'])
    .meta({
      description:
        'How it is written, tried in this order. `rfc3339`: also with a blank for the T, a comma for the point, without zone. `unix`: seconds, milli-, micro- or nanoseconds since 1970, told by their digits. `clf`: `23/Nov/2026:12:42:29 +0000`. `http`: `Mon, 23 Nov 2026 12:42:29 GMT`. `syslog`: `Nov 23 12:42:29`. Or a pattern of strptime: `%d.%m.%Y %H:%M:%S,%f`.',
      examples: [['%Y/%m/%d %H:%M:%S', 'unix']],
    }),
  zone: z
    .string()
    .refine(isZone, 'that is no time zone: write a name such as Europe/Berlin')
    .default('UTC')
    .meta({ description: 'The time zone of what says none.', examples: ['Europe/Berlin'] }),
  max_behind: duration().prefault('24h').meta({
    description: "How far a line's time may lie before the engine's.",
  }),
  max_ahead: duration().prefault('10m').meta({
    description: "How far it may lie behind the engine's.",
  }),
  outside: z.enum(['reject', 'clamp', 'keep']).default('reject').meta({
    description:
      "What becomes of a time outside of that: `reject`: the line goes by the engine's. `clamp`: the nearest time within. `keep`: it is taken as it is.",
  }),
})

export type TimestampOptions = z.output<typeof options>
