/**
 * A record of a segment: a batch, and what is needed to pass over it or to check it.
 *
 *     header     u32 length of the batch, u32 offset at which its group begins, u32 lines that are not dropped,
 *                u32 CRC-32 of the batch, u32 CRC-32 of the 16 bytes before with the batch's head and JSON
 *     batch      see batch/codec.ts
 *
 * A group is what was appended, and confirmed by the disk, together: of a record whose group begins at an offset it is known that everything
 * before that offset was confirmed. The second checksum lets `open` trust lengths and progress without reading columns and arenas.
 */
import { crc32 } from 'node:zlib'
import type { Batch } from '../../batch/batch.ts'
import { decodeBatch, decodeHead, encodeBatch, encodedBytes, headBytes } from '../../batch/codec.ts'
import { mergeBatches } from '../../batch/merge.ts'
import type { Progress } from '../../batch/origin.ts'

export const recordHeaderBytes = 20
/** Bytes of a record from which its length follows. */
export const recordStartBytes = recordHeaderBytes + headBytes

/** A batch ready to be written; the parts are views of its memory. */
export interface EncodedRecord {
  readonly header: Buffer
  readonly parts: readonly Buffer[]
  /** Length of the record. */
  readonly bytes: number
  /** Lines that no transform has dropped. */
  readonly lines: number
}

/** Length of the batch's record, or a little more. */
export function sizeOf(batch: Batch): number {
  const live = batch.measure()
  return (
    recordHeaderBytes +
    encodedBytes(batch, isSparse(batch, live) ? live : { lines: batch.count, bytes: batch.arena.used })
  )
}

/** Whether so much of the batch was dropped or cut away that a copy of the rest is cheaper than writing and reading it all. */
function isSparse({ count, arena }: Batch, live: { lines: number; bytes: number }): boolean {
  return live.bytes < arena.used / 2 || live.lines < count / 2
}

export function encodeRecord(batch: Batch, progress: readonly Progress[]): EncodedRecord {
  const live = batch.measure()
  const parts = encodeBatch(isSparse(batch, live) ? mergeBatches([batch]) : batch, progress)
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const header = Buffer.alloc(recordHeaderBytes)
  header.writeUInt32LE(length, 0)
  header.writeUInt32LE(live.lines, 8)
  header.writeUInt32LE(
    parts.reduce((crc, part) => crc32(part, crc), 0),
    12,
  )
  return { header, parts, bytes: recordHeaderBytes + length, lines: live.lines }
}

/** Completes the header, when it is known where the record's group begins. */
export function setGroupStart({ header, parts }: EncodedRecord, groupStart: number): void {
  header.writeUInt32LE(groupStart, 4)
  header.writeUInt32LE(headCrcOf(header, parts[0]!, parts.at(-2)!), 16)
}

/** Where a record has to begin in its memory, so that its batch is aligned as `decodeBatch` needs it. */
export const recordAt = -recordHeaderBytes & 7

/** The batch of a record; undefined: the record is not what was written. `bytes` belong to the batch until `onFree` is called. */
export function decodeRecord(bytes: Buffer, onFree: () => void): Batch | undefined {
  if (!isIntact(bytes)) return undefined
  try {
    return decodeBatch(bytes.subarray(recordHeaderBytes), onFree)
  } catch {
    return undefined // The checksum fits and the rest does not: not written by us. The caller counts it.
  }
}

/** Whether the bytes are those of one record as it was written. */
export function isIntact(bytes: Buffer): boolean {
  if (bytes.length < recordStartBytes) return false
  const batch = bytes.subarray(recordHeaderBytes)
  const { jsonAt, jsonBytes, bytes: length } = decodeHead(batch)
  if (length !== batch.length || bytes.readUInt32LE(0) !== length) return false
  const json = batch.subarray(jsonAt, jsonAt + jsonBytes)
  return (
    headCrcOf(bytes, batch.subarray(0, headBytes), json) === bytes.readUInt32LE(16) &&
    crc32(batch) === bytes.readUInt32LE(12)
  )
}

/** The second checksum of a record. */
export function headCrcOf(header: Buffer, head: Buffer, json: Buffer): number {
  return crc32(json, crc32(head, crc32(header.subarray(0, 16))))
}
