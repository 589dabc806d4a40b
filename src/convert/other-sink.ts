import type { Draft } from './draft.ts'
import type { InputNode } from './input-node.ts'

/** Stands for a destination that nobody here writes to, so that what leads to it is kept. */
export function fileInstead(
  draft: Draft,
  { node, name, inputs }: { node: InputNode; name: string; inputs: readonly string[] },
  why: string,
): void {
  const id = draft.add(
    'sinks',
    { id: name, from: node },
    { type: 'file', inputs, path: `./logs/${name.replace(/[^\w-]+/g, '_')}/{container.name}.log` },
  )
  draft.gap(node, `${why}: its lines go to files`, `see docs/reference for sinks, or take "${id}" out`)
}
