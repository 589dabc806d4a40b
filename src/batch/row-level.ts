import type { Batch } from './batch.ts'
import { levelOf, levelOfValue, noLevel } from './level.ts'

/** The field that says the level of a line. */
export const levelField = 'level'

/**
 * The level of a row, as an index of `levelNames`, or `noLevel`: that of its field `level`, where it has one that says a level, else that which its text says.
 *
 * @param name the index of `levelField` in the fields of the batch; -1: no row has it
 */
export function levelOfRow({ bytes, columns, fields }: Batch, row: number, name: number): number {
  const value = name === -1 ? -1 : fields!.find(row, name)
  if (value !== -1) {
    const { start, end } = fields!.columns
    const level = levelOfValue(fields!.bytes, start[value]!, end[value]!)
    if (level !== noLevel) return level
  }
  return levelOf(bytes, columns.start[row]!, columns.end[row]!)
}
