import type { Target } from './target.ts'

/** The place of each name, for finding its number. */
export function placesOf<const Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, place) => [name, place])) as Record<Name, number>
}

/** The names of a format that always has the same: their numbers are looked up once, and again where those have begun anew. */
export class FixedNames {
  readonly #names: readonly Buffer[]
  readonly #numbers: Int32Array
  #known: readonly string[] | undefined

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => Buffer.from(name))
    this.#numbers = new Int32Array(names.length)
  }

  /** The number of each name, in the order in which they were given. */
  numbersIn(target: Target): Int32Array {
    if (this.#known === target.names) return this.#numbers
    for (const [index, name] of this.#names.entries()) this.#numbers[index] = target.numberOf(name, 0, name.length)
    this.#known = target.names
    return this.#numbers
  }
}
