import { PlainScanner } from './plain-scanner.ts'
import type { RecordScanner } from './records.ts'
import { SimdScanner } from './simd-scanner.ts'

export { maxRecords, recordKind, type Records, type RecordScanner } from './records.ts'

/** A scanner with memory of its own, 640 KiB. */
export function createRecordScanner(): RecordScanner {
  return SimdScanner.create() ?? new PlainScanner()
}
