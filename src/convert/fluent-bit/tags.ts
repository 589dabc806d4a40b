import type { InputNode } from '../input-node.ts'
import { isFoundIn } from '../cel.ts'
import { re2Problem } from '../../lib/re2.ts'

/** Whether a filter or an output takes records with the tag. */
export function takes(node: InputNode, tag: string): boolean {
  const regex = node.get('match_regex')?.text()
  if (regex !== undefined) return re2Problem(regex) === undefined && isFoundIn(regex, tag)
  const match = node.get('match')?.text()
  if (match === undefined) return false
  const quoted = match.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return isFoundIn(`^${quoted}$`, tag)
}
