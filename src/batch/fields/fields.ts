import { Arena } from '../arena.ts'

/** What a value is. Its text is kept as it was written: `1.50` stays `1.50`. */
export const valueKinds = {
  text: 0,
  number: 1,
  boolean: 2,
  null: 3,
  /** An array or an object, as JSON. */
  json: 4,
} as const

/** Values of rows, one behind the other, in the order of rows; the arrays are as long as there are values. */
export interface ValueColumns {
  /** The values of row `i` are those from `first[i]` up to `first[i + 1]`. */
  readonly first: Uint32Array
  /** Where each value begins and ends in `bytes`. */
  readonly start: Uint32Array
  readonly end: Uint32Array
  /** Index into `names`. */
  readonly name: Uint16Array
  /** One of `valueKinds`. */
  readonly kind: Uint8Array
}

/** Times that lines say themselves, by row; `seconds` is not a number where a line says none. */
export interface OwnTimes {
  readonly seconds: Float64Array
  readonly nanos: Uint32Array
}

/** Memory of the times of so many rows, up to a multiple of 8. */
export function ownTimesBytes(rows: number): number {
  return Math.ceil((rows * 12) / 8) * 8
}

/** Times in the memory of `bytes` from `at` on, which must be a multiple of 8 in it. */
export function ownTimesOver({ buffer, byteOffset }: Buffer, at: number, rows: number): OwnTimes {
  const begin = byteOffset + at
  return { seconds: new Float64Array(buffer, begin, rows), nanos: new Uint32Array(buffer, begin + rows * 8, rows) }
}

/** Memory of the columns of so many rows and values, up to a multiple of 8. */
export function valueColumnsBytes(rows: number, values: number): number {
  return Math.ceil(((rows + 1) * 4 + values * 11) / 8) * 8
}

/** Columns in the memory of `bytes` from `at` on, which must be a multiple of 4 in it. */
export function valueColumnsOver(bytes: Buffer, at: number, rows: number, values: number): ValueColumns {
  const { buffer } = bytes
  let next = bytes.byteOffset + at
  const after = (length: number) => {
    const here = next
    next += length
    return here
  }
  return {
    first: new Uint32Array(buffer, after((rows + 1) * 4), rows + 1),
    start: new Uint32Array(buffer, after(values * 4), values),
    end: new Uint32Array(buffer, after(values * 4), values),
    name: new Uint16Array(buffer, after(values * 2), values),
    kind: new Uint8Array(buffer, after(values), values),
  }
}

/**
 * What transforms have found in the lines of a batch: values with names, any number of them in each row, none of a name twice. Never changed once made, and shared by
 * batches that have the same rows; reference counted as they are.
 */
export class Fields {
  readonly columns: ValueColumns
  readonly bytes: Buffer
  /** Some may be in no row. */
  readonly names: readonly string[]
  /** Undefined: no row has one. */
  readonly times: OwnTimes | undefined
  readonly #memory: Arena
  readonly #indexOf = new Map<string, number>()

  /** `onFree`: nobody reads the columns and bytes any longer. */
  constructor(
    parts: {
      readonly columns: ValueColumns
      readonly bytes: Buffer
      readonly names: readonly string[]
      readonly times: OwnTimes | undefined
    },
    onFree?: () => void,
  ) {
    this.columns = parts.columns
    this.bytes = parts.bytes
    this.names = parts.names
    this.times = parts.times
    this.#memory = Arena.over(parts.bytes, onFree)
  }

  get rows(): number {
    return this.columns.first.length - 1
  }

  /** How many values all rows have. */
  get count(): number {
    return this.columns.first[this.rows]!
  }

  get heldBytes(): number {
    const times = this.times === undefined ? 0 : ownTimesBytes(this.rows)
    return this.bytes.length + valueColumnsBytes(this.rows, this.columns.kind.length) + times
  }

  retain(): void {
    this.#memory.retain()
  }

  release(): void {
    this.#memory.release()
  }

  /** The index of a name; -1: no row has it. Looked for once: there may be thousands of names, and rows are asked one by one. */
  indexOf(name: string): number {
    let index = this.#indexOf.get(name)
    if (index === undefined) this.#indexOf.set(name, (index = this.names.indexOf(name)))
    return index
  }

  /** Which value of row `row` has the name of this index; -1: none. */
  find(row: number, name: number): number {
    const { first, name: names } = this.columns
    for (let value = first[row]!; value < first[row + 1]!; value++) if (names[value] === name) return value
    return -1
  }

  /** Bytes of the names and values of a row. */
  bytesOf(row: number): number {
    const { first, start, end, name } = this.columns
    let bytes = 0
    for (let value = first[row]!; value < first[row + 1]!; value++)
      bytes += this.names[name[value]!]!.length + end[value]! - start[value]!
    return bytes
  }

  textOf(value: number): string {
    return this.bytes.toString('utf8', this.columns.start[value], this.columns.end[value])
  }

  /** The text of a row's value of this name; undefined: it has none. */
  textIn(row: number, name: string): string | undefined {
    const value = this.find(row, this.indexOf(name))
    return value === -1 ? undefined : this.textOf(value)
  }
}
