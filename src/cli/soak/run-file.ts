import { readFileSync } from 'node:fs'
import { messageOf } from '../../lib/error.ts'
import { readRun } from '../../soak/read-run.ts'
import { RunError } from '../../soak/run-error.ts'
import type { RunRecord } from '../../soak/run-record.ts'

/** What a run left behind. Fails with a `RunError`. */
export function runFile(path: string): RunRecord {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new RunError(`${path}: the file cannot be read: ${messageOf(error)}`, { cause: error })
  }
  return readRun(path, text)
}
