import { parseTimestamp } from '../lib/timestamp.ts'
import { logFilePath } from './list-files.ts'
import type { LogDriver } from './log-driver.ts'
import { createRecordScanner } from './record-scanner.ts'

/** The time of the last record, to the nanosecond, and its end. */
const proofBytes = 40

/** Docker's default: a record is a line of JSON; see plain-scanner.ts. */
export function jsonFileDriver(): LogDriver {
  return {
    name: 'json-file',
    pathOf: logFilePath,
    scanner: createRecordScanner(),
    endBytes: 64,
    timeAtEnd(bytes) {
      const time = /"time":"([^"]+)"\}\n$/.exec(bytes.toString('latin1'))?.[1]
      return time === undefined ? undefined : parseTimestamp(time)
    },
    proofBytes: (_bytes, end) => Math.min(proofBytes, end),
  }
}
