// Cost: 5 to 8 CPU seconds per million lines, in two threads (node bench/shape.mjs): rows are objects, and go there and back. Everything that has a transform of its own is cheaper by it.
import type { Batch } from '../../batch/batch.ts'
import { FieldsBuilder } from '../../batch/fields/fields-builder.ts'
import { type FieldValue, setValue, valuesOf } from '../../batch/fields/values.ts'
import { lineFlags } from '../../batch/flags.ts'
import { lineTimeMs } from '../../batch/line-time.ts'
import { BatchRewriter } from '../../batch/rewriter.ts'
import { defineTransform, type Shaper, type TransformContext } from '../../component/transform.ts'
import type { ScriptRow } from './row.ts'
import type { Outcome } from './run-rows.ts'
import { options, type ScriptOptions } from './schema.ts'
import { ScriptThread } from './script-thread.ts'

export const script = defineTransform({
  name: 'script',
  summary: 'Runs a function of JavaScript or TypeScript for each line.',
  options,
  examples: [{ file: 'docs/examples/shape.mjs' }],
  create: (given, context) => new Scripted(given, context),
})

class Scripted implements Shaper {
  readonly #thread: ScriptThread
  readonly #context: TransformContext
  readonly #builder = new FieldsBuilder()
  readonly #rewriter = new BatchRewriter()

  constructor(given: ScriptOptions, context: TransformContext) {
    this.#context = context
    this.#thread = new ScriptThread(given)
    this.#failed(0)
  }

  apply(batch: Batch): Batch {
    const { flags } = batch.columns
    const live = Array.from({ length: batch.count }, (_, row) => row).filter(
      (row) => (flags[row]! & lineFlags.dropped) === 0,
    )
    if (live.length === 0) return batch
    const outcomes = this.#thread.run(live.map((row) => rowOf(batch, row)))
    return this.#take(batch, new Map(live.map((row, i) => [row, outcomes[i]!])))
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]()
  }

  #take(batch: Batch, outcomes: ReadonlyMap<number, Outcome>): Batch {
    const { flags, start, end } = batch.columns
    this.#rewriter.reset()
    this.#builder.begin(batch.count, batch.fields)
    let [failed, hasFields] = [0, false]
    for (let row = 0; row < batch.count; row++) {
      this.#builder.row()
      const outcome = outcomes.get(row)
      if (outcome === false) flags[row] = flags[row]! | lineFlags.dropped
      if (typeof outcome === 'object' && outcome !== null && 'error' in outcome) failed += 1
      else if (typeof outcome === 'object' && outcome !== null) {
        if (outcome.text !== undefined) this.#rewriter.replace(row, start[row]!, end[row]!, Buffer.from(outcome.text))
        if (outcome.fields !== undefined) {
          hasFields = true
          this.#setFields(outcome.fields as Record<string, FieldValue>)
        }
      }
    }
    if (failed > 0) this.#failed(failed)
    const fields = this.#builder.finish()
    if (hasFields) return this.#rewriter.finishWith(batch, fields)
    fields?.release()
    return this.#rewriter.finish(batch)
  }

  #setFields(fields: Readonly<Record<string, FieldValue>>): void {
    this.#builder.clearRow()
    for (const [name, value] of Object.entries(fields))
      setValue(this.#builder, this.#builder.names.numberOfText(name), value)
  }

  #failed(lines: number): void {
    this.#context.metrics.scriptFailures.inc({ transform: this.#context.id }, lines)
  }
}

function rowOf(batch: Batch, row: number): ScriptRow {
  const { columns, origins, bytes } = batch
  const { container, stream, labels, host } = origins[columns.origin[row]!]!
  return {
    text: bytes.toString('utf8', columns.start[row], columns.end[row]),
    fields: valuesOf(batch.fields, row) ?? {},
    timeMs: lineTimeMs(batch, row),
    ...{ stream, container, labels, host },
  }
}
