import type { Batch } from '../batch.ts'
import type { FieldValue } from '../fields/values.ts'
import { compileTree, parseValue } from './environment.ts'
import { RowView } from './row-view.ts'
import { pathsOf } from './tree.ts'

/** What an expression is for a row; undefined where the row lacks what it asks for, or it is nothing that a field can be. */
export type ValueOf = (batch: Batch, row: number) => FieldValue | undefined

/** @throws Error that says why the text is no expression */
export function expressionValue(text: string): ValueOf {
  const tree = parseValue(text)
  const evaluate = compileTree(tree)
  const view = new RowView(pathsOf(tree, 'fields'))
  return (batch, row) => {
    try {
      return fieldValueOf(evaluate(view.at(batch, row)))
    } catch {
      return undefined // No such field, or of another type.
    }
  }
}

/** Whole numbers of CEL are BigInt; a map may be a `Map`. */
function fieldValueOf(value: unknown): FieldValue | undefined {
  const json = JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part === 'bigint') return Number(part)
    return part instanceof Map ? (Object.fromEntries(part) as unknown) : part
  }) as string | undefined
  return json === undefined ? undefined : (JSON.parse(json) as FieldValue)
}
