/**
 * What Docker's driver `local` writes (moby, daemon/logger/local/local.go, and api/types/plugins/logdriver/entry.proto): messages of protobuf between their lengths.
 *
 *     record = length entry length                        4 bytes each, the highest first
 *     entry  = { 1: source, 2: time_nano, 3: line, 4: partial, 5: { 1: last, 2: id, 3: ordinal } }
 */
import type { Readable } from 'node:stream'
import type { EngineRecord } from './engine-record.ts'

const lengthBytes = 4
const nanosInSecond = 1_000_000_000n

/** Calls `onRecord` with each record that is whole. @throws Error where the bytes are none */
export async function eachLocalRecord(stream: Readable, onRecord: (record: EngineRecord) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0)
  let place = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    while (from + lengthBytes <= bytes.length) {
      const entryFrom = from + lengthBytes
      const entryTo = entryFrom + bytes.readUInt32BE(from)
      if (entryTo + lengthBytes > bytes.length) break
      if (bytes.readUInt32BE(entryTo) !== entryTo - entryFrom) throw new Error(`it is damaged at byte ${place + from}`)
      onRecord(recordOf(bytes.subarray(entryFrom, entryTo)))
      from = entryTo + lengthBytes
    }
    rest = bytes.subarray(from)
    place += from
  }
}

function recordOf(entry: Buffer): EngineRecord {
  const fields = fieldsOf(entry)
  const nanos = numberIn(fields, 2)
  const text = bytesIn(fields, 3)
  const isLast = numberIn(fieldsOf(bytesIn(fields, 5)), 1) === 1n
  return {
    stream: bytesIn(fields, 1).toString(),
    time: { seconds: Number(nanos / nanosInSecond), nanos: Number(nanos % nanosInSecond) },
    text,
    isLineEnd: numberIn(fields, 4) === 0n || isLast,
  }
}

type Fields = ReadonlyMap<number, bigint | Buffer>

/** A message's numbers and bytes, by the numbers of their fields. */
function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, bigint | Buffer>()
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at)
      at += 1
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = Number(varint())
    const value = varint()
    if ((tag & 7) === 0) fields.set(tag >> 3, value)
    else {
      fields.set(tag >> 3, message.subarray(at, at + Number(value)))
      at += Number(value)
    }
  }
  return fields
}

/** What is 0 is not written. */
function numberIn(fields: Fields, field: number): bigint {
  const value = fields.get(field)
  return typeof value === 'bigint' ? value : 0n
}

function bytesIn(fields: Fields, field: number): Buffer {
  const value = fields.get(field)
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0)
}
