import { z } from 'zod'
import { placeholderProblem } from '../batch/origin-template.ts'

/** A text in the configuration with placeholders in braces, of those that are named here. */
export function template(placeholders: readonly string[]) {
  return z.string().superRefine((text, context) => {
    const problem = placeholderProblem(text, placeholders)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
}

/** Placeholders as a description lists them. */
export function listOf(placeholders: readonly string[]): string {
  return placeholders.map((name) => `\`{${name}}\``).join(', ')
}
