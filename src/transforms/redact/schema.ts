import { z } from 'zod'
import { pattern } from '../../component/options.ts'

/** What is known without being told, in the order of the documents. */
export const ruleNames = ['card', 'email', 'token', 'private_key', 'ip'] as const
export type RuleName = (typeof ruleNames)[number]

const namedPattern = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9_]{1,32}$/, 'a name is made of up to 32 small letters, digits and "_"')
    .meta({ description: 'What stands in the place of a match, and in the metric.', examples: ['customer'] }),
  regex: pattern().meta({ description: 'What is looked for.', examples: ['cust-[0-9]{6}'] }),
})

export const options = z
  .strictObject({
    rules: z.array(z.enum(ruleNames)).default(['card', 'email', 'token', 'private_key']).meta({
      description:
        'What is known without patterns: payment cards whose check digit is right, e-mail addresses, tokens and API keys of known forms, private keys, IP addresses.',
    }),
    patterns: z.array(namedPattern).default([]).meta({ description: 'Patterns of your own.' }),
    with: z.enum(['mask', 'hash']).default('mask').meta({
      description:
        '`mask` writes `[redacted email]`; `hash` writes `[email 5d41402abc4b2a76]`, the same for the same text, so that lines can still be joined.',
    }),
    key: z
      .string()
      .min(16)
      .optional()
      .meta({
        description: 'Secret of the hash, at least 16 characters; without it nobody can find a text by trying.',
        secret: true,
        examples: ['${file:/run/secrets/redact}'],
      }),
  })
  .superRefine(({ with: how, key, rules, patterns }, context) => {
    if (how === 'hash' && key === undefined)
      context.addIssue({ code: 'custom', path: ['with'], message: 'hash needs a "key"' })
    if (rules.length + patterns.length === 0)
      context.addIssue({ code: 'custom', path: ['rules'], message: 'there is neither a rule nor a pattern' })
  })

export type Options = z.output<typeof options>
