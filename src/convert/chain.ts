import type { Draft } from './draft.ts'
import type { InputNode } from './input-node.ts'

/** The way of lines through transforms, as far as it has been laid. */
export class Chain {
  readonly draft: Draft
  /** For ids of what has no name of its own. */
  readonly name: string
  /** Where the next transform reads. */
  inputs: readonly string[]
  /** Lines have parted and come together: they are in no order. */
  hasParted: boolean
  /** A transform has found fields. */
  hasFields = false

  constructor(
    draft: Draft,
    start: { readonly name: string; readonly inputs: readonly string[]; readonly hasParted?: boolean },
  ) {
    this.draft = draft
    this.name = start.name
    this.inputs = start.inputs
    this.hasParted = start.hasParted ?? false
  }

  /** Adds a transform, behind which the way goes on. */
  then(type: string, from: InputNode, options: Record<string, unknown>, id = `${this.name}_${type}`): string {
    const added = this.draft.add('transforms', { id, from }, { type, inputs: this.inputs, ...options })
    this.inputs = [added]
    if (type === 'parse' || (type === 'fields' && 'set' in options) || type === 'level') this.hasFields = true
    return added
  }

  /** A way that begins at another output. */
  branch(inputs: readonly string[], name = this.name): Chain {
    const branch = new Chain(this.draft, { name, inputs, hasParted: this.hasParted })
    branch.hasFields = this.hasFields
    return branch
  }
}
