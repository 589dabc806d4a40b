import { z } from 'zod'

const number = (preset: number, max: number) => z.coerce.number().int().min(1).max(max).default(preset)
export const listQuery = z.strictObject({
  sink: z.string().optional().meta({ description: 'Only those of this sink.' }),
  after: z
    .string()
    .regex(/^[0-9a-z]{1,8}-[0-9a-z]{1,8}$/)
    .optional()
    .meta({ description: '`next` of the answer before.' }),
  limit: number(100, 1_000).meta({ description: 'Letters at most.' }),
})
export const readQuery = z.strictObject({ limit: number(1_000, 1_000_000).meta({ description: 'Lines at most.' }) })

const ids = z.strictObject({ ids: z.array(z.string()).min(1).meta({ description: 'Either these,' }) })
const sink = z.strictObject({ sink: z.string().meta({ description: 'or all of this sink,' }) })
const all = z.strictObject({ all: z.literal(true).meta({ description: 'or all that there are.' }) })
const rate = { rate: z.number().min(1).default(1_000).meta({ description: 'Lines a second.' }) }
export const selection = z.union([ids, sink, all])
export const replayBody = z.union([ids.extend(rate), sink.extend(rate), all.extend(rate)])
