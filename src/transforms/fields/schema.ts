import { z } from 'zod'
import { expressionProblem, parseValue } from '../../batch/expression/environment.ts'
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
    compute: z
      .record(
        z.string().min(1),
        z.string().superRefine((text, context) => {
          const problem = expressionProblem(text, parseValue)
          if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
        }),
      )
      .default({})
      .meta({
        description:
          'Fields that each line gets by an expression of [CEL](https://cel.dev), which may ask for what `where` of a `filter` may. A line that lacks what it asks for does not get the field.',
        examples: [{ seconds: 'double(fields.ms) / 1000.0', slow: 'fields.ms > 500' }],
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
    ({ set, compute, rename, keep, remove }) =>
      Object.keys(set).length + Object.keys(compute).length + Object.keys(rename).length + keep.length + remove.length >
      0,
    'nothing is to be done: set, compute, rename, keep or remove fields',
  )

export type FieldsOptions = z.output<typeof options>
