import { z } from 'zod'
import { bytes, duration } from '../../component/options.ts'

export const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .meta({
      description:
        'A module whose default export is a function of a row, in JavaScript or in TypeScript (its types are taken away, not checked). Read when the collector starts, and when this transform changes.',
      examples: ['./shape.mjs', './shape.ts'],
    }),
  timeout: duration().prefault('1s').meta({
    description:
      'How long the script may take for a line. Then it is stopped and begun anew; the line goes on as it was.',
  }),
  memory: bytes().prefault('64MiB').meta({
    description: 'How much the script may hold. Beyond it is stopped and begun anew; the line goes on as it was.',
  }),
})

export type ScriptOptions = z.output<typeof options>
