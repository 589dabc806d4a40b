import { RE2JS } from 're2js'

/** A text within an expression. */
export function celText(text: string): string {
  return JSON.stringify(text)
}

/** What an expression may ask of a line: its value, and the conditions under which the line has it. */
export interface CelValue {
  readonly value: string
  /** Empty where every line has it. */
  readonly present: readonly string[]
}

const namePattern = /^[A-Za-z_]\w*$/
const reserved = new Set([
  'in',
  'true',
  'false',
  'null',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
])

/** A field, as whatever type it has. */
export function celField(name: string): CelValue {
  const keys = name.split('.')
  const last = keys.pop()!
  const isPlain = (key: string) => namePattern.test(key) && !reserved.has(key)
  const parent = keys.reduce((path, key) => (isPlain(key) ? `${path}.${key}` : `${path}[${celText(key)}]`), 'fields')
  if (isPlain(last)) return { value: `${parent}.${last}`, present: [`has(${parent}.${last})`] }
  return { value: `${parent}[${celText(last)}]`, present: [`${celText(last)} in ${parent}`] }
}

/** What a template of log-capturer comes to, as a text. */
export function celOfTemplate(template: string): CelValue {
  const parts = template.split(/(\{[^}]*\})/).filter((part) => part !== '')
  const values = parts.map(celOfPart)
  if (values.length === 0) return { value: '""', present: [] }
  return { value: values.map(({ value }) => value).join(' + '), present: values.flatMap(({ present }) => present) }
}

function celOfPart(part: string): CelValue {
  if (!part.startsWith('{')) return { value: celText(part), present: [] }
  const name = part.slice(1, -1)
  if (name.startsWith('fields.')) {
    const field = celField(name.slice('fields.'.length))
    return { ...field, value: `string(${field.value})` }
  }
  if (!name.startsWith('labels.')) return { value: name, present: [] }
  const label = celText(name.slice('labels.'.length))
  return { value: `labels[${label}]`, present: [`${label} in labels`] }
}

/** Conditions of which all must hold; a single one as it is. */
export function allOf(conditions: readonly string[]): string {
  return conditions.length === 1
    ? conditions[0]!
    : conditions.map((one) => (/ \|\| /.test(one) ? `(${one})` : one)).join(' && ')
}

/** Asks `about` of a value; a line that does not have it is as if it were the empty text. */
export function celTest(
  { value, present }: CelValue,
  about: { readonly ask: (value: string) => string; readonly ofEmpty: boolean },
): string {
  const asked = about.ask(value.includes(' + ') ? `(${value})` : value)
  if (present.length === 0) return asked
  if (!about.ofEmpty) return allOf([...present, asked])
  return `!(${allOf(present)}) || ${asked}`
}

/** Whether a pattern of RE2 is found in a text. */
export function isFoundIn(pattern: string, text: string): boolean {
  return RE2JS.compile(pattern).test(text)
}
