import { readFileSync } from 'node:fs'
import { messageOf } from '../../lib/error.ts'
import { SeriesError } from '../../soak/series-error.ts'

/** The text of a file, or of standard input for `-`. @throws SeriesError */
export function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    throw new SeriesError(`${path}: the file cannot be read: ${messageOf(error)}`, { cause: error })
  }
}
