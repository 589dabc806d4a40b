import { z } from 'zod'
import { textPlaceholders } from '../../batch/line-template.ts'
import { listOf, template } from '../../component/template.ts'

export const options = z.strictObject({
  text: template(textPlaceholders).meta({
    description: `What lines become, with placeholders: ${listOf(textPlaceholders)}.`,
    examples: ['{fields.level} {fields.msg}'],
  }),
})
