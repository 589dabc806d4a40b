import { z } from 'zod'

/** Lines searched and sent cost time beside the pipeline: nobody needs more of these. */
const maxTexts = 16

const texts = (description: string) =>
  z
    .array(z.string().min(1).max(1_000))
    .max(maxTexts)
    .default([])
    .meta({ description: `${description} May be given up to ${maxTexts} times.` })

export const tailQuery = z.strictObject({
  container: texts('Container names, of which `*` and `?` stand for any text and any character; none given: all.'),
  stream: z.enum(['stdout', 'stderr']).optional().meta({ description: 'Only this stream.' }),
  include: texts('Only lines that contain one of these texts.'),
  exclude: texts('No lines that contain one of these texts.'),
  last: z.coerce.number().int().min(1).max(1_000).optional().meta({
    description:
      'Begin with the last so many lines of each container, asked of the engine, in the order of their times over all containers: 10,000 lines and 8 MiB at the most. Of these `include` and `exclude` show what they want. Not behind a transform, which has not seen them.',
  }),
  at: z.string().optional().meta({
    description: 'Id of the source or transform behind which lines are seen; not given: all sources.',
  }),
})
export type TailQuery = z.output<typeof tailQuery>

/** The query of a request as the schema takes it: keys that may be repeated as lists. */
export function readTailQuery(queries: Readonly<Record<string, readonly string[]>>) {
  const isList = (key: string) => key in tailQuery.shape && !['stream', 'at', 'last'].includes(key)
  const entries = Object.entries(queries).map(([key, values]) => [
    key,
    isList(key) ? values : values.length === 1 ? values[0] : values,
  ])
  return tailQuery.safeParse(Object.fromEntries(entries))
}
