import type { CollectorConfig } from '../../app/registries.ts'
import { componentOf, outputOf } from '../../lib/input-name.ts'

interface Node {
  readonly id: string
  readonly type: string
  /** Sources have none. */
  readonly inputs: readonly string[]
}

/** A component that reads from another, and from which of its outputs. */
interface Reader {
  readonly node: Node
  readonly output: string | undefined
}

function nodesOf({ sources, transforms, sinks }: CollectorConfig): readonly Node[] {
  return [...sources.map(({ id, type }) => ({ id, type, inputs: [] })), ...transforms, ...sinks]
}

/**
 * A tree for each source. What several ways lead to is drawn whole the first time.
 *
 * @example
 * engine (docker)
 * └── ways (route)
 *     ├── errors: pager (loki)
 *     └── default: disk (file)
 */
export function graphText(config: CollectorConfig): string {
  const nodes = nodesOf(config)
  const drawn = new Set<string>()
  const lines: string[] = []
  const draw = (node: Node, { head, indent }: { head: string; indent: string }): void => {
    const readers = readersOf(node, nodes)
    const isAgain = drawn.has(node.id) && readers.length > 0
    lines.push(`${head}${node.id} (${node.type})${isAgain ? ', as above' : ''}`)
    if (isAgain) return
    drawn.add(node.id)
    for (const [index, { node: next, output }] of readers.entries()) {
      const isLast = index === readers.length - 1
      const label = output === undefined ? '' : `${output}: `
      draw(next, {
        head: `${indent}${isLast ? '└── ' : '├── '}${label}`,
        indent: `${indent}${isLast ? '    ' : '│   '}`,
      })
    }
  }
  for (const source of config.sources) draw({ ...source, inputs: [] }, { head: '', indent: '' })
  return lines.join('\n')
}

/** In the language of Graphviz, from left to right. Ids have no characters that DOT would take for its own. */
export function graphDot(config: CollectorConfig): string {
  const nodes = nodesOf(config)
  const shapes = new Map([
    ...config.sources.map(({ id }) => [id, 'cds'] as const),
    ...config.sinks.map(({ id }) => [id, 'cylinder'] as const),
  ])
  const nodeLine = ({ id, type }: Node) => `  "${id}" [label="${id}\\n${type}", shape=${shapes.get(id) ?? 'box'}]`
  const edgeLines = ({ id, inputs }: Node) =>
    inputs.map((input) => {
      const output = outputOf(input)
      return `  "${componentOf(input)}" -> "${id}"${output === undefined ? '' : ` [label="${output}"]`}`
    })
  return ['digraph {', ...looks, ...nodes.map(nodeLine), ...nodes.flatMap(edgeLines), '}'].join('\n')
}

const looks = [
  '  rankdir=LR',
  '  node [fontname="Helvetica", fontsize=11, style=filled, fillcolor="#eef2f7", color="#5b6b7f"]',
  '  edge [fontname="Helvetica", fontsize=9, color="#5b6b7f"]',
]

function readersOf({ id }: Node, nodes: readonly Node[]): readonly Reader[] {
  return nodes.flatMap((node) =>
    node.inputs.filter((input) => componentOf(input) === id).map((input) => ({ node, output: outputOf(input) })),
  )
}
