import { z } from 'zod'
import { grokPattern } from './grok/grok.ts'
import { type FieldPattern, type PatternMistake, regexPattern } from './regex.ts'

const formats = ['json', 'logfmt', 'regex', 'grok', 'clf', 'combined', 'syslog', 'cri', 'key_value'] as const
type Format = (typeof formats)[number]

/** Options that only some formats know. */
const formatsOf: Readonly<Record<string, readonly Format[]>> = {
  pattern: ['regex', 'grok'],
  patterns: ['grok'],
  pair_separator: ['key_value'],
  key_value_separator: ['key_value'],
  quotes: ['key_value'],
}

const separator = () => z.string().min(1).max(16).optional()

const fields = z.strictObject({
  format: z.enum(formats).meta({
    description: 'What the lines are.',
  }),
  pattern: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        'Of `regex`: a pattern in RE2 syntax, in which groups with names are fields. Of `grok`: one with references to others, of which `%{NAME:field}` is a field, and `%{NAME:field:int}` or `:float` a number. Both are looked for anywhere in the line.',
      examples: ['^(?P<level>[A-Z]+) (?P<message>.*)'],
    }),
  patterns: z
    .record(z.string().regex(/^[A-Za-z0-9_]+$/, 'a name is made of letters, digits and "_"'), z.string().min(1))
    .optional()
    .meta({
      description: 'Of `grok`: patterns of your own by their names, before those that are known.',
      examples: [{ ORDER: 'order-[0-9]+' }],
    }),
  pair_separator: separator().meta({
    description: 'Of `key_value`: what stands between pairs; a blank where it is not given.',
    examples: [', '],
  }),
  key_value_separator: separator().meta({
    description: 'Of `key_value`: what stands between a name and its value; `=` where it is not given.',
    examples: [': '],
  }),
  quotes: z
    .string()
    .regex(/^[!-/:-@[-`{-~]*$/, 'quotes are signs of ASCII')
    .optional()
    .meta({
      description:
        'Of `key_value`: signs of which each is a quote, in which separators are text and a backslash takes the next byte as it is; `"` where it is not given.',
      examples: [`"'`],
    }),
  from: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'The field whose text is parsed, in place of the line.',
      examples: ['message'],
    }),
  prefix: z
    .string()
    .default('')
    .meta({
      description: 'Put before the name of each field.',
      examples: ['http.'],
    }),
  fields: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description:
        'Only fields with one of these names, in which `*` stands for any text; all where the list is empty.',
      examples: [['level', 'user.*']],
    }),
})

export const options = fields.superRefine((given, context) => {
  for (const [name, known] of Object.entries(formatsOf)) {
    if (given[name as keyof typeof given] === undefined || known.includes(given.format)) continue
    const message = `${given.format} takes no "${name}", which is for ${known.join(' and ')}`
    context.addIssue({ code: 'custom', path: [name], message })
  }
  if (!formatsOf['pattern']!.includes(given.format)) return
  if (given.pattern === undefined) {
    const message = `${given.format} needs a "pattern", in which fields have names`
    context.addIssue({ code: 'custom', path: ['format'], message })
    return
  }
  const found = fieldPatternOf(given)
  if ('message' in found) context.addIssue({ code: 'custom', path: [...found.path], message: found.message })
})

/** The pattern of `regex` and `grok`, which have one. */
export function fieldPatternOf({ format, pattern, patterns }: ParseOptions): FieldPattern | PatternMistake {
  return format === 'grok' ? grokPattern(pattern!, patterns ?? {}) : regexPattern(pattern!)
}

export type ParseOptions = z.output<typeof options>
