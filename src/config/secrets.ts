import { type JsonSchema, schemasAt } from './json-schema.ts'
import { nearest } from '../lib/nearest.ts'
import type { SourceText } from './place.ts'
import type { Problem } from './problem.ts'
import type { Leaf, Tree } from './tree.ts'

/** What must not be shown to whoever reads the messages: they end in logs. */
interface Secrets {
  /** Contents of secret files, and values of keys that a schema marks as secret; the longest first. */
  readonly texts: readonly string[]
  /** The names of those keys. */
  readonly keys: readonly string[]
  /** The names of files that have such a key and could not be read as YAML: any line of them may be part of a secret. */
  readonly unread: ReadonlySet<string>
}

/** A file as it is, and as it was read; undefined where that was not possible. */
export interface ReadDocument {
  readonly source: SourceText
  readonly tree: Tree | undefined
}

/** The problems without the secrets of the documents, which `schema` describes. */
export function withoutSecrets(
  problems: readonly Problem[],
  documents: readonly ReadDocument[],
  schema: JsonSchema,
): readonly Problem[] {
  const texts = new Set(documents.flatMap(({ tree }) => (tree === undefined ? [] : textsIn(tree, [schema]))))
  texts.delete('')
  const keys = [...keysIn(schema)]
  const unread = documents.filter(({ source, tree }) => tree === undefined && namesKey(source.text, keys))
  const secrets: Secrets = {
    texts: [...texts].sort((a, b) => b.length - a.length),
    keys,
    unread: new Set(unread.map(({ source }) => source.name)),
  }
  return problems.map((problem) => hide(problem, secrets))
}

/** A line of the file that holds a secret, or names a key that does, be it misspelt, is left out. */
function hide(problem: Problem, { texts, keys, unread }: Secrets): Problem {
  const { file, position, message, cure } = problem
  const withoutTexts = (text: string) => texts.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
  const isTelling = (line: string) =>
    unread.has(file) || texts.some((text) => line.includes(text)) || namesKey(line, keys)
  return {
    ...problem,
    position: position !== undefined && isTelling(position.source) ? { ...position, source: '' } : position,
    // What follows the colon is a piece of the file.
    message: unread.has(file) ? message.replace(/: .*$/s, '') : withoutTexts(message),
    cure: cure === undefined ? undefined : withoutTexts(cure),
  }
}

/** What came from secret files, wherever it stands in the documents; the longest first. */
export function textsOfSecretFiles(trees: readonly Tree[]): readonly string[] {
  const texts = new Set(trees.flatMap(leavesOf).flatMap(({ secrets }) => secrets))
  texts.delete('')
  return [...texts].sort((a, b) => b.length - a.length)
}

function namesKey(text: string, keys: readonly string[]): boolean {
  return wordsBeforeColons(text).some((word) => nearest(word, keys) !== undefined)
}

function wordsBeforeColons(line: string): readonly string[] {
  return [...line.matchAll(/([\w-]+)["']?\s*:/g)].map(([, word]) => word!)
}

function textsIn(tree: Tree, schemas: readonly JsonSchema[]): readonly string[] {
  if (schemas.some(({ writeOnly }) => writeOnly === true)) return leavesOf(tree).flatMap(textsOfSecret)
  const below = (segment: PropertyKey, inner: Tree) => textsIn(inner, schemasAt({ anyOf: schemas }, [segment]))
  switch (tree.kind) {
    case 'leaf':
      return tree.secrets
    case 'list':
      return tree.items.flatMap((item, index) => below(index, item))
    case 'fields':
      return [...tree.entries].flatMap(([key, { value }]) => below(key, value))
  }
}

function leavesOf(tree: Tree): readonly Leaf[] {
  if (tree.kind === 'leaf') return [tree]
  const inner = tree.kind === 'list' ? tree.items : [...tree.entries.values()].map(({ value }) => value)
  return inner.flatMap(leavesOf)
}

/** The value, as it is and as it is written, line by line; references by themselves give nothing away. */
function textsOfSecret({ value, written, secrets }: Leaf): readonly string[] {
  if (value === null || typeof value === 'boolean') return secrets
  const parts = [String(value), written].flatMap((text) => text.split(/\$\{[^}]*\}?|\n/))
  return [...secrets, ...parts.map((part) => part.trim())]
}

function keysIn(schema: JsonSchema): ReadonlySet<string> {
  const { properties = {}, items, additionalProperties, anyOf = [], oneOf = [] } = schema
  const own = Object.entries(properties).flatMap(([key, inner]) => (inner.writeOnly === true ? [key] : []))
  const inner = [...Object.values(properties), ...anyOf, ...oneOf, items, additionalProperties]
  return new Set([...own, ...inner.flatMap((one) => (typeof one === 'object' ? [...keysIn(one)] : []))])
}
