import { maxRecords, type Records } from './records.ts'

/** The longest record of Docker, 16 KiB of text with six bytes for each and some labels, fits more than twice. */
export const inputBytes = 256 * 1024
/** A scanner may read and write beyond an area by some bytes. Behind the input they are zeros, which no text contains. */
const slackBytes = 64

const secondsOffset = 0
const startOffset = secondsOffset + 8 * maxRecords
const endOffset = startOffset + 4 * maxRecords
const nanosOffset = endOffset + 4 * maxRecords
const nextOffset = nanosOffset + 4 * maxRecords
const kindOffset = nextOffset + 4 * maxRecords
/** Bytes of the table of records alone. */
export const recordTableBytes = kindOffset + maxRecords
const inputOffset = recordTableBytes
const outputOffset = inputOffset + inputBytes + slackBytes

/** Bytes of a scanner's memory. */
export const scanMemoryBytes = outputOffset + inputBytes + slackBytes

/** What a scanner reads and writes, as views into one piece of memory. */
export interface ScanMemory {
  readonly input: Buffer
  readonly output: Buffer
  readonly records: Records
}

/** Lays a scanner's memory out in `buffer`, from `base` on, which eight divides. The bytes there are zeros. */
export function scanMemoryOf(buffer: ArrayBuffer, base: number): ScanMemory {
  return {
    input: Buffer.from(buffer, base + inputOffset, inputBytes),
    output: Buffer.from(buffer, base + outputOffset, inputBytes),
    records: recordsIn(buffer, base),
  }
}

/** Lays a table of records out in `buffer`, from `base` on, which eight divides. */
export function recordsIn(buffer: ArrayBuffer, base: number): Records {
  return {
    seconds: new Float64Array(buffer, base + secondsOffset, maxRecords),
    start: new Uint32Array(buffer, base + startOffset, maxRecords),
    end: new Uint32Array(buffer, base + endOffset, maxRecords),
    nanos: new Uint32Array(buffer, base + nanosOffset, maxRecords),
    next: new Uint32Array(buffer, base + nextOffset, maxRecords),
    kind: new Uint8Array(buffer, base + kindOffset, maxRecords),
  }
}
