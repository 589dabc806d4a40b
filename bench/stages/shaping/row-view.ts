/** Lines as objects: how most collectors hold them, and what columns are measured beside. */
import type { Batch } from '../../../src/batch/batch.ts'
import { FieldsBuilder } from '../../../src/batch/fields/fields-builder.ts'
import { type FieldValue, setValue, valuesOf } from '../../../src/batch/fields/values.ts'
import { lineFlags } from '../../../src/batch/flags.ts'
import { lineTimeMs } from '../../../src/batch/line-time.ts'
import type { Origin } from '../../../src/batch/origin.ts'
import { BatchRewriter } from '../../../src/batch/rewriter.ts'

export interface RowView {
  text: string
  readonly fields: Record<string, FieldValue>
  /** The engine's time, in milliseconds since 1970 and as seconds and nanoseconds; a number for lines of the same time. */
  readonly timeMs: number
  readonly seconds: number
  readonly nanos: number
  readonly ordinal: number
  readonly origin: Origin
  /** The time that the line says itself, in milliseconds since 1970. */
  ownTimeMs?: number
}

/** Changes a row; `false` takes it out. */
export type RowFunction = (row: RowView) => unknown

export function rowViewOf(batch: Batch, row: number): RowView {
  const { columns, origins, bytes } = batch
  return {
    text: bytes.toString('utf8', columns.start[row], columns.end[row]),
    fields: valuesOf(batch.fields, row) ?? {},
    timeMs: lineTimeMs(batch, row),
    seconds: columns.seconds[row]!,
    nanos: columns.nanos[row]!,
    ordinal: columns.ordinal[row]!,
    origin: origins[columns.origin[row]!]!,
  }
}

/** Makes a row of each line, calls the function for it, and makes a batch of what has changed: as a transform would whose lines are objects. */
export class RowWriter {
  readonly #builder = new FieldsBuilder()
  readonly #rewriter = new BatchRewriter()

  apply(batch: Batch, change: RowFunction): Batch {
    const { flags } = batch.columns
    this.#rewriter.reset()
    this.#builder.begin(batch.count, undefined)
    let hasFields = false
    for (let number = 0; number < batch.count; number++) {
      this.#builder.row()
      const row = rowViewOf(batch, number)
      const { text } = row
      if (change(row) === false) flags[number] = flags[number]! | lineFlags.dropped
      if (row.text !== text) this.#replace(batch, number, row.text)
      for (const name of Object.keys(row.fields)) {
        hasFields = true
        setValue(this.#builder, this.#builder.names.numberOfText(name), row.fields[name]!)
      }
      if (row.ownTimeMs !== undefined)
        this.#builder.setTime(Math.floor(row.ownTimeMs / 1000), (row.ownTimeMs % 1000) * 1e6)
    }
    const fields = this.#builder.finish()
    if (hasFields) return this.#rewriter.finishWith(batch, fields)
    fields?.release()
    return this.#rewriter.finish(batch)
  }

  #replace({ columns }: Batch, row: number, text: string): void {
    this.#rewriter.replace(row, columns.start[row]!, columns.end[row]!, Buffer.from(text))
  }
}
