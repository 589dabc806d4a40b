// Cost: 0.37 CPU seconds per million lines of the bench (npm run bench -- --row stage-level), 0.2 where a line begins with its level.
import type { Batch } from '../../batch/batch.ts'
import { type Fields, valueKinds } from '../../batch/fields/fields.ts'
import { FieldsBuilder } from '../../batch/fields/fields-builder.ts'
import { lineFlags } from '../../batch/flags.ts'
import { levelNames, levelOf, levelOfValue, noLevel } from '../../batch/level.ts'
import { defineTransform } from '../../component/transform.ts'
import { options } from './schema.ts'

const names = levelNames.map((name) => Buffer.from(name))

export const level = defineTransform({
  name: 'level',
  summary: 'Gives lines the field `level`: trace, debug, info, warn, error or fatal.',
  options,
  examples: [{}, { from: ['severity'], numbers: 'syslog', field: 'log.level' }],
  create: ({ from, numbers, field }) => {
    const levelOfField = numbers === 'pino' ? levelOfValue : levelOfSyslog
    const builder = new FieldsBuilder()
    return {
      apply: (batch) => {
        const { fields } = batch
        const places =
          fields === undefined ? [] : from.map((name) => fields.indexOf(name)).filter((name) => name !== -1)
        builder.begin(batch.count, fields)
        const name = builder.names.numberOfText(field)
        for (let row = 0; row < batch.count; row++) {
          builder.row()
          if ((batch.columns.flags[row]! & lineFlags.dropped) !== 0) continue
          let found = places.length === 0 ? noLevel : firstLevel(fields!, row, places, levelOfField)
          if (found === noLevel) found = levelOfText(batch, row)
          if (found === noLevel) continue
          const text = names[found]!
          builder.set(name, valueKinds.text, text, 0, text.length)
        }
        const made = builder.finish()
        return made === undefined ? batch : batch.withFields(made)
      },
    }
  },
})

type LevelOf = (bytes: Uint8Array, from: number, to: number) => number

/** What the first of these names that says a level says. */
function firstLevel(fields: Fields, row: number, places: readonly number[], levelOfField: LevelOf): number {
  const { start, end } = fields.columns
  for (const name of places) {
    const value = fields.find(row, name)
    const found = value === -1 ? noLevel : levelOfField(fields.bytes, start[value]!, end[value]!)
    if (found !== noLevel) return found
  }
  return noLevel
}

function levelOfText({ bytes, columns }: Batch, row: number): number {
  return levelOf(bytes, columns.start[row]!, columns.end[row]!)
}

/** By severity, 0 to 7: emerg, alert, crit, err, warning, notice, info, debug. */
const bySeverity = (['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'] as const).map((name) =>
  levelNames.indexOf(name),
)

function levelOfSyslog(bytes: Uint8Array, from: number, to: number): number {
  const severity = to - from === 1 ? bySeverity[bytes[from]! - 0x30] : undefined
  if (severity !== undefined) return severity
  // Numbers of another kind mean nothing here.
  return bytes[from]! <= 0x39 ? noLevel : levelOfValue(bytes, from, to)
}
