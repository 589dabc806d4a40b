import { z } from 'zod'
import { textPlaceholders } from '../../batch/line-template.ts'
import { listOf, template } from '../../component/template.ts'

const names = z.array(z.string().min(1)).default([])

export const options = z
  .strictObject({
    set: z
      .record(z.string().min(1), template(textPlaceholders))
      .default({})
      .meta({
        description: `Fields that each line gets, as texts with placeholders: ${listOf(textPlaceholders)}. One whose text comes out empty is not set.`,
        examples: [{ team: '{labels.team}', place: '{host}/{container.name}' }],
      }),
    rename: z
      .record(z.string().min(1), z.string().min(1))
      .default({})
      .meta({
        description: 'Fields that get another name: the old name, and the new.',
        examples: [{ msg: 'message' }],
      }),
    keep: names.meta({
      description:
        'Only fields with one of these names, in which `*` stands for any text, stay; all where the list is empty.',
      examples: [['level', 'http.*']],
    }),
    remove: names.meta({
      description: 'Fields with one of these names, in which `*` stands for any text, are taken away.',
      examples: [['ts', 'debug.*']],
    }),
  })
  .refine(
    ({ set, rename, keep, remove }) =>
      Object.keys(set).length + Object.keys(rename).length + keep.length + remove.length > 0,
    'nothing is to be done: set, rename, keep or remove fields',
  )

export type FieldsOptions = z.output<typeof options>
