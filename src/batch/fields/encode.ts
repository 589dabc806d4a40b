/**
 * Fields as bytes, for keeping them on disk with their batch:
 *
 *     head      u32 values, u32 bytes of names, u32 bytes of values, u32 1 where there are times
 *     columns   u32 first (rows + 1), u32 start, u32 end, u16 name, u8 kind: each as long as there are values; then zeros up to a multiple of 8
 *     times     f64 seconds, u32 nanos: each as long as there are rows; then zeros up to a multiple of 8
 *     names     JSON array of those that are used
 *     values    the bytes that start and end point into; then zeros up to a multiple of 8
 */
import {
  Fields,
  ownTimesBytes,
  ownTimesOver,
  type ValueColumns,
  valueColumnsBytes,
  valueColumnsOver,
} from './fields.ts'

const headBytes = 16
const padding = Buffer.alloc(8)

/** Length of the parts of `encodeFields`. */
export function encodedFieldsBytes(fields: Fields): number {
  const { json } = usedNames(fields)
  const { rows, count, bytes, times } = fields
  const timesBytes = times === undefined ? 0 : ownTimesBytes(rows)
  return headBytes + valueColumnsBytes(rows, count) + timesBytes + padded(json.length + bytes.length)
}

/** Parts that follow each other; they are a multiple of 8 bytes long, and some are views of the fields. */
export function encodeFields(fields: Fields): Buffer[] {
  const { rows, count, bytes, times } = fields
  const { json, numbers } = usedNames(fields)
  const head = Buffer.alloc(headBytes)
  head.writeUInt32LE(count, 0)
  head.writeUInt32LE(json.length, 4)
  head.writeUInt32LE(bytes.length, 8)
  head.writeUInt32LE(times === undefined ? 0 : 1, 12)
  const columnsBytes = valueColumnsBytes(rows, count)
  const memory = Buffer.alloc(columnsBytes + (times === undefined ? 0 : ownTimesBytes(rows)))
  copyColumns(fields.columns, valueColumnsOver(memory, 0, rows, count), numbers)
  if (times !== undefined) {
    const copied = ownTimesOver(memory, columnsBytes, rows)
    copied.seconds.set(times.seconds)
    copied.nanos.set(times.nanos)
  }
  const length = json.length + bytes.length
  return [head, memory, json, bytes, padding.subarray(0, padded(length) - length)]
}

/** The fields of so many rows in `bytes`, from `at` on, which is a multiple of 8 in their memory; `onFree` is called when nobody reads them. */
export function decodeFields(bytes: Buffer, at: number, rows: number, onFree?: () => void): Fields {
  const count = bytes.readUInt32LE(at)
  const timesAt = at + headBytes + valueColumnsBytes(rows, count)
  const times = bytes.readUInt32LE(at + 12) === 0 ? undefined : ownTimesOver(bytes, timesAt, rows)
  const namesAt = timesAt + (times === undefined ? 0 : ownTimesBytes(rows))
  const valuesAt = namesAt + bytes.readUInt32LE(at + 4)
  const names = JSON.parse(bytes.toString('utf8', namesAt, valuesAt)) as string[]
  const columns = valueColumnsOver(bytes, at + headBytes, rows, count)
  const values = bytes.subarray(valuesAt, valuesAt + bytes.readUInt32LE(at + 8))
  return new Fields({ columns, bytes: values, names, times }, onFree)
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8
}

/** Names without those that no row has, and what number each has then. */
function usedNames({ columns, count, names }: Fields): { json: Buffer; numbers: Int32Array } {
  const numbers = new Int32Array(names.length).fill(-1)
  const used: string[] = []
  for (let value = 0; value < count; value++) {
    const name = columns.name[value]!
    if (numbers[name] === -1) numbers[name] = used.push(names[name]!) - 1
  }
  return { json: Buffer.from(JSON.stringify(used)), numbers }
}

function copyColumns(from: ValueColumns, to: ValueColumns, numbers: Int32Array): void {
  const count = to.kind.length
  to.first.set(from.first.subarray(0, to.first.length))
  to.start.set(from.start.subarray(0, count))
  to.end.set(from.end.subarray(0, count))
  to.kind.set(from.kind.subarray(0, count))
  for (let value = 0; value < count; value++) to.name[value] = numbers[from.name[value]!]!
}
