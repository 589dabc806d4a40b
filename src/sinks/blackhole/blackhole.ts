import { z } from 'zod'
import { defineSink } from '../../component/sink.ts'

export const blackhole = defineSink({
  name: 'blackhole',
  summary: 'Counts lines and throws them away: for measuring what comes before it.',
  options: z.strictObject({}),
  examples: [{}],
  async open() {
    return {
      async send() {
        return { status: 'delivered' }
      },
      async [Symbol.asyncDispose]() {
        // It has opened nothing.
      },
    }
  },
})
