import { z } from 'zod'
import { bytes, duration } from '../../component/options.ts'

const patterns = z.array(z.string()).optional()

const selection = z.strictObject({
  names: patterns.meta({
    description: 'Container names; `*` and `?` stand for any text and any character.',
    examples: [['web-*']],
  }),
  images: patterns.meta({
    description: 'Images as they were asked for, with the same wildcards.',
    examples: [['registry.example/shop/*']],
  }),
  labels: patterns.meta({
    description: 'Labels, as `key` or `key=value`, with the same wildcards.',
    examples: [['com.docker.compose.project=shop']],
  }),
})

export const options = z.strictObject({
  host: z
    .string()
    .optional()
    .meta({
      description:
        'Address of the engine: `unix://`, `tcp://`, `https://` or `ssh://`. Not given: DOCKER_HOST, the current docker context, then the usual sockets of Docker and Podman, rootless ones too.',
      examples: ['unix:///var/run/docker.sock'],
    }),
  tls: z
    .strictObject({
      cert_path: z.string().optional().meta({ description: 'Folder with `ca.pem`, `cert.pem` and `key.pem`.' }),
      verify: z.boolean().default(true).meta({ description: 'Check the certificate of the engine.' }),
    })
    .optional()
    .meta({ description: 'TLS for a `tcp://` host.' }),
  include: selection.optional().meta({ description: 'Collect only containers that match every key given here.' }),
  exclude: selection.optional().meta({
    description:
      'Leave out containers that match any key given here. Containers with the label `log-capturer.exclude=true` are always left out.',
  }),
  streams: z
    .array(z.enum(['stdout', 'stderr']))
    .min(1)
    .default(['stdout', 'stderr'])
    .meta({ description: 'Which of the two streams to collect.' }),
  read: z.enum(['auto', 'files', 'api']).default('auto').meta({
    description:
      "How logs are read: `files`, from the engine's log files on this host, which costs the engine nothing (drivers `json-file` and `local`); `api`, through the engine; `auto`, from the files where they can be read, else through the engine.",
  }),
  from: z
    .enum(['beginning', 'now'])
    .default('beginning')
    .meta({ description: 'Where to begin in a container that was there before and has no cursor yet.' }),
  max_line_bytes: bytes()
    .prefault('1MiB')
    .meta({ description: 'Longer lines are cut to this size, flagged and counted.' }),
  max_streams: z
    .int()
    .min(1)
    .max(100_000)
    .default(4_000)
    .meta({ description: 'Containers followed at the same time; the others are read in turns.' }),
  keep_alive: duration()
    .prefault('10s')
    .meta({ description: 'How long an idle connection to the engine is kept for the next request.' }),
})

export type DockerOptions = z.output<typeof options>
