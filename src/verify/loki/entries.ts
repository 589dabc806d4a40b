import { z } from 'zod'
import { VerifyError } from '../verify-error.ts'

/** Labels and structured metadata of some entries, as Loki gives them: together. */
export type Labels = Readonly<Record<string, string>>

export interface LokiEntry {
  /** Nanoseconds since 1970, in decimal, of one length: they are compared as text. */
  readonly time: string
  readonly line: string
  readonly labels: Labels
}

const streams = z.object({
  resultType: z.literal('streams'),
  result: z.array(
    z.object({
      stream: z.record(z.string(), z.string()),
      // With a third element where the server is asked to tell labels from metadata, which it is not.
      values: z.array(z.tuple([z.string(), z.string()]).rest(z.unknown())),
    }),
  ),
})

/** The entries of an answer of query_range, in the order of time; those of one time in the order of the answer. @throws VerifyError */
export function entriesOf(data: unknown): LokiEntry[] {
  const parsed = streams.safeParse(data)
  if (!parsed.success)
    throw new VerifyError('Loki answers with something else than log lines', {
      hint: '--loki-query takes a log query: {job="docker"}',
    })
  const entries: LokiEntry[] = []
  for (const { stream, values } of parsed.data.result)
    for (const [time, line] of values) entries.push({ time, line, labels: stream })
  return entries.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
}

const vector = z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) })

/** The number in an answer of a metric query with one series at the most. */
export function countOf(data: unknown): number {
  return Number(vector.parse(data).result[0]?.value[1] ?? 0)
}
