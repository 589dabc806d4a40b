/**
 * A letter in a segment, and what a segment begins with:
 *
 *     segment    8 bytes `DLETTER1`, 8 random bytes (the mark), then records
 *     record     head, meta, body
 *     head       the mark of the segment, u32 crc of the 16 bytes after it and of the meta, u32 bytes of the meta, u32 bytes of the body,
 *                u32 crc of the body, u32 0, u8 state, 3 zeros
 *     meta       JSON: what a list shows
 *     body       the batch, as batch/codec.ts writes it
 *
 * The state is the only byte that is ever changed in place, and so is under no checksum. After damage reading goes on at the next mark; that it is
 * random keeps a log line from passing for a record.
 */
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

export const segmentHeadBytes = 16
export const recordHeadBytes = 32
export const stateAt = 28
export const states = { kept: 1, removed: 2 } as const

const format = Buffer.from('DLETTER1')
const checkedFrom = 12
const checkedTo = 28

/** What is kept of a letter beside its lines. */
export interface LetterMeta {
  readonly sink: string
  readonly reason: string
  /** When the destination refused the lines: milliseconds since 1970. */
  readonly rejectedAtMs: number
  readonly lines: number
  /** Bytes of the lines' text. */
  readonly bytes: number
  /** How often the lines have been refused. */
  readonly attempts: number
  /** The letter that this one takes the place of. */
  readonly replaces?: string
}

/** A record without its body. */
export interface RecordHead {
  readonly at: number
  readonly isKept: boolean
  readonly meta: LetterMeta
  readonly bodyAt: number
  readonly bodyBytes: number
  readonly bodyCrc: number
  /** Where the next record begins. */
  readonly end: number
}

export function newSegmentHead(): Buffer {
  return Buffer.concat([format, randomBytes(segmentHeadBytes - format.length)])
}

/** The mark of a segment that begins with `head`; undefined where that is not the beginning of one. */
export function markOf(head: Buffer): Buffer | undefined {
  if (head.length < segmentHeadBytes || !head.subarray(0, format.length).equals(format)) return undefined
  return Buffer.from(head.subarray(format.length, segmentHeadBytes))
}

/** A record but for its mark, which is the segment's: see `putMark`. */
export function encodeLetter(meta: LetterMeta, body: readonly Buffer[]): Buffer {
  const json = Buffer.from(JSON.stringify(meta))
  const record = Buffer.concat([Buffer.alloc(recordHeadBytes), json, ...body])
  const bodyAt = recordHeadBytes + json.length
  record.writeUInt32LE(json.length, 12)
  record.writeUInt32LE(record.length - bodyAt, 16)
  record.writeUInt32LE(crc32(record.subarray(bodyAt)), 20)
  record[stateAt] = states.kept
  record.writeUInt32LE(crcOfHead(record, json), 8)
  return record
}

export function putMark(record: Buffer, mark: Buffer): void {
  mark.copy(record, 0)
}

/** Bytes of the meta, as the head at the beginning of `head` says; undefined where no record begins. */
export function metaBytesOf(head: Buffer, mark: Buffer): number | undefined {
  if (head.length < recordHeadBytes || !head.subarray(0, mark.length).equals(mark)) return undefined
  return head.readUInt32LE(12)
}

/** The record at `at`, whose head and meta are in `bytes`; undefined where the checksum does not hold. */
export function decodeHead(bytes: Buffer, at: number): RecordHead | undefined {
  const metaBytes = bytes.readUInt32LE(12)
  const json = bytes.subarray(recordHeadBytes, recordHeadBytes + metaBytes)
  if (json.length !== metaBytes || bytes.readUInt32LE(8) !== crcOfHead(bytes, json)) return undefined
  const bodyAt = at + recordHeadBytes + metaBytes
  const bodyBytes = bytes.readUInt32LE(16)
  return {
    at,
    isKept: bytes[stateAt] === states.kept,
    meta: JSON.parse(json.toString()) as LetterMeta,
    bodyAt,
    bodyBytes,
    bodyCrc: bytes.readUInt32LE(20),
    end: bodyAt + bodyBytes,
  }
}

function crcOfHead(record: Buffer, json: Buffer): number {
  return crc32(Buffer.concat([record.subarray(checkedFrom, checkedTo), json]))
}
