import { z } from 'zod'

const number = (preset: number, max: number) => z.coerce.number().int().min(1).max(max).default(preset)
export const listQuery = z.strictObject({
  sink: z.string().optional(),
  after: z
    .string()
    .regex(/^[0-9a-z]{1,8}-[0-9a-z]{1,8}$/)
    .optional(),
  limit: number(100, 1_000),
})
export const readQuery = z.strictObject({ limit: number(1_000, 1_000_000) })

const ids = z.strictObject({ ids: z.array(z.string()).min(1) })
const sink = z.strictObject({ sink: z.string() })
const all = z.strictObject({ all: z.literal(true) })
const rate = { rate: z.number().min(1).default(1_000) }
export const selection = z.union([ids, sink, all])
export const replayBody = z.union([ids.extend(rate), sink.extend(rate), all.extend(rate)])
