import type { SourceFile } from '../conversion.ts'
import { InputNode } from '../input-node.ts'
import { readYaml } from '../read-yaml.ts'
import { UnreadableInputError } from '../unreadable.ts'

/** A configuration of Fluent Bit, whatever it is written in; keys are in small letters. */
export interface FluentBit {
  readonly root: InputNode
  readonly inputs: readonly InputNode[]
  readonly filters: readonly InputNode[]
  readonly outputs: readonly InputNode[]
  readonly parsers: readonly InputNode[]
  readonly multilineParsers: readonly InputNode[]
}

/** @throws UnreadableInputError */
export function readFluentBit(file: SourceFile): FluentBit {
  const isClassic = /^\s*\[[A-Za-z_]+\]\s*$/m.test(file.text)
  const root = isClassic ? readClassic(file) : lowered(readYaml(file))
  const listAt = (...keys: readonly string[]) => root.at(keys[0]!, ...keys.slice(1))?.items() ?? []
  const pipeline = (kind: string) => [...listAt(kind), ...listAt('pipeline', `${kind}s`)]
  return {
    root,
    inputs: pipeline('input'),
    filters: pipeline('filter'),
    outputs: pipeline('output'),
    parsers: [...listAt('parser'), ...listAt('parsers')],
    multilineParsers: [...listAt('multiline_parser'), ...listAt('multiline_parsers')],
  }
}

function lowered(node: InputNode): InputNode {
  const entries = [...node.entries].map(([key, child]): [string, InputNode] => [key.toLowerCase(), lowered(child)])
  return new InputNode(node.value, { path: node.path, line: node.line }, new Map(entries))
}

interface Section {
  readonly kind: string
  readonly line: number
  readonly keys: { readonly key: string; readonly value: string; readonly line: number }[]
}

// [SECTION]
//     Key value to the end of the line
// # a comment; @SET name=value; @INCLUDE file
function readClassic({ name, text }: SourceFile): InputNode {
  const sections: Section[] = []
  const variables = new Map<string, string>()
  const includes: InputNode[] = []
  for (const [i, written] of text.split(/\r?\n/).entries()) {
    const line = written.trim()
    if (line === '' || line.startsWith('#')) continue
    const header = /^\[([A-Za-z_]+)\]$/.exec(line)?.[1]
    const set = /^@SET\s+([^=]+)=(.*)$/i.exec(line)
    if (header !== undefined) sections.push({ kind: header.toLowerCase(), line: i + 1, keys: [] })
    else if (set !== null) variables.set(set[1]!.trim(), set[2]!.trim())
    else if (/^@INCLUDE\s/i.test(line)) includes.push(new InputNode(line, { path: '@INCLUDE', line: i + 1 }))
    else {
      const [, key, value = ''] = /^(\S+)\s*(.*)$/.exec(line)!
      const section = sections.at(-1)
      if (section === undefined) throw new UnreadableInputError(`${name}:${i + 1}: "${line}" stands in no section`)
      const filled = value.replace(/\$\{([^}]+)\}/g, (whole, variable: string) => variables.get(variable) ?? whole)
      section.keys.push({ key: key!.toLowerCase(), value: filled, line: i + 1 })
    }
  }
  const kinds = new Map<string, InputNode>()
  for (const kind of new Set(sections.map((section) => section.kind))) {
    const own = sections.filter((section) => section.kind === kind)
    const nodes = own.map((section, number): [string, InputNode] => [
      String(number),
      nodeOf(section, `${kind.toUpperCase()}[${number}]`),
    ])
    kinds.set(kind, new InputNode([], { path: kind.toUpperCase(), line: own[0]!.line }, new Map(nodes)))
  }
  if (includes.length > 0)
    kinds.set(
      '@include',
      new InputNode(
        [],
        { path: '@INCLUDE', line: includes[0]!.line },
        new Map(includes.map((node, number) => [String(number), node])),
      ),
    )
  return new InputNode({}, { path: '', line: 1 }, kinds)
}

/** A key that stands there several times is a list. */
function nodeOf({ line, keys }: Section, path: string): InputNode {
  const entries = new Map<string, InputNode>()
  for (const key of new Set(keys.map((one) => one.key))) {
    const own = keys.filter((one) => one.key === key)
    const nodes = own.map((one, number): [string, InputNode] => [
      String(number),
      new InputNode(one.value, { path: `${path}.${key}`, line: one.line }),
    ])
    entries.set(
      key,
      nodes.length === 1
        ? nodes[0]![1]
        : new InputNode([], { path: `${path}.${key}`, line: own[0]!.line }, new Map(nodes)),
    )
  }
  return new InputNode({}, { path, line }, entries)
}
