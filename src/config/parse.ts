import { parseDocument, type YAMLError } from 'yaml'
import { messageOf } from '../lib/error.ts'
import type { Environment } from './interpolate.ts'
import { positionIn, problemAt, type SourceText } from './place.ts'
import type { Report } from './problem.ts'
import { readNode } from './read-node.ts'
import type { Fields } from './tree.ts'

/**
 * Parses one document: YAML 1.2, the core schema, no custom tags. Undefined where the document has no usable structure: what
 * has been reported then is all there is to say about it.
 */
export function parse(source: SourceText, env: Environment, report: Report): Fields | undefined {
  const complain = (offset: number, message: string, cure?: string) =>
    report(problemAt({ source, offset }, [], { message, cure }))

  const document = parseYaml(source.text)
  if (typeof document === 'string') {
    complain(0, `the document cannot be read: ${document}`)
    return undefined
  }
  const errors = [...document.errors, ...document.warnings]
  // What follows in the same line only follows from the first.
  const lines = new Set<number>()
  for (const error of errors) {
    const [offset] = error.pos
    const { line } = positionIn(source, offset)
    if (!lines.has(line)) complain(offset, sentenceOf(error), cureFor(source, offset))
    lines.add(line)
  }
  if (errors.length > 0) return undefined

  const root = document.contents
  const offset = root?.range[0] ?? 0
  if (root === null) return { kind: 'fields', place: { source, offset }, entries: new Map() }
  const tree = readNode({ document, source, env, report })
  if (tree.kind === 'fields') return tree
  if (tree.kind === 'leaf' && tree.value === null) return { kind: 'fields', place: tree.place, entries: new Map() }
  complain(offset, 'the document must be a map of keys and values', `begin with "${source.beginning ?? 'sources:'}"`)
  return undefined
}

function parseYaml(text: string) {
  try {
    // Twice the same key is reported by `readNode`, which knows both places.
    return parseDocument(text, {
      version: '1.2',
      schema: 'core',
      resolveKnownTags: false,
      uniqueKeys: false,
      prettyErrors: false,
    })
  } catch (error) {
    // The parser recurses: thousands of brackets end its stack.
    return error instanceof RangeError ? 'it is nested too deeply' : messageOf(error)
  }
}

function sentenceOf({ code, message }: YAMLError): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here: a file holds one'
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, '')
}

/** Braces have a meaning in YAML; those of references and path templates are the usual reason for broken syntax. */
function cureFor(source: SourceText, offset: number): string | undefined {
  const line = positionIn(source, offset).source
  return /\{[\w.:/-]+\}/.test(line) ? 'put values with { } in quotes' : undefined
}
