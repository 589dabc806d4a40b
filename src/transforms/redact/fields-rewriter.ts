import { type Fields, valueKinds } from '../../batch/fields/fields.ts'
import { FieldsBuilder } from '../../batch/fields/fields-builder.ts'

/** Fields with other texts in the place of some: in memory of their own, since others may read those they come from. */
export class FieldsRewriter {
  readonly #builder = new FieldsBuilder()
  #texts = new Map<number, Buffer>()

  /** Puts a text in the place of this value's. */
  put(value: number, text: Buffer): void {
    this.#texts.set(value, text)
  }

  /** @returns undefined where nothing was put */
  finish(fields: Fields): Fields | undefined {
    if (this.#texts.size === 0) return undefined
    const texts = this.#texts
    this.#texts = new Map()
    const { first, name, kind } = fields.columns
    this.#builder.begin(fields.rows, fields)
    for (let row = 0; row < fields.rows; row++) {
      this.#builder.row()
      for (let value = first[row]!; value < first[row + 1]!; value++) {
        const text = texts.get(value)
        if (text === undefined) continue
        const number = this.#builder.names.numberOfText(fields.names[name[value]!]!)
        this.#builder.set(number, kindOf(kind[value]!, text), text, 0, text.length)
      }
    }
    return this.#builder.finish()
  }
}

/** JSON stays JSON if it still is; a number is none any more. */
function kindOf(before: number, text: Buffer): number {
  if (before !== valueKinds.json) return valueKinds.text
  try {
    JSON.parse(text.toString())
    return valueKinds.json
  } catch {
    return valueKinds.text // What was found stood outside of quotes.
  }
}
