// Cost in CPU seconds per million lines (node bench/shape.mjs): 0.05 for a text that is asked for by `contains`; where a line has to be looked at by itself, 1 to 2.
import type { Batch } from '../batch.ts'
import { linesWith } from '../lines-with.ts'
import { remove, removeWhere, type Sieve } from '../sieve.ts'
import { compileTree, type Evaluate, parseExpression } from './environment.ts'
import { RowView } from './row-view.ts'
import { below, isNode, pathsOf, type TreeNode, variablesOf } from './tree.ts'

/**
 * Takes rows out of which the condition does not hold, or that lack what it asks for. Parts that ask for a text in the line are answered by one search of the arena, parts that ask where it came from once for each
 * origin; only what is left is evaluated row by row.
 * @throws Error that says why the text is no condition
 */
export function expressionSieve(text: string): Sieve {
  const parts = partsOf(parseExpression(text)).map((node) => ({ node, cheap: searchSieve(node) ?? originSieve(node) }))
  const others = parts.filter(({ cheap }) => cheap === undefined).map(({ node }) => rowSieve(node))
  const sieves = [...parts.flatMap(({ cheap }) => cheap ?? []), ...others]
  return (batch, candidates) => {
    for (const sieve of sieves) sieve(batch, candidates)
  }
}

/** What is joined by `&&`: a row that is out by one part is asked nothing more. */
function partsOf(node: TreeNode): readonly TreeNode[] {
  return node.op === '&&' ? below(node).flatMap(partsOf) : [node]
}

const ofOrigins = new Set(['container', 'labels', 'stream', 'host', 'source'])

function isOfOrigin(node: TreeNode): boolean {
  return [...variablesOf(node)].every((name) => ofOrigins.has(name))
}

/** `text.contains("a")`, and those joined by `&&`, `||` and `!`. */
function searchSieve(node: TreeNode): Sieve | undefined {
  const found = searchOf(node)
  if (found === undefined) return undefined
  return (batch, candidates) => removeWhere(candidates, found(batch), 0)
}

/** 1 for each row for which it holds. */
type Search = (batch: Batch) => Uint8Array

function searchOf(node: TreeNode): Search | undefined {
  if (node.op === '!_') return isNode(node.args) ? inverted(searchOf(node.args)) : undefined
  if (node.op === '&&' || node.op === '||') {
    const [left, right] = below(node).map(searchOf)
    return left && right && joined(left, right, node.op === '&&')
  }
  if (node.op !== 'rcall') return undefined
  const [name, receiver, [needle]] = node.args as [string, TreeNode, TreeNode[]]
  const isText = receiver.op === 'id' && receiver.args === 'text'
  if (name !== 'contains' || !isText || needle?.op !== 'value' || typeof needle.args !== 'string') return undefined
  const needles = [Buffer.from(needle.args)]
  return needle.args === '' ? ({ count }) => new Uint8Array(count).fill(1) : (batch) => linesWith(batch, needles)
}

function inverted(search: Search | undefined): Search | undefined {
  return (
    search &&
    ((batch) => {
      const found = search(batch)
      for (let row = 0; row < found.length; row++) found[row] = found[row] === 0 ? 1 : 0
      return found
    })
  )
}

function joined(left: Search, right: Search, isAnd: boolean): Search {
  return (batch) => {
    const found = left(batch)
    const other = right(batch)
    for (let row = 0; row < found.length; row++)
      found[row] = isAnd ? found[row]! & other[row]! : found[row]! | other[row]!
    return found
  }
}

/** What only asks where lines came from. */
function originSieve(node: TreeNode): Sieve | undefined {
  if (!isOfOrigin(node)) return undefined
  const evaluate = compileTree(node)
  const view = new RowView([])
  return (batch, candidates) => {
    const holds = new Int8Array(batch.origins.length).fill(-1)
    const { origin } = batch.columns
    remove(candidates, (row) => {
      const index = origin[row]!
      if (holds[index] === -1) holds[index] = isMet(evaluate, view.at(batch, row)) ? 1 : 0
      return holds[index] === 0
    })
  }
}

function rowSieve(node: TreeNode): Sieve {
  const evaluate = compileTree(node)
  const view = new RowView(pathsOf(node, 'fields'))
  return (batch, candidates) => remove(candidates, (row) => !isMet(evaluate, view.at(batch, row)))
}

/** A row that lacks what is asked for does not meet the condition. */
function isMet(evaluate: Evaluate, row: RowView): boolean {
  try {
    return evaluate(row) === true
  } catch {
    return false // No such field, or of another type: that is no mistake of the configuration, and lines are of many kinds.
  }
}
