/**
 * The language of conditions: CEL (https://cel.dev), by @marcbachmann/cel-js. Patterns are those of RE2: `matches` of the library would be JavaScript's own, which may take minutes for a line.
 */
import { type ASTNode, Environment, serialize } from '@marcbachmann/cel-js'
import { RE2JS } from 're2js'
import { BoundedMap } from '../../lib/bounded-map.ts'
import { messageOf } from '../../lib/error.ts'
import { re2Problem } from '../../lib/re2.ts'
import { isNode, type TreeNode } from './tree.ts'

/** What `matches` becomes before an expression is compiled. */
const patternFunction = 'matchesRe2'
const patterns = new BoundedMap<string, RE2JS>(100)

/** What an expression may ask of a line; see `RowView`. */
const environment = new Environment({
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 1_000, maxDepth: 50 },
})
  .registerVariable('text', 'string')
  .registerVariable('level', 'string')
  .registerVariable('fields', 'map')
  .registerVariable('stream', 'string')
  .registerVariable('host', 'string')
  .registerVariable('source', 'string')
  .registerVariable('labels', 'map<string, string>')
  .registerVariable({ name: 'container', schema: { name: 'string', id: 'string', image: 'string' } })
  .registerFunction(`string.${patternFunction}(string): bool`, (text: string, pattern: string) =>
    patternOf(pattern).test(text),
  )

/** Gives what an expression is for a row. @throws where the row lacks what it asks for */
export type Evaluate = (row: object) => unknown

/** A condition. @throws Error that says what is wrong with the text */
export function parseExpression(text: string): TreeNode {
  const { tree, type } = parse(text)
  if (type !== 'bool' && type !== 'dyn') throw new Error(`it is of type ${type}: a condition is true or false`)
  return tree
}

/** An expression of any type. @throws Error that says what is wrong with the text */
export function parseValue(text: string): TreeNode {
  return parse(text).tree
}

function parse(text: string): { tree: TreeNode; type: string } {
  const { ast } = environment.parse(text)
  const { valid, type = 'unknown', error } = environment.check(text)
  if (!valid) throw error ?? new Error('it is no expression')
  usePatternsOfRe2(ast)
  return { tree: ast, type }
}

/** A tree of `parseExpression`, or a part of one, as a function. */
export function compileTree(node: TreeNode): Evaluate {
  const evaluate = environment.parse(serialize(node as unknown as ASTNode))
  return (row) => evaluate(row) as unknown
}

/** Why a text is no condition, or, with `parseValue`, no expression; undefined: it is one. */
export function expressionProblem(text: string, parseText = parseExpression): string | undefined {
  try {
    parseText(text)
    return undefined
  } catch (error) {
    return messageOf(error).split('\n')[0]!
  }
}

function patternOf(text: string): RE2JS {
  let pattern = patterns.get(text)
  if (pattern === undefined) patterns.set(text, (pattern = RE2JS.compile(text)))
  return pattern
}

/** Names `matches` anew, everywhere in the tree, and reads patterns that are written out. */
function usePatternsOfRe2(node: unknown): void {
  if (Array.isArray(node)) {
    for (const one of node) usePatternsOfRe2(one)
    return
  }
  if (!isNode(node)) return
  const { op, args } = node
  if (op === 'rcall' && Array.isArray(args) && args[0] === 'matches') {
    args[0] = patternFunction
    const [pattern] = args[2] as { op: string; args: unknown }[]
    if (pattern?.op === 'value' && typeof pattern.args === 'string') checkPattern(pattern.args)
  }
  usePatternsOfRe2(args)
}

function checkPattern(text: string): void {
  const why = re2Problem(text)
  if (why !== undefined) throw new Error(`"${text}" is no pattern of RE2: ${why}`)
}
