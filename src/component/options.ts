import { z } from 'zod'
import { re2Problem } from '../lib/re2.ts'
import { parseBytes, parseDuration } from '../lib/units.ts'

/** A size in the configuration: a number of bytes, or text such as `64KiB`, `10MB`. Defaults: `.prefault('1MiB')`. */
export function bytes() {
  return z
    .union([
      z.int().min(0),
      z.string().transform((text, context) => {
        const value = parseBytes(text)
        if (value === undefined)
          context.addIssue({ code: 'custom', message: `"${text}" is no size: write for example 64KiB or 10MB` })
        return value ?? 0
      }),
    ])
    .meta({ title: 'size', examples: ['64KiB'] })
}

/** A time span in the configuration, in milliseconds: text such as `250ms`, `30s`, `7d`. */
export function duration() {
  return z
    .string()
    .transform((text, context) => {
      const value = parseDuration(text)
      if (value === undefined)
        context.addIssue({ code: 'custom', message: `"${text}" is no time span: write for example 250ms, 30s or 7d` })
      return value ?? 0
    })
    .meta({ title: 'time span', examples: ['30s'] })
}

/** A pattern in the configuration, in RE2 syntax: one that no text can make take longer than in proportion to its length. */
export function pattern() {
  return z
    .string()
    .min(1)
    .superRefine((text, context) => {
      const why = re2Problem(text)
      if (why !== undefined) context.addIssue({ code: 'custom', message: `"${text}" is no pattern of RE2: ${why}` })
    })
    .meta({ title: 'RE2 pattern' })
}
