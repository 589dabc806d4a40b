import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { SourceFile } from './conversion.ts'
import { InputNode, pathTo } from './input-node.ts'
import { UnreadableInputError } from './unreadable.ts'

/** YAML, and JSON with it. @throws UnreadableInputError */
export function readYaml({ name, text }: SourceFile): InputNode {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: true, uniqueKeys: false })
  const [error] = document.errors
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0])
    throw new UnreadableInputError(`${name}:${line}: the file is no YAML: ${error.message.split('\n')[0]!}`)
  }
  const lineOf = (node: unknown): number | undefined => {
    const range = (node as Node | null)?.range
    return range == null ? undefined : lines.linePos(range[0]).line
  }
  const make = (node: unknown, path: string, line: number | undefined): InputNode => {
    const resolved = isAlias(node) ? node.resolve(document) : node
    if (isMap(resolved)) {
      const entries = new Map<string, InputNode>()
      for (const { key, value } of resolved.items) {
        const name = isScalar(key) ? String(key.value) : String(key)
        entries.set(name, make(value, pathTo(path, name), lineOf(key)))
      }
      return new InputNode({}, { path, line }, entries)
    }
    if (isSeq(resolved)) {
      const items = resolved.items.map((item, i): [string, InputNode] => [
        String(i),
        make(item, pathTo(path, i), lineOf(item)),
      ])
      return new InputNode([], { path, line }, new Map(items))
    }
    return new InputNode(isScalar(resolved) ? resolved.value : null, { path, line: line ?? lineOf(resolved) })
  }
  const root = make(document.contents, '', 1)
  if (!root.isMap) throw new UnreadableInputError(`${name}: the file is no map of options`)
  return root
}
