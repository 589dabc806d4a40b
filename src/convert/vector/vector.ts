import type { Conversion, SourceFile } from '../conversion.ts'
import { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { readToml } from '../read-toml.ts'
import { readYaml } from '../read-yaml.ts'
import { Graph } from './graph.ts'
import { addSink } from './sinks.ts'

/** The configuration of Vector, as YAML, TOML or JSON. What leads to a sink is converted, from the sink on backwards. */
export function convertVector(file: SourceFile): Conversion {
  const root = isToml(file) ? readToml(file) : readYaml(file)
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
  return draft.finish(root, 'vector')
}

function isToml({ name, text }: SourceFile): boolean {
  if (name.endsWith('.toml')) return true
  return !/\.(ya?ml|json)$/.test(name) && /^\s*\[[\w.]+\]\s*$/m.test(text)
}
