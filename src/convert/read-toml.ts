import { parse } from 'smol-toml'
import { messageOf } from '../lib/error.ts'
import type { SourceFile } from './conversion.ts'
import type { InputNode } from './input-node.ts'
import { nodeOfPlain } from './plain-node.ts'
import { UnreadableInputError } from './unreadable.ts'

/** @throws UnreadableInputError */
export function readToml({ name, text }: SourceFile): InputNode {
  try {
    const lines = linesOf(text)
    return nodeOfPlain(parse(text), (path) => lines.get(path.join('.')))
  } catch (error) {
    throw new UnreadableInputError(`${name}: the file is no TOML: ${messageOf(error)}`)
  }
}

/** The parser does not say where things stand: tables and keys are looked for. A key within a table in one line has the line of that. */
function linesOf(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  let table = ''
  for (const [i, line] of text.split('\n').entries()) {
    const header = /^\s*\[\[?\s*([^\]]+?)\s*\]/.exec(line)?.[1]
    const key = /^\s*([\w."'-]+)\s*=/.exec(line)?.[1]
    if (header !== undefined) table = header.replace(/["']/g, '')
    const path =
      header === undefined ? key && [table, key.replace(/["']/g, '')].filter((part) => part !== '').join('.') : table
    const parts = path === undefined ? [] : path.split('.')
    for (let length = 1; length <= parts.length; length++) {
      const prefix = parts.slice(0, length).join('.')
      if (!lines.has(prefix)) lines.set(prefix, i + 1)
    }
  }
  return lines
}
