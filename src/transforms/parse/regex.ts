import { RE2JS } from 're2js'
import { re2Problem } from '../../lib/re2.ts'
import type { Capture } from './captures.ts'

/** A pattern that finds fields. */
export interface FieldPattern {
  readonly compiled: RE2JS
  readonly captures: readonly Capture[]
}

/** What is wrong with a pattern, and where in the options. */
export interface PatternMistake {
  readonly path: readonly string[]
  readonly message: string
}

/** Groups with names, `(?P<name>...)` or `(?<name>...)`, are fields. */
export function regexPattern(pattern: string): FieldPattern | PatternMistake {
  const compiled = compile(pattern)
  if (!(compiled instanceof RE2JS)) return compiled
  const captures = Object.entries(compiled.namedGroups()).map(([name, group]) => ({ group, name, isNumber: false }))
  if (captures.length > 0) return { compiled, captures }
  return {
    path: ['pattern'],
    message: `"${pattern}" has no groups with names, so that it finds no fields: write (?P<name>...) around what is one`,
  }
}

export function compile(pattern: string): RE2JS | PatternMistake {
  const why = re2Problem(pattern)
  if (why === undefined) return RE2JS.compile(pattern)
  return { path: ['pattern'], message: `"${pattern}" is no pattern of RE2: ${why}` }
}
