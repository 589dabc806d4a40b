import { z } from 'zod'

const needles = z.array(z.string().min(1)).default([])

export const options = z.strictObject({
  include: needles.meta({
    description: 'Keep only lines that contain one of these texts; every line where the list is empty.',
    examples: [['ERROR', 'WARN']],
  }),
  exclude: needles.meta({
    description: 'Take out lines that contain one of these texts, the ones kept by `include` too.',
    examples: [['GET /health']],
  }),
})
