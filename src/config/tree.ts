import type { Place } from './place.ts'

/** A value of the document that knows where it was written. */
export type Tree = Fields | List | Leaf

export interface Fields {
  readonly kind: 'fields'
  readonly place: Place
  /** A Map, since `__proto__` is a key like any other here. */
  readonly entries: ReadonlyMap<string, Entry>
}

export interface Entry {
  readonly key: Place
  readonly value: Tree
}

export interface List {
  readonly kind: 'list'
  readonly place: Place
  readonly items: readonly Tree[]
}

export interface Leaf {
  readonly kind: 'leaf'
  readonly place: Place
  readonly value: string | number | boolean | null
  /** As it stands in the file: without quotes, before interpolation. */
  readonly written: string
  readonly isQuoted: boolean
  /** It has been reported already, and its value means nothing. */
  readonly isBroken: boolean
  /** What came from secret files: never to be shown. */
  readonly secrets: readonly string[]
}

/** The part of the tree at `path`; undefined when there is none. */
export function treeAt(tree: Tree, path: readonly PropertyKey[]): Tree | undefined {
  let at: Tree | undefined = tree
  for (const segment of path) {
    if (at?.kind === 'fields') at = at.entries.get(String(segment))?.value
    else if (at?.kind === 'list') at = at.items[Number(segment)]
    else return undefined
  }
  return at
}

/** Plain values, for the schemas. */
export function toPlain(tree: Tree): unknown {
  switch (tree.kind) {
    case 'leaf':
      return tree.value
    case 'list':
      return tree.items.map(toPlain)
    case 'fields':
      return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, toPlain(entry.value)]))
  }
}
