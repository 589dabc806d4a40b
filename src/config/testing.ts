import { z } from 'zod'
import { bytes, duration } from '../component/options.ts'
import type { Config } from './config.ts'
import type { Environment } from './interpolate.ts'
import { loadConfig } from './load.ts'
import { ConfigError } from './problem.ts'

const names = z
  .array(z.string())
  .optional()
  .meta({ description: 'Names of containers.', examples: [['web-*']] })

/** Small components with every shape of option that real ones have. */
export const toys = {
  sources: {
    docker: {
      name: 'docker',
      summary: 'Follows toy containers.',
      options: z.strictObject({
        host: z.url('must be an address such as tcp://host:2375').optional(),
        include: z.strictObject({ names }).optional(),
        from: z.enum(['beginning', 'now']).default('beginning').meta({ description: 'Where to begin.' }),
        max_line_bytes: bytes().default(1024),
        password: z.string().min(8).optional().meta({ description: 'To log in with.', secret: true }),
      }),
    },
  },
  transforms: {
    drop: { name: 'drop', summary: 'Drops lines.', options: z.strictObject({ pattern: z.string() }) },
    join: { name: 'join', summary: 'Joins lines.', options: z.strictObject({}), holdsBack: true },
    split: {
      name: 'split',
      summary: 'Sends lines two ways.',
      options: z.strictObject({ ways: z.array(z.string()) }),
      outputs: ({ ways }: { readonly ways: readonly string[] }) => [...ways, 'default'],
    },
  },
  sinks: {
    file: {
      name: 'file',
      summary: 'Writes toy files.',
      options: z.strictObject({
        path: z.string().min(1).meta({ description: 'Where to write.' }),
        format: z.enum(['text', 'ndjson']).default('ndjson'),
        sync_every: duration()
          .default(1000)
          .meta({ description: 'How often to sync.', examples: ['1s'] }),
        keep: z.int().min(1).max(9).optional(),
        compression: z
          .discriminatedUnion('type', [
            z.strictObject({ type: z.literal('gzip'), level: z.int().min(1).max(9).default(6) }),
            z.strictObject({ type: z.literal('none') }),
          ])
          .optional(),
        labels: z.record(z.string(), z.string()).default({}),
        color: z.union([z.literal('auto'), z.boolean()]).default('auto'),
      }),
    },
    blackhole: { name: 'blackhole', summary: 'Takes everything.', options: z.strictObject({}) },
  },
} as const

export function load(text: string, env: Environment = {}): Config<typeof toys> {
  return loadConfig({ registries: toys, input: { kind: 'text', text, name: 'test.yaml' }, env })
}

/** First lines of the problems, as `line:column: path: message; cure`. */
export function problemsOf(text: string, env: Environment = {}): readonly string[] {
  const error = errorOf(() => load(text, env))
  return (error?.problems ?? []).map(({ position, path, message, cure }) => {
    const place = position === undefined ? '' : `${position.line}:${position.column}: `
    return `${place}${path}: ${message}${cure === undefined ? '' : `; ${cure}`}`
  })
}

/** The configuration error that `act` ends with; undefined when it ends well. Other errors go on. */
export function errorOf(act: () => unknown): ConfigError | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}
