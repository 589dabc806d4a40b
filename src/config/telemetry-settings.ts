import { z } from 'zod'

const traces = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'this is no address: write for example http://127.0.0.1:4318/v1/traces' })
    .meta({
      description: 'Where they are taken by OTLP over HTTP (JSON), with its path.',
      examples: ['http://127.0.0.1:4318/v1/traces'],
    }),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .meta({ description: 'Sent with them, for instance credentials.', secret: true }),
  one_in: z.int().min(1).default(1_000).meta({ description: 'One batch in so many is traced, by chance.' }),
  service_name: z.string().min(1).default('log-capturer').meta({ description: '`service.name` of the traces.' }),
})

/** What the collector tells others of itself, beside its metrics and its log. */
export const telemetrySettings = z.strictObject({
  traces: traces.optional().meta({
    description:
      'Traces of batches for OpenTelemetry: reading, the queue of each sink, each try to send, and the acknowledgement. Not given: none, at no cost.',
  }),
})
