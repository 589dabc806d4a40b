import type { Batch } from '../batch.ts'
import { valueOf, valuesOf } from '../fields/values.ts'
import { levelNames, noLevel } from '../level.ts'
import type { Origin } from '../origin.ts'
import { levelField, levelOfRow } from '../row-level.ts'

/** A row as an expression sees it. One view serves for all rows; what is not asked for is not made. */
export class RowView {
  #batch!: Batch
  #row = 0
  #origin!: Origin
  readonly #wanted: readonly WantedField[]
  readonly #wantsAll: boolean

  /** `paths`: the chains of names that are asked for behind `fields`; an empty one asks for all. */
  constructor(paths: readonly (readonly string[])[]) {
    this.#wantsAll = paths.some((path) => path.length === 0)
    this.#wanted = paths.filter((path) => path.length > 0).map((path) => ({ path, name: path.join('.') }))
  }

  /** Looks at this row. */
  at(batch: Batch, row: number): this {
    this.#batch = batch
    this.#row = row
    this.#origin = batch.origins[batch.columns.origin[row]!]!
    return this
  }

  get text(): string {
    const { bytes, columns } = this.#batch
    return bytes.toString('utf8', columns.start[this.#row], columns.end[this.#row])
  }

  /** The level that the line has, in the words of `levelNames`; empty: none. */
  get level(): string {
    const level = levelOfRow(this.#batch, this.#row, this.#batch.fields?.indexOf(levelField) ?? -1)
    return level === noLevel ? '' : levelNames[level]!
  }

  get stream(): string {
    return this.#origin.stream
  }

  get host(): string {
    return this.#origin.host
  }

  get source(): string {
    return this.#origin.key.slice(0, this.#origin.key.indexOf('/'))
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#origin.labels
  }

  get container(): Origin['container'] {
    return this.#origin.container
  }

  /** Fields within objects: `user.id` as `{ user: { id } }`. */
  get fields(): object {
    const { fields } = this.#batch
    const made: Nested = Object.create(null) as Nested
    if (fields === undefined) return made
    if (this.#wantsAll) Object.assign(made, valuesOf(fields, this.#row))
    for (const { path, name } of this.#wanted) {
      const value = fields.find(this.#row, fields.indexOf(name))
      if (value !== -1) put(made, path, valueOf(fields, value))
    }
    return made
  }
}

interface WantedField {
  readonly path: readonly string[]
  readonly name: string
}

interface Nested {
  [name: string]: unknown
}

function put(target: Nested, path: readonly string[], value: unknown): void {
  let at = target
  for (const name of path.slice(0, -1)) {
    const next = at[name]
    at = typeof next === 'object' && next !== null ? (next as Nested) : ((at[name] = Object.create(null)) as Nested)
  }
  at[path.at(-1)!] = value
}
