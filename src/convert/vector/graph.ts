import { Chain } from '../chain.ts'
import type { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { addSource } from './sources.ts'
import { applyTransform, type Outputs } from './transforms.ts'

/** Sources and transforms by their names, each converted when somebody reads of it. */
export class Graph {
  readonly #root: InputNode
  readonly #draft: Draft
  readonly #made = new Map<string, Outputs | undefined>()

  constructor(root: InputNode, draft: Draft) {
    this.#root = root
    this.#draft = draft
  }

  /** Where the inputs of a component are read, and whether their lines have parted before. */
  inputsOf(node: InputNode): { readonly inputs: readonly string[]; readonly hasParted: boolean } {
    const names = (node.get('inputs')?.texts() ?? []).flatMap((name) => this.#matching(name))
    const chains = names.flatMap((name) => this.#outputOf(name) ?? [])
    const inputs = [...new Set(chains.flatMap((chain) => chain.inputs))]
    return { inputs, hasParted: chains.length > 1 || chains.some((chain) => chain.hasParted) }
  }

  /** Components that nobody reads. */
  unread(): readonly InputNode[] {
    return ['sources', 'transforms'].flatMap((section) =>
      [...(this.#root.get(section)?.entries ?? [])].flatMap(([name, node]) => (this.#made.has(name) ? [] : [node])),
    )
  }

  #matching(name: string): readonly string[] {
    if (!name.includes('*')) return [name]
    const [before = '', after = ''] = name.split('*')
    const all = ['sources', 'transforms'].flatMap((section) =>
      [...(this.#root.get(section)?.entries ?? [])].map(([known]) => known),
    )
    return all.filter((known) => known.startsWith(before) && known.endsWith(after))
  }

  #outputOf(input: string): Chain | undefined {
    const [name = '', output = ''] = input.split('.')
    if (!this.#made.has(name)) {
      this.#made.set(name, undefined)
      this.#made.set(name, this.#make(name))
    }
    return this.#made.get(name)?.(output)
  }

  #make(name: string): Outputs | undefined {
    const source = this.#root.at('sources', name)
    if (source !== undefined) {
      const chain = addSource({ name, node: source, draft: this.#draft })
      return chain && (() => chain)
    }
    const node = this.#root.at('transforms', name)
    if (node === undefined) return undefined
    const { inputs, hasParted } = this.inputsOf(node)
    if (inputs.length === 0) return undefined
    const read = this.#outputsRead(name)
    return applyTransform({ node, read }, new Chain(this.#draft, { name, inputs, hasParted }))
  }

  /** Outputs of a transform that others name. */
  #outputsRead(name: string): readonly string[] {
    const readers = ['transforms', 'sinks'].flatMap((section) => [...(this.#root.get(section)?.entries ?? [])])
    const inputs = readers.flatMap(([, node]) => node.get('inputs')?.texts() ?? [])
    return inputs.flatMap((input) => (input.startsWith(`${name}.`) ? [input.slice(name.length + 1)] : []))
  }
}
