import { PlainScanner } from './plain-scanner.ts'
import type { RecordScanner } from './records.ts'

export { maxRecords, recordKind, type Records, type RecordScanner } from './records.ts'

export function createRecordScanner(): RecordScanner {
  return new PlainScanner()
}
