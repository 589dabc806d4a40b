import { type Document, isAlias, isMap, isScalar, isSeq, Scalar, type YAMLMap } from 'yaml'
import { type Environment, interpolate } from './interpolate.ts'
import { type Finding, type Path, type Place, positionIn, problemAt, type SourceText } from './place.ts'
import type { Report } from './problem.ts'
import { type Entry, type Fields, type Leaf, type Tree } from './tree.ts'

/** Nobody writes more nodes by hand, but nested aliases reach any number at no cost. */
const maxNodes = 100_000
/** No component's options are nested so deeply, and our own recursion ends well before the stack does. */
const maxDepth = 64

export interface Reading {
  readonly document: Document.Parsed
  readonly source: SourceText
  readonly env: Environment
  readonly report: Report
}

/**
 * The tree of a parsed document: aliases written out, references put in. That happens in scalars of the finished structure, so
 * that no value of a variable can change the structure around it.
 */
export function readNode(reading: Reading): Tree {
  const { document, source, env, report } = reading
  let nodes = 0

  const complain = (place: Place, path: Path, finding: Finding) => report(problemAt(place, path, finding))
  const broken = (place: Place): Leaf => ({ ...plainLeaf(place, null), isBroken: true })

  const read = (node: unknown, path: Path, fallback: Place): Tree => {
    const place = placeOf(node) ?? fallback
    nodes += 1
    if (nodes > maxNodes || path.length > maxDepth) {
      const message =
        path.length > maxDepth ? 'nested too deeply' : 'the document is too large with its aliases written out'
      if (path.length > maxDepth || nodes === maxNodes + 1) complain(place, path, { message })
      return broken(place)
    }
    if (isAlias(node)) return read(node.resolve(document), path, place)
    if (isScalar(node)) return readScalar(node, path, place)
    if (isSeq(node)) {
      return { kind: 'list', place, items: node.items.map((item, index) => read(item, [...path, index], place)) }
    }
    if (isMap(node)) return readMap(node, path, place)
    return plainLeaf(place, null)
  }

  const readMap = (map: YAMLMap, path: Path, place: Place): Fields => {
    const entries = new Map<string, Entry>()
    for (const pair of map.items) {
      const key = placeOf(pair.key) ?? place
      const name = keyName(pair.key)
      if (name === undefined) {
        complain(key, path, { message: 'a key must be plain text' })
        continue
      }
      const first = entries.get(name)
      if (first !== undefined) {
        const { line } = positionIn(source, first.key.offset)
        complain(key, [...path, name], {
          message: `this key is already there in line ${line}`,
          cure: 'remove one of them',
        })
        continue
      }
      entries.set(name, { key, value: read(pair.value, [...path, name], key) })
    }
    return { kind: 'fields', place, entries }
  }

  const readScalar = (node: Scalar, path: Path, place: Place): Leaf => {
    const isQuoted = node.type !== undefined && node.type !== Scalar.PLAIN
    const written = node.source ?? String(node.value)
    if (typeof node.value !== 'string') return { ...plainLeaf(place, valueOf(node.value)), written }
    const { text, hasReferences, secrets, troubles } = interpolate(node.value, env)
    for (const trouble of troubles) complain(place, path, trouble)
    const keepsText = !hasReferences || isQuoted || node.tag !== undefined
    const value = keepsText ? text : typedAgain(text, document)
    return { kind: 'leaf', place, value, written, isQuoted, isBroken: troubles.length > 0, secrets }
  }

  const placeOf = (node: unknown): Place | undefined => {
    const offset = (node as { range?: readonly [number, ...number[]] } | null)?.range?.[0]
    return offset === undefined ? undefined : { source, offset }
  }

  return read(document.contents, [], { source, offset: 0 })
}

function plainLeaf(place: Place, value: Leaf['value']): Leaf {
  return { kind: 'leaf', place, value, written: String(value), isQuoted: false, isBroken: false, secrets: [] }
}

/** Ids and keys are text, also where YAML takes them for numbers. */
function keyName(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}

/** What YAML would take the text of a plain scalar for. */
function typedAgain(text: string, document: Document.Parsed): Leaf['value'] {
  for (const tag of document.schema.tags) {
    if (tag.collection !== undefined || tag.default !== true || tag.test?.test(text) !== true) continue
    const resolved = tag.resolve(text, () => undefined, {})
    return valueOf(isScalar(resolved) ? resolved.value : resolved)
  }
  return text
}

function valueOf(value: unknown): Leaf['value'] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return typeof value === 'bigint' ? value.toString() : null
}
