import { z } from 'zod'
import { bytes, duration } from '../../component/options.ts'

export const options = z.strictObject({
  container: z
    .string()
    .min(1)
    .default('posted')
    .meta({ description: 'The container name of lines that do not say one, and whose request does not.' }),
  memory: bytes().prefault('16MiB').meta({
    description: 'Bytes of bodies that may be read at a time, over all clients; others are asked to come again.',
  }),
  timeout: duration().prefault('30s').meta({
    description:
      'A body whose lines are not safe so long after it was begun is answered with 503, so that its client sends it again.',
  }),
})

export type PushOptions = z.output<typeof options>
