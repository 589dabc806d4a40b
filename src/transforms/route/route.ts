// Cost: that of the conditions (batch/conditions.ts), and a copy of the columns for each output that is read.
import { z } from 'zod'
import { candidatesOf, sieveOf } from '../../batch/conditions.ts'
import { conditions } from '../../component/conditions.ts'
import { defineTransform } from '../../component/transform.ts'

/** Where lines go that no route takes. */
const defaultOutput = 'default'

const routeName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/, 'a name is made of up to 32 letters, digits, "_" and "-"')
  .refine((name) => name !== defaultOutput, `"${defaultOutput}" is what no route takes: it needs no conditions`)

const options = z.strictObject({
  routes: z
    .record(routeName, z.strictObject(conditions))
    .refine((routes) => Object.keys(routes).length > 0, 'there is no route')
    .meta({
      description: 'Conditions by the names of outputs, as `filter` has them. A line goes to the first that it meets.',
      examples: [{ errors: { level: 'error' }, web: { containers: ['web-*'] } }],
    }),
})

export const route = defineTransform({
  name: 'route',
  summary: 'Sends lines different ways, by their text, level and where they come from.',
  options,
  examples: [{ routes: { errors: { level: 'error' }, web: { containers: ['web-*'] } } }],
  outputs: ({ routes }) => [...Object.keys(routes), defaultOutput],
  create({ routes }) {
    const sieves = Object.values(routes).map((one) => sieveOf(one, { withoutLevel: false }))
    return {
      outputs: [...Object.keys(routes), defaultOutput],
      route(batch) {
        const left = candidatesOf(batch)
        const outputs = new Uint16Array(batch.count).fill(sieves.length)
        const mine = new Uint8Array(batch.count)
        for (const [index, sieve] of sieves.entries()) {
          mine.set(left)
          sieve(batch, mine)
          for (let row = 0; row < batch.count; row++) {
            if (mine[row] === 0) continue
            outputs[row] = index
            left[row] = 0
          }
        }
        return outputs
      },
    }
  },
})
