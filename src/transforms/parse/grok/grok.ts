import { RE2JS } from 're2js'
import { suggest } from '../../../lib/nearest.ts'
import { compile, type FieldPattern, type PatternMistake } from '../regex.ts'
import { knownPatterns } from './patterns.ts'

/** What patterns become may not be longer: twenty that each name another twice would be a million. */
const longest = 64 * 1024
/** `%{NAME}`, `%{NAME:field}`, `%{NAME:field:int}`; whatever else begins with `%{` is a mistake. */
const reference = /%\{([^}]*)\}?/g
const written = /^%\{([A-Za-z0-9_]+)(?::([^:{}]+)(?::([^:{}]+))?)?\}$/
/** Names of groups in RE2 cannot be those of fields, which may have dots, and may be there twice. */
const groupPrefix = 'log_capturer_field_'

interface Field {
  readonly name: string
  readonly isNumber: boolean
}

class Mistake extends Error {}

/** A pattern with names of others in it, which are RE2 or of the user's own (`own`, by name). */
export function grokPattern(pattern: string, own: Readonly<Record<string, string>>): FieldPattern | PatternMistake {
  const fields: Field[] = []
  let expanded: string
  try {
    expanded = expand(pattern, { own, fields, within: [] })
  } catch (error) {
    if (error instanceof Mistake) return { path: ['pattern'], message: error.message }
    throw error
  }
  const compiled = compile(expanded)
  if (!(compiled instanceof RE2JS)) return { ...compiled, message: shownAsWritten(compiled.message, expanded, pattern) }
  const captures = Object.entries(compiled.namedGroups()).map(([name, group]) => {
    const field = name.startsWith(groupPrefix) ? fields[Number(name.slice(groupPrefix.length))] : undefined
    return { group, ...(field ?? { name, isNumber: false }) }
  })
  if (captures.length > 0) return { compiled, captures }
  return {
    path: ['pattern'],
    message: `"${pattern}" names no fields: write %{NAME:field} for what is one`,
  }
}

interface Expansion {
  readonly own: Readonly<Record<string, string>>
  /** Those found so far, by the numbers in the names of their groups. */
  readonly fields: Field[]
  /** Names of the patterns that the present one is in. */
  readonly within: readonly string[]
}

function expand(pattern: string, expansion: Expansion): string {
  const { fields, within } = expansion
  const expanded = pattern.replace(reference, (text) => {
    const parts = written.exec(text)
    if (parts === null)
      throw new Mistake(`"${text}" is no reference: write %{NAME}, %{NAME:field} or %{NAME:field:int}`)
    const [, name = '', field, kind] = parts
    if (within.includes(name)) throw new Mistake(`%{${name}} is made of itself: ${[...within, name].join(' > ')}`)
    const begin = field === undefined ? '(?:' : `(?P<${groupPrefix}${addField(fields, { name: field, kind })}>`
    return `${begin}${expand(patternOf(name, expansion), { ...expansion, within: [...within, name] })})`
  })
  if (expanded.length > longest) throw new Mistake(`%{${within[0] ?? ''}} becomes longer than ${longest} characters`)
  return expanded
}

/** @returns its number */
function addField(fields: Field[], { name, kind }: { readonly name: string; readonly kind: string | undefined }) {
  if (kind !== undefined && kind !== 'int' && kind !== 'float')
    throw new Mistake(`"${kind}" is nothing that "${name}" can be: write int or float, or leave it out for a text`)
  return fields.push({ name, isNumber: kind !== undefined }) - 1
}

function patternOf(name: string, { own, within }: Expansion): string {
  if (Object.hasOwn(own, name)) return own[name]!
  if (Object.hasOwn(knownPatterns, name)) return knownPatterns[name]!
  const there = [...Object.keys(own), ...Object.keys(knownPatterns)]
  const where = within.length === 0 ? '' : ` (in %{${within.at(-1)!}})`
  throw new Mistake(`there is no pattern "${name}"${where}: ${suggest(name, there, 'patterns')}`)
}

/** What a pattern has become can be thousands of characters long. */
function shownAsWritten(message: string, expanded: string, pattern: string): string {
  return message.replaceAll(expanded, () => pattern)
}
