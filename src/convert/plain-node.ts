import { InputNode, pathTo } from './input-node.ts'

/** A tree of plain values. @param lineOf the line of a path; undefined: not known */
export function nodeOfPlain(value: unknown, lineOf: (path: readonly string[]) => number | undefined): InputNode {
  const make = (part: unknown, keys: readonly string[], path: string): InputNode => {
    const isContainer = typeof part === 'object' && part !== null && !(part instanceof Date)
    const members = isContainer ? Object.entries(part) : []
    const entries = members.map(([key, member]): [string, InputNode] => [
      key,
      make(member, [...keys, key], pathTo(path, Array.isArray(part) ? Number(key) : key)),
    ])
    return new InputNode(part, { path, line: lineOf(keys) }, new Map(entries))
  }
  return make(value, [], '')
}
