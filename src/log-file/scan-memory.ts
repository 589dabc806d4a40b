import { maxRecords, type Records } from './records.ts'

/** The longest record of Docker, 16 KiB of text with six bytes for each and some labels, fits more than twice. */
export const inputBytes = 256 * 1024
const outputOffset = inputBytes
const secondsOffset = outputOffset + inputBytes
const startOffset = secondsOffset + 8 * maxRecords
const endOffset = startOffset + 4 * maxRecords
const nanosOffset = endOffset + 4 * maxRecords
const nextOffset = nanosOffset + 4 * maxRecords
const kindOffset = nextOffset + 4 * maxRecords

/** Bytes of a scanner's memory. */
export const scanMemoryBytes = kindOffset + maxRecords

/** What a scanner reads and writes, as views into one piece of memory. */
export interface ScanMemory {
  readonly input: Buffer
  readonly output: Buffer
  readonly records: Records
}

/** Lays a scanner's memory out in `buffer`, from its beginning. */
export function scanMemoryOf(buffer: ArrayBuffer): ScanMemory {
  return {
    input: Buffer.from(buffer, 0, inputBytes),
    output: Buffer.from(buffer, outputOffset, inputBytes),
    records: {
      seconds: new Float64Array(buffer, secondsOffset, maxRecords),
      start: new Uint32Array(buffer, startOffset, maxRecords),
      end: new Uint32Array(buffer, endOffset, maxRecords),
      nanos: new Uint32Array(buffer, nanosOffset, maxRecords),
      next: new Uint32Array(buffer, nextOffset, maxRecords),
      kind: new Uint8Array(buffer, kindOffset, maxRecords),
    },
  }
}
