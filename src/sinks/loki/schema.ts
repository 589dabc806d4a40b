import { z } from 'zod'
import { linePlaceholders, originPlaceholders } from '../../batch/origin-template.ts'
import { bytes, duration } from '../../component/options.ts'
import { listOf, template } from '../../component/template.ts'

/** Loki's own limit for the labels of a stream (limits_config, max_label_names_per_series). */
const maxLabels = 15
const namePattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/

const templates = (placeholders: readonly string[]) =>
  z.record(z.string(), template(placeholders)).superRefine((names, context) => {
    for (const name of Object.keys(names)) {
      if (namePattern.test(name) && !name.startsWith('__')) continue
      const message = `"${name}" is no name for Loki: letters, digits and _, no digit first, no __ first`
      context.addIssue({ code: 'custom', path: [name], message })
    }
  })

const defaultLabels = {
  container: '{container.name}',
  stream: '{stream}',
  host: '{host}',
  compose_project: '{labels.com.docker.compose.project}',
  compose_service: '{labels.com.docker.compose.service}',
}

const auth = z.union([
  z.strictObject({
    username: z.string().min(1).meta({ description: 'User name, for basic authentication.' }),
    password: z.string().meta({ description: 'Its password.', secret: true }),
  }),
  z.strictObject({ token: z.string().min(1).meta({ description: 'Bearer token.', secret: true }) }),
])

const tls = z.strictObject({
  ca_file: z.string().optional().meta({ description: 'PEM file with the authorities that the server is checked by.' }),
  cert_file: z.string().optional().meta({ description: 'PEM file with a certificate of our own, for mutual TLS.' }),
  key_file: z.string().optional().meta({ description: 'PEM file with its key.' }),
  server_name: z
    .string()
    .optional()
    .meta({ description: 'Name that the certificate of the server must have, where it is not that of `url`.' }),
  insecure: z.boolean().default(false).meta({ description: 'Do not check the certificate of the server.' }),
})

export const options = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).meta({
    description: 'Base address of the server, or of its push endpoint.',
    examples: ['http://loki:3100'],
  }),
  encoding: z.enum(['protobuf', 'json']).default('protobuf').meta({
    description:
      '`protobuf`: compressed by snappy, every byte of a line as it was. `json`: compressed by gzip, bytes that are no UTF-8 become U+FFFD.',
  }),
  tenant: template(linePlaceholders)
    .optional()
    .meta({ description: `Sent as X-Scope-OrgID; with the placeholders of \`labels\`.`, examples: ['team-a'] }),
  auth: auth.optional().meta({ description: 'Who we are: a user name and password, or a token.' }),
  tls: tls.optional().meta({ description: 'TLS for an `https://` address.' }),
  labels: templates(linePlaceholders)
    .refine((names) => Object.keys(names).length > 0, 'Loki takes no line without a label')
    .refine((names) => Object.keys(names).length <= maxLabels, `Loki takes ${maxLabels} labels at the most`)
    .default(defaultLabels)
    .meta({
      description: `Labels of the streams, each a text with placeholders: ${listOf(linePlaceholders)}. A label whose value is empty is left out. Fields are what transforms such as \`parse\` have found in a line: take only those that have few values.`,
    }),
  metadata: templates(originPlaceholders)
    .default({})
    .meta({
      description:
        'Structured metadata of every line besides `container_id`, `image`, `flags` and its fields, with the placeholders of `labels` but for fields.',
      examples: [{ team: '{labels.team}' }],
    }),
  structured_metadata: z.boolean().default(true).meta({
    description: 'Send structured metadata. `false` for servers that refuse it (before 3.0, schema before v13).',
  }),
  max_streams: z.int().min(1).default(5_000).meta({
    description:
      'Label sets at a time; one that had no line for an hour is forgotten. Lines beyond go on under `{log_capturer_overflow="true"}`, with their labels as structured metadata.',
  }),
  batch: z
    .strictObject({
      max_bytes: bytes().prefault('1MiB').meta({ description: 'Bytes of lines after which a push is sent.' }),
      max_age: duration().prefault('50ms').meta({
        description:
          'The most that a line waits for others: a push that is not full is sent so long after the one before.',
      }),
    })
    .prefault({})
    .meta({ description: 'How lines are gathered into pushes.' }),
  concurrency: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .meta({ description: 'Pushes on their way at a time, at the most; never two with lines of one stream.' }),
  timeout: duration().prefault('30s').meta({ description: 'How long a push may take before it is sent again.' }),
  keep_alive: duration().prefault('30s').meta({
    description:
      'How long an idle connection is kept for the next push; less than the server, and any proxy in between, keeps it (Loki: 120 s).',
  }),
})

export type LokiOptions = z.output<typeof options>
