import { z } from 'zod'

/** Who takes posted lines. */
export interface LineTaker {
  /** Resolves when it is known what became of all of them; `signal` aborts when nobody waits for that any more. */
  take(post: Post, signal: AbortSignal): Promise<PostAnswer>
}

export interface Post {
  /** Id of the source; undefined: the only one. */
  readonly source: string | undefined
  readonly format: 'ndjson' | 'text'
  readonly bytes: number
  readonly container: string | undefined
  readonly stream: 'stdout' | 'stderr' | undefined
  /** Reads the body; called once, or not at all. Rejects when it does not come. */
  read(): Promise<Buffer>
}

export interface PostAnswer {
  readonly status: 200 | 400 | 404 | 408 | 429 | 503
  readonly body: object
  /** When to ask again. */
  readonly retryAfterSeconds?: number
}

export const postQuery = z.strictObject({
  source: z
    .string()
    .optional()
    .meta({ description: 'Id of the source of type `push` that takes them; needed where there are several.' }),
  container: z.string().min(1).optional().meta({ description: 'Container name of lines that do not say one.' }),
  stream: z
    .enum(['stdout', 'stderr'])
    .optional()
    .meta({ description: 'Stream of lines that do not say one; `stdout` where it is not given.' }),
})

/** One line of the body. What takes it apart is the source (src/sources/push/read-line.ts). */
export const postedLine = z.looseObject({
  text: z.string().optional().meta({
    description:
      'The text of the line; `message` and `line` are taken for it, too. An object with any other field than these is the line as a whole, byte for byte.',
  }),
  message: z.string().optional(),
  line: z.string().optional(),
  time: z
    .union([z.string(), z.number()])
    .optional()
    .meta({ description: 'RFC 3339, or seconds since 1970. Not given: when it came.' }),
  container: z.string().optional(),
  stream: z.enum(['stdout', 'stderr']).optional(),
  image: z.string().optional(),
  host: z.string().optional().meta({ description: 'Not given: the host of the collector.' }),
  labels: z.record(z.string(), z.string()).optional().meta({ description: 'As labels of a container.' }),
})
