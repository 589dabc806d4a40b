import type { Batch } from './batch.ts'
import type { Fields } from './fields/fields.ts'
import { fieldNamesOf, fieldOfPlaceholder, fillTemplate, linePlaceholders } from './origin-template.ts'
import type { Origin } from './origin.ts'

/** What may stand in the braces of a template that is filled for a line: `text` is the line itself. */
export const textPlaceholders = [...linePlaceholders, 'text'] as const

/** A text that is filled in for lines. What the origin alone decides is filled in once for each origin. */
export class LineTemplate {
  /** Fields that it asks for. */
  readonly fieldNames: readonly string[]
  readonly #text: string
  readonly #asksLine: boolean
  readonly #known = new WeakMap<Origin, string>()
  #fields: Fields | undefined
  /** The number of each field in the present batch; -1: no row has it. */
  #numbers: readonly number[] = []

  /** @param text one that `placeholderProblem` finds nothing wrong with */
  constructor(text: string) {
    this.#text = text
    this.fieldNames = fieldNamesOf([text])
    this.#asksLine = this.fieldNames.length > 0 || text.includes('{text}')
  }

  /** Rows of this batch follow. */
  begin({ fields }: Batch): void {
    this.#fields = fields
    this.#numbers = this.fieldNames.map((name) => fields?.indexOf(name) ?? -1)
  }

  /** Whether the row has one of the fields that are asked for, or none is. */
  hasAny(row: number): boolean {
    return this.fieldNames.length === 0 || this.#numbers.some((number) => this.#valueOf(row, number) !== -1)
  }

  /** The text for a row; empty stands for what it does not have. */
  fill(batch: Batch, row: number): string {
    const origin = batch.origins[batch.columns.origin[row]!]!
    if (this.#asksLine) return fillTemplate(this.#text, origin, (name) => this.#ofLine(batch, row, name))
    let known = this.#known.get(origin)
    if (known === undefined) this.#known.set(origin, (known = fillTemplate(this.#text, origin)))
    return known
  }

  #ofLine({ bytes, columns }: Batch, row: number, name: string): string | undefined {
    if (name === 'text') return bytes.toString('utf8', columns.start[row], columns.end[row])
    const field = fieldOfPlaceholder(name)
    if (field === undefined) return undefined
    const value = this.#valueOf(row, this.#numbers[this.fieldNames.indexOf(field)]!)
    return value === -1 ? '' : this.#fields!.textOf(value)
  }

  #valueOf(row: number, number: number): number {
    return number === -1 ? -1 : this.#fields!.find(row, number)
  }
}
