import { matchesAny } from '../../lib/name-patterns.ts'
import type { FieldsBuilder } from '../../batch/fields/fields-builder.ts'

/** Where a parser puts what it finds in a line: names with the prefix, and only those that are wanted. */
export class Target {
  readonly #builder: FieldsBuilder
  readonly #prefix: Buffer
  readonly #isWanted: ((name: string) => boolean) | undefined
  #name = Buffer.alloc(256)
  /** The names that `#wanted` is of. */
  #names: readonly string[] = []
  /** By number of the name: 0 not known yet, 1 wanted, 2 not. */
  #wanted = new Uint8Array(0)

  constructor(builder: FieldsBuilder, { prefix, fields }: { prefix: string; fields: readonly string[] }) {
    this.#builder = builder
    this.#prefix = Buffer.from(prefix)
    this.#isWanted = fields.length === 0 ? undefined : matchesAny(fields)
  }

  /** Another array where numbers have begun anew. */
  get names(): readonly string[] {
    return this.#builder.names.names
  }

  /** The number of a name, for the functions below; -1: what has this name is left out. */
  numberOf(bytes: Uint8Array, from: number, to: number): number {
    const { names } = this.#builder
    const prefix = this.#prefix.length
    let number: number
    if (prefix === 0) number = names.numberOf(bytes, from, to)
    else {
      const length = prefix + to - from
      if (this.#name.length < length) this.#name = Buffer.alloc(length * 2)
      this.#prefix.copy(this.#name)
      this.#name.set(bytes.subarray(from, to), prefix)
      number = names.numberOf(this.#name, 0, length)
    }
    return this.#isWanted === undefined || number < 0 ? number : this.#ifWanted(number)
  }

  #ifWanted(number: number): number {
    const { names } = this.#builder.names
    if (this.#names !== names || number >= this.#wanted.length) {
      this.#names = names
      this.#wanted = new Uint8Array(names.length * 2)
    }
    if (this.#wanted[number] === 0)
      this.#wanted[number] = this.#isWanted!(names[number]!.slice(this.#prefix.toString().length)) ? 1 : 2
    return this.#wanted[number] === 1 ? number : -1
  }

  /** Takes these bytes as the value, of a kind of `valueKinds`. */
  set(number: number, kind: number, bytes: Buffer, from: number, to: number): void {
    this.#builder.set(number, kind, bytes, from, to)
  }

  setText(number: number, text: string, kind = 0): void {
    this.#builder.setText(number, text, kind)
  }

  /** Where a value that has to be rewritten may be written, in so many bytes at the most. */
  open(mostBytes: number): { readonly bytes: Buffer; readonly at: number } {
    return this.#builder.open(mostBytes)
  }

  close(number: number, kind: number, end: number): void {
    this.#builder.close(number, kind, end)
  }
}

/** Puts what it finds between these places into the target. @returns false where the text is not of the format; what it has put there is forgotten then */
export type Parser = (bytes: Buffer, from: number, to: number, target: Target) => boolean
