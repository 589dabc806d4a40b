import { z } from 'zod'
import { duration } from '../../component/options.ts'

const line = z.union([
  z.string(),
  z.strictObject({
    text: z.string(),
    container: z.string().min(1).default('app'),
    image: z.string().default('image'),
    labels: z.record(z.string(), z.string()).default({}),
    stream: z.enum(['stdout', 'stderr']).default('stdout'),
    /** Since the first moment of the test; a millisecond after the line before where it is not given. */
    at: duration().optional(),
  }),
])

const expectedLine = z.union([
  z.string(),
  z
    .strictObject({
      text: z.string().optional(),
      /** Those that are named are compared, others are not looked at. */
      fields: z.record(z.string(), z.json()).optional(),
    })
    .refine(({ text, fields }) => text !== undefined || fields !== undefined, {
      message: 'nothing is expected of the line: write its text, or fields',
    }),
])

/** The file of tests: what goes in, and what is to come out where. */
export const lineTests = z.strictObject({
  tests: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        source: z.string().optional(),
        lines: z.array(line).min(1),
        expect: z.record(z.string(), z.array(expectedLine)).refine((expected) => Object.keys(expected).length > 0, {
          message: 'nothing is expected: write the id of a sink or transform, and its lines',
        }),
      }),
    )
    .min(1),
})

export type LineTest = z.output<typeof lineTests>['tests'][number]
export type GivenLine = LineTest['lines'][number]
export type ExpectedLine = LineTest['expect'][string][number]
