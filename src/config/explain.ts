import type { z } from 'zod'
import { type FlatIssue, flattenIssues } from './flatten-issues.ts'
import { type JsonSchema, keysAt, schemasAt } from './json-schema.ts'
import { nearest, suggest } from '../lib/nearest.ts'
import { type Finding, type Path, type Place, problemAt } from './place.ts'
import type { Problem, Report } from './problem.ts'
import { type Tree, treeAt } from './tree.ts'

/** A part of the document that one schema describes. */
export interface Subject {
  readonly tree: Tree
  /** Where its key is; for the document, where it begins. */
  readonly key: Place
  readonly path: Path
  /** What may be written there: for the nearest valid key, and for examples. */
  readonly schema: JsonSchema
}

/** Tells what a schema found, in sentences, each at its place. */
export function explain(issues: readonly z.core.$ZodIssue[], subject: Subject, report: Report): void {
  const flat = flattenIssues(issues)
  const misspelt = new Set(flat.flatMap((issue) => misspeltKeys(issue, subject)))
  for (const issue of flat) {
    if (misspelt.has(JSON.stringify(issue.path)) && treeAt(subject.tree, issue.path) === undefined) continue
    for (const problem of problemsOf(issue, subject)) report(problem)
  }
}

/** The paths of keys that are there under a wrong name: that they are missing needs no telling. */
function misspeltKeys(issue: FlatIssue, { schema }: Subject): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return []
  const known = keysAt(schema, issue.path)
  return issue.keys.map((key) => JSON.stringify([...issue.path, nearest(key, known)]))
}

function problemsOf(issue: FlatIssue, subject: Subject): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(subject.schema, issue.path)
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      const cure = suggest(key, known, 'known keys')
      return problemAt(keyPlace(subject, path), [...subject.path, ...path], { message: 'unknown key', cure })
    })
  }
  const tree = treeAt(subject.tree, issue.path)
  if (tree?.kind === 'leaf' && tree.isBroken) return []
  const place = tree === undefined || issue.code === 'invalid_key' ? keyPlace(subject, issue.path) : tree.place
  return [problemAt(place, [...subject.path, ...issue.path], findingOf(issue, tree, subject))]
}

/** The key at `path`, or the nearest one around it that is there. */
function keyPlace({ tree, key }: Subject, path: Path): Place {
  for (let length = path.length; length > 0; length -= 1) {
    const around = treeAt(tree, path.slice(0, length - 1))
    const entry = around?.kind === 'fields' ? around.entries.get(String(path[length - 1])) : undefined
    if (entry !== undefined) return entry.key
  }
  return key
}

function findingOf(issue: FlatIssue, tree: Tree | undefined, { schema }: Subject): Finding {
  switch (issue.code) {
    case 'wrong_type':
      return wrongType(issue.expected, tree, exampleAt(schema, issue.path))
    case 'invalid_value':
      return wrongValue(issue.values.map(String), tree)
    case 'too_small':
      return { message: tooSmall(issue) }
    case 'too_big':
      return { message: tooBig(issue) }
    case 'not_multiple_of':
      return { message: `must be a multiple of ${issue.divisor}` }
    case 'invalid_format':
      return { message: own(issue) ?? wrongFormat(issue), cure: exampleAt(schema, issue.path) }
    case 'invalid_key':
      return { message: `no valid key: ${issue.issues.map((one) => own(one) ?? one.message).join(', ')}` }
    case 'unrecognized_keys':
    case 'custom':
      return { message: issue.message }
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
  array: 'a list',
  tuple: 'a list',
  null: 'nothing',
}

function wrongType(expected: readonly string[], tree: Tree | undefined, example: string | undefined): Finding {
  const wanted = expected.map((kind) => kinds[kind] ?? kind).join(' or ')
  if (tree === undefined) return { message: `missing: it must be ${wanted}`, cure: example }
  if (tree.kind !== 'leaf')
    return { message: `must be ${wanted}, but is ${kinds[tree.kind === 'list' ? 'array' : 'object']!}`, cure: example }
  if (tree.value === null) return { message: `has no value: it must be ${wanted}`, cure: example }
  const message = `must be ${wanted}, but is ${typeof tree.value === 'string' ? 'text' : tree.value}`
  if (example !== undefined) return { message, cure: example }
  if (expected.join() === 'string') return { message, cure: `write it in quotes: "${tree.written}"` }
  if (expected.includes('array')) return { message, cure: `write it as a list: [${tree.written}]` }
  const isQuotedNumber = tree.isQuoted && tree.value !== '' && !Number.isNaN(Number(tree.value))
  return { message, cure: isQuotedNumber && !expected.includes('object') ? 'write it without quotes' : undefined }
}

function wrongValue(values: readonly string[], tree: Tree | undefined): Finding {
  const known = values.join(', ')
  if (tree === undefined) return { message: `missing: it must be ${values.length === 1 ? known : `one of ${known}`}` }
  if (tree.kind !== 'leaf') return { message: `must be one of ${known}` }
  if (tree.value === null) return { message: `has no value: it must be one of ${known}` }
  const word = String(tree.value)
  const near = nearest(word, values)
  return { message: `"${word}" is none of ${known}`, cure: near === undefined ? undefined : `did you mean "${near}"?` }
}

function tooSmall({ origin, minimum, inclusive }: z.core.$ZodIssueTooSmall): string {
  switch (origin) {
    case 'string':
      return minimum === 1 ? 'must not be empty' : `must have at least ${minimum} characters`
    case 'array':
    case 'set':
    case 'map':
      return minimum === 1 ? 'must not be empty' : `must have at least ${minimum} entries`
    default:
      return inclusive === false ? `must be more than ${minimum}` : `must be at least ${minimum}`
  }
}

function tooBig({ origin, maximum, inclusive }: z.core.$ZodIssueTooBig): string {
  switch (origin) {
    case 'string':
      return `must have at most ${maximum} characters`
    case 'array':
    case 'set':
    case 'map':
      return `must have at most ${maximum} entries`
    default:
      return inclusive === false ? `must be less than ${maximum}` : `must be at most ${maximum}`
  }
}

function wrongFormat({ format, pattern }: z.core.$ZodIssueInvalidStringFormat): string {
  return format === 'regex' && pattern !== undefined ? `must match ${pattern}` : `must be a valid ${format}`
}

/** What the author of the schema wrote, as opposed to what the library says by itself. */
function own({ message }: { readonly message: string }): string | undefined {
  return /^(Invalid|Too (small|big)|Unrecognized) /.test(message) ? undefined : message
}

function exampleAt(schema: JsonSchema, path: Path): string | undefined {
  const example = schemasAt(schema, path).find((one) => one.examples !== undefined)?.examples?.[0]
  if (example === undefined) return undefined
  return `write for example ${typeof example === 'string' ? example : JSON.stringify(example)}`
}
