import type { Batch } from './batch.ts'
import type { Fields } from './fields/fields.ts'
import { fieldNamesOf, fieldOfPlaceholder, linePlaceholders, valueOfPlaceholder } from './origin-template.ts'
import type { Origin } from './origin.ts'

/** What may stand in the braces of a template that is filled for a line: `text` is the line itself. */
export const textPlaceholders = [...linePlaceholders, 'text'] as const

/** The line's text, a field by its place in `fieldNames`, or what is the same for all lines of an origin. */
type Part = 'line' | number | { readonly text: string; readonly bytes: Buffer }

/** Takes a text piece by piece. */
export interface Pieces {
  add(bytes: Buffer, from: number, to: number): void
}

/** A text that is filled in for lines. What the origin alone decides is filled in once for each origin. */
export class LineTemplate {
  /** Fields that it asks for. */
  readonly fieldNames: readonly string[]
  /** What the braces make of it, in turns: what stands there, and the name of a placeholder. */
  readonly #written: readonly string[]
  readonly #parts = new WeakMap<Origin, readonly Part[]>()
  #fields: Fields | undefined
  /** The number of each field in the present batch; -1: no row has it. */
  #numbers: readonly number[] = []

  /** @param text one that `placeholderProblem` finds nothing wrong with */
  constructor(text: string) {
    this.#written = text.split(/\{([^}]*)\}/)
    this.fieldNames = fieldNamesOf([text])
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
    const parts = this.#partsOf(batch, row)
    if (parts.length === 1 && typeof parts[0] === 'object') return parts[0].text
    let text = ''
    for (const part of parts) text += this.#textOf(part, batch, row)
    return text
  }

  /** The same as `fill`, byte by byte: what is no UTF-8 in a line stays as it is. */
  addTo(pieces: Pieces, batch: Batch, row: number): void {
    for (const part of this.#partsOf(batch, row)) {
      if (typeof part === 'object') pieces.add(part.bytes, 0, part.bytes.length)
      else if (part === 'line') pieces.add(batch.bytes, batch.columns.start[row]!, batch.columns.end[row]!)
      else {
        const value = this.#valueOf(row, this.#numbers[part]!)
        if (value === -1) continue
        const { bytes, columns } = this.#fields!
        pieces.add(bytes, columns.start[value]!, columns.end[value]!)
      }
    }
  }

  #textOf(part: Part, { bytes, columns }: Batch, row: number): string {
    if (typeof part === 'object') return part.text
    if (part === 'line') return bytes.toString('utf8', columns.start[row], columns.end[row])
    const value = this.#valueOf(row, this.#numbers[part]!)
    return value === -1 ? '' : this.#fields!.textOf(value)
  }

  #partsOf({ origins, columns }: Batch, row: number): readonly Part[] {
    const origin = origins[columns.origin[row]!]!
    let parts = this.#parts.get(origin)
    if (parts === undefined) this.#parts.set(origin, (parts = this.#fillOrigin(origin)))
    return parts
  }

  #fillOrigin(origin: Origin): readonly Part[] {
    const parts: Part[] = []
    let text = ''
    const close = () => {
      if (text !== '') parts.push({ text, bytes: Buffer.from(text) })
      text = ''
    }
    for (const [index, word] of this.#written.entries()) {
      const field = index % 2 === 0 ? undefined : fieldOfPlaceholder(word)
      if (field !== undefined || (index % 2 === 1 && word === 'text')) {
        close()
        parts.push(field === undefined ? 'line' : this.fieldNames.indexOf(field))
      } else text += index % 2 === 0 ? word : valueOfPlaceholder(word, origin)
    }
    close()
    return parts
  }

  #valueOf(row: number, number: number): number {
    return number === -1 ? -1 : this.#fields!.find(row, number)
  }
}
