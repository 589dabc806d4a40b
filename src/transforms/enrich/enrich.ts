import { FieldsBuilder } from '../../batch/fields/fields-builder.ts'
import { lineFlags } from '../../batch/flags.ts'
import { LineTemplate } from '../../batch/line-template.ts'
import { defineTransform } from '../../component/transform.ts'
import { options } from './schema.ts'
import { readTable } from './table.ts'

export const enrich = defineTransform({
  name: 'enrich',
  summary: 'Adds fields from a table: CSV or JSON.',
  options,
  examples: [
    { file: 'docs/examples/services.csv', by: '{container.name}', fields: ['team', 'tier'], prefix: 'service.' },
  ],
  create: (given) => {
    const table = readTable(given)
    const template = new LineTemplate(given.by)
    const builder = new FieldsBuilder()
    return {
      apply: (batch) => {
        template.begin(batch)
        builder.begin(batch.count, batch.fields)
        for (let row = 0; row < batch.count; row++) {
          builder.row()
          if ((batch.columns.flags[row]! & lineFlags.dropped) !== 0) continue
          for (const { name, kind, bytes } of table.get(template.fill(batch, row)) ?? [])
            builder.set(builder.names.numberOfText(name), kind, bytes, 0, bytes.length)
        }
        return batch.withFields(builder.finish())
      },
    }
  },
})
