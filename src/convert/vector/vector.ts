import type { Conversion, SourceFile } from '../conversion.ts'
import { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { readToml } from '../read-toml.ts'
import { readYaml } from '../read-yaml.ts'
import { Graph } from './graph.ts'
import { addSink } from './sinks.ts'

/** The configuration of Vector, as YAML, TOML or JSON. What leads to a sink is converted, from the sink on backwards. */
export function convertVector(file: SourceFile): Conversion {
  const named = { ...file, text: withBraces(file.text) }
  const root = isToml(file) ? readToml(named) : readYaml(named)
  const draft = new Draft(file.name)
  const graph = new Graph(root, draft)
  for (const [name, sink] of root.get('sinks')?.entries ?? []) addSink({ name, node: sink, graph, draft })
  for (const name of graph.unread()) draft.gap(name, 'no sink gets lines of it', 'leave it out')
  for (const key of ['api', 'data_dir', 'acknowledgements'])
    if (root.get(key) !== undefined)
      draft.note(
        root.get(key) as InputNode,
        'the API is at 127.0.0.1:8401 (api.listen), state in ./state (data_dir), and every line is acknowledged',
      )
  if (!draft.has('sources')) draft.add('sources', { id: 'engine', from: root }, { type: 'docker' })
  if (!draft.has('sinks')) {
    draft.gap(
      root,
      'nothing in it collects logs for a sink',
      'this shows the lines of all containers; write what you want',
    )
    draft.add('sinks', { id: 'console', from: root }, { type: 'console', inputs: ['engine'] })
  }
  tellSecrets(root, draft)
  return draft.finish(root, 'vector')
}

function isToml({ name, text }: SourceFile): boolean {
  if (name.endsWith('.toml')) return true
  return !/\.(ya?ml|json)$/.test(name) && /^\s*\[[\w.]+\]\s*$/m.test(text)
}

/** Vector reads $NAME as it does ${NAME}, and $$ as a dollar sign. */
function withBraces(text: string): string {
  return text.replace(/\$\$(?!\{)|\$([A-Za-z_]\w*)/g, (_token, name: string | undefined) =>
    name === undefined ? '$' : `\${${name}}`,
  )
}

/** References to Vector's own keepers of secrets would go out as they stand. */
function tellSecrets(node: InputNode, draft: Draft): void {
  if (typeof node.value === 'string' && /SECRET\[[^\]]+\]/.test(node.value))
    draft.gap(
      node,
      'secrets of Vector are not read: the text stands there as it is',
      'write ${NAME} or ${file:PATH} in its place',
    )
  for (const [, child] of node.entries) tellSecrets(child, draft)
}
