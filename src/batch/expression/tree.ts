/** The tree of an expression, as far as it is looked at here. */
export interface TreeNode {
  readonly op: string
  readonly args: unknown
}

export function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

/** The nodes right below a node. */
export function below({ args }: TreeNode): readonly TreeNode[] {
  const flat = (value: unknown): TreeNode[] =>
    Array.isArray(value) ? value.flatMap(flat) : isNode(value) ? [value] : []
  return flat(args)
}

/** Names that stand by themselves: variables. */
export function variablesOf(node: TreeNode): ReadonlySet<string> {
  if (node.op === 'id') return new Set([node.args as string])
  return new Set(below(node).flatMap((one) => [...variablesOf(one)]))
}

/** The names of a chain such as `fields.user.id` or `fields["user"].id`, without the variable it begins with; undefined: it is none of that variable. */
export function pathOf(node: TreeNode, variable: string): readonly string[] | undefined {
  if (node.op === 'id') return node.args === variable ? [] : undefined
  if (node.op !== '.' && node.op !== '[]') return undefined
  const [base, name] = node.args as [unknown, unknown]
  const key = typeof name === 'string' ? name : isNode(name) && name.op === 'value' ? name.args : undefined
  if (typeof key !== 'string' || !isNode(base)) return undefined
  const path = pathOf(base, variable)
  return path && [...path, key]
}

/** The longest chains of a variable; an empty one where it stands by itself. */
export function pathsOf(node: TreeNode, variable: string): readonly (readonly string[])[] {
  const path = pathOf(node, variable)
  return path === undefined ? below(node).flatMap((one) => pathsOf(one, variable)) : [path]
}
