/**
 * A batch as bytes, for keeping it on disk: the columns as they are, so that neither writing nor reading looks at a line.
 *
 *     head       u32 lines, u32 bytes of JSON, u32 bytes of the arena, u32 bytes of fields, f64 milliseconds since 1970 when it was opened
 *     columns    f64 seconds, u32 start, u32 end, u32 nanos, u32 ordinal, u16 origin, u8 flags: each `lines` long; then zeros up to a multiple of 8
 *     fields     what transforms have found, where they have found any: see fields/encode.ts
 *     JSON       { "origins": Origin[], "progress": Progress[] }
 *     arena      the bytes that start and end point into
 *
 * All numbers are little-endian, as on every machine that Node runs on but s390x, where files of this format are of use to their own kind only.
 */
import { Bug } from '../lib/error.ts'
import { Arena } from './arena.ts'
import { Batch, type Columns, columnsBytes, columnsOver } from './batch.ts'
import { decodeFields, encodedFieldsBytes, encodeFields } from './fields/encode.ts'
import type { Origin, Progress } from './origin.ts'

/** Bytes of the head: what `decodeHead` looks at. */
export const headBytes = 24

const progressMark = ',"progress":['

/** Origins are the same for months: each is made into text once. */
const originTexts = new WeakMap<Origin, string>()

/** The parts of the batch's bytes, one after the other; all but the first and third are views of the batch, valid as long as it is held. */
export function encodeBatch(batch: Batch, progress: readonly Progress[]): Buffer[] {
  const { columns, count, arena } = batch
  const fields = batch.fields === undefined ? [] : encodeFields(batch.fields)
  const json = Buffer.from(jsonOf(batch, progress))
  const head = Buffer.alloc(headBytes)
  head.writeUInt32LE(count, 0)
  head.writeUInt32LE(json.length, 4)
  head.writeUInt32LE(arena.used, 8)
  head.writeUInt32LE(
    fields.reduce((sum, { length }) => sum + length, 0),
    12,
  )
  head.writeDoubleLE(Date.now() - (performance.now() - batch.openedAtMs), 16)
  const { seconds, start, end, nanos, ordinal, origin, flags } = columns
  const views = [seconds, start, end, nanos, ordinal, origin, flags].map((column) => viewOf(column, count))
  const padding = Buffer.alloc(columnsBytes(count) - views.reduce((sum, { length }) => sum + length, 0))
  return [head, ...views, padding, ...fields, json, arena.bytes.subarray(0, arena.used)]
}

/** What the head says of the bytes that it begins. */
export interface BatchHead {
  readonly lines: number
  /** Where the JSON begins, and its length. */
  readonly jsonAt: number
  readonly jsonBytes: number
  /** Length of the whole batch. */
  readonly bytes: number
}

export function decodeHead(bytes: Buffer): BatchHead {
  const lines = bytes.readUInt32LE(0)
  const jsonBytes = bytes.readUInt32LE(4)
  const jsonAt = headBytes + columnsBytes(lines) + bytes.readUInt32LE(12)
  return { lines, jsonAt, jsonBytes, bytes: jsonAt + jsonBytes + bytes.readUInt32LE(8) }
}

/** Length of a batch of so many lines with so many bytes of text, with the JSON of `batch`. */
export function encodedBytes(batch: Batch, { lines, bytes }: { lines: number; bytes: number }): number {
  const fieldsBytes = batch.fields === undefined ? 0 : encodedFieldsBytes(batch.fields)
  return headBytes + columnsBytes(lines) + fieldsBytes + Buffer.byteLength(jsonOf(batch, batch.progress)) + bytes
}

/**
 * The progress in the JSON part of a batch, without parsing the origins before it, which are most of it.
 * @throws SyntaxError when there is none
 */
export function decodeProgress(json: Buffer): Progress[] {
  // No string of JSON has a bare quotation mark in it, and no label is an array: it is found in one place only.
  const at = json.lastIndexOf(progressMark)
  const { progress } = JSON.parse(`{${json.toString('utf8', at + 1)}`) as { progress: Progress[] }
  return progress
}

/**
 * The batch in `bytes`, which belong to it until `onFree` is called and must begin at a multiple of 8 in their memory (`Buffer.allocUnsafeSlow`).
 * @throws Bug when the sizes do not fit: the caller has checked that the bytes are those that were written.
 */
export function decodeBatch(bytes: Buffer, onFree?: () => void): Batch {
  if (bytes.byteOffset % 8 !== 0) throw new Bug('a batch must be decoded from aligned memory')
  const { lines: count, jsonAt, jsonBytes, bytes: length } = decodeHead(bytes)
  if (length !== bytes.length) throw new Bug('the bytes of a batch do not fit its head')
  const { origins, progress } = JSON.parse(bytes.toString('utf8', jsonAt, jsonAt + jsonBytes)) as {
    origins: Origin[]
    progress: Progress[]
  }
  const fieldsAt = headBytes + columnsBytes(count)
  let users = fieldsAt === jsonAt ? 1 : 2
  const release = () => {
    users -= 1
    if (users === 0) onFree?.()
  }
  return new Batch({
    columns: columnsOver(bytes, headBytes, count),
    arena: Arena.over(bytes.subarray(jsonAt + jsonBytes), release),
    fields: fieldsAt === jsonAt ? undefined : decodeFields(bytes, fieldsAt, count, release),
    origins,
    progress,
    count,
    openedAtMs: performance.now() - Math.max(0, Date.now() - bytes.readDoubleLE(16)),
    onFree: () => undefined,
  })
}

function viewOf(column: Columns[keyof Columns], count: number): Buffer {
  return Buffer.from(column.buffer, column.byteOffset, count * column.BYTES_PER_ELEMENT)
}

function jsonOf(batch: Batch, progress: readonly Progress[]): string {
  const origins = batch.origins.map(originText).join(',')
  return `{"origins":[${origins}]${progressMark}${JSON.stringify(progress).slice(1)}}`
}

function originText(origin: Origin): string {
  let text = originTexts.get(origin)
  if (text === undefined) originTexts.set(origin, (text = JSON.stringify(origin)))
  return text
}
