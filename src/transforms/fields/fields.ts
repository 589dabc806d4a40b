import type { Batch } from '../../batch/batch.ts'
import { FieldsBuilder } from '../../batch/fields/fields-builder.ts'
import { expressionValue } from '../../batch/expression/value.ts'
import { setValue } from '../../batch/fields/values.ts'
import { lineFlags } from '../../batch/flags.ts'
import { LineTemplate } from '../../batch/line-template.ts'
import { defineTransform } from '../../component/transform.ts'
import { matchesAny } from '../../lib/name-patterns.ts'
import { type FieldsOptions, options } from './schema.ts'

export const fields = defineTransform({
  name: 'fields',
  summary: 'Sets, computes, renames and takes away fields.',
  options,
  examples: [
    { set: { team: '{labels.team}', place: '{host}/{container.name}' }, remove: ['debug.*'] },
    { rename: { msg: 'message' }, keep: ['level', 'message'] },
    { compute: { seconds: 'double(fields.ms) / 1000.0', slow: 'fields.ms > 500' } },
  ],
  create: (given) => {
    const builder = new FieldsBuilder()
    const nameOf = namesOf(given)
    const set = Object.entries(given.set).map(([name, text]) => ({ name, template: new LineTemplate(text) }))
    const computed = Object.entries(given.compute).map(([name, text]) => ({ name, valueOf: expressionValue(text) }))
    return {
      apply: (batch) => {
        if (set.length + computed.length === 0 && batch.fields === undefined) return batch
        builder.begin(batch.count)
        for (const { template } of set) template.begin(batch)
        const numberOf = numbersOf(batch, builder, nameOf)
        const numbers = set.map(({ name }) => builder.names.numberOfText(name))
        for (let row = 0; row < batch.count; row++) {
          builder.row()
          if ((batch.columns.flags[row]! & lineFlags.dropped) !== 0) continue
          copyRow(batch, row, { builder, numberOf })
          for (const [i, { template }] of set.entries()) {
            const text = template.fill(batch, row)
            if (text !== '') builder.setText(numbers[i]!, text)
          }
          for (const { name, valueOf } of computed) {
            const value = valueOf(batch, row)
            if (value !== undefined) setValue(builder, builder.names.numberOfText(name), value)
          }
        }
        return batch.withFields(builder.finish())
      },
    }
  },
})

/** The name that a field goes on by; undefined: it is taken away. */
function namesOf({ rename, keep, remove }: FieldsOptions): (name: string) => string | undefined {
  const isKept = keep.length === 0 ? () => true : matchesAny(keep)
  const isRemoved = remove.length === 0 ? () => false : matchesAny(remove)
  return (name) => {
    const known = Object.hasOwn(rename, name) ? rename[name]! : name
    return isKept(known) && !isRemoved(known) ? known : undefined
  }
}

/** For the number of each name in the batch its number in the builder; -1: it is taken away. */
function numbersOf(
  { fields: found }: Batch,
  { names }: FieldsBuilder,
  nameOf: (name: string) => string | undefined,
): Int32Array {
  const known = found?.names ?? []
  const used = new Uint8Array(known.length)
  if (found !== undefined) for (let value = 0; value < found.count; value++) used[found.columns.name[value]!] = 1
  return Int32Array.from(known, (name, number) => {
    const goesBy = used[number] === 1 ? nameOf(name) : undefined
    return goesBy === undefined ? -1 : names.numberOfText(goesBy)
  })
}

function copyRow(
  { fields: found }: Batch,
  row: number,
  { builder, numberOf }: { readonly builder: FieldsBuilder; readonly numberOf: Int32Array },
): void {
  if (found === undefined) return
  builder.copyTime(found, row)
  const { first, name, kind, start, end } = found.columns
  for (let value = first[row]!; value < first[row + 1]!; value++) {
    const number = numberOf[name[value]!]!
    if (number !== -1) builder.set(number, kind[value]!, found.bytes, start[value]!, end[value]!)
  }
}
