import type { Draft } from './draft.ts'
import type { InputNode } from './input-node.ts'

/** Whether a path is that of the engine's own log files. */
export function dockerFiles(path: string): boolean {
  return /\/docker\/containers\//.test(path)
}

/** Stands for an input that nobody here reads: what is behind it can be used for lines that are posted. */
export function postedSource(
  draft: Draft,
  { node, name, why }: { node: InputNode; name: string; why: string },
): string {
  const id = draft.add('sources', { id: name, from: node }, { type: 'push' })
  draft.gap(
    node,
    why,
    `post its lines to /api/v1/logs?source=${id}, see docs/reference/source-push.md, or take the source and what reads from it out`,
  )
  return id
}
