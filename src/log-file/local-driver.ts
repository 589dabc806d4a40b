import { join } from 'node:path'
import type { LogDriver } from './log-driver.ts'
import { LocalScanner, recordFrameBytes } from './local-scanner.ts'

/** The engine's longest record, 16 KiB of text and what it says of a piece, and some more. */
const endBytes = 20 * 1024
/** Of what is no whole record: as good as nothing, as bytes that were damaged are. */
const proofOfDamage = 40

/** Docker's driver `local`: a record is a message of protobuf between its lengths; see local-scanner.ts. */
export function localDriver(): LogDriver {
  const scanner = new LocalScanner()
  /** Where the record begins that ends at `end`; -1 where none does. */
  const startOf = (bytes: Buffer, end: number): number => {
    const start = end < recordFrameBytes ? -1 : end - recordFrameBytes - bytes.readUInt32BE(end - 4)
    return start >= 0 && bytes.readUInt32BE(start) === bytes.readUInt32BE(end - 4) ? start : -1
  }
  return {
    name: 'local',
    pathOf: (rootFolder, containerId) => join(rootFolder, 'containers', containerId, 'local-logs', 'container.log'),
    scanner,
    endBytes,
    timeAtEnd(bytes) {
      const start = startOf(bytes, bytes.length)
      if (start < 0) return undefined
      const length = bytes.copy(scanner.input, 0, start)
      if (scanner.scan(0, length) !== 1) return undefined
      const { seconds, nanos } = scanner.records
      return seconds[0]! > 0 ? { seconds: seconds[0]!, nanos: nanos[0]! } : undefined
    },
    proofBytes(bytes, end) {
      const start = startOf(bytes, end)
      return start >= 0 && end - start <= endBytes ? end - start : Math.min(proofOfDamage, end)
    },
  }
}
