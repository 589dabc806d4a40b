import { z } from 'zod'

export const options = z.strictObject({
  color: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .meta({ description: 'Colours; `auto`: on a terminal, unless NO_COLOR is set.' }),
})
