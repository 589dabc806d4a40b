/**
 * Durable records as lines of text: `crc32 of the JSON, 8 hexadecimal digits` SP `JSON` LF. A record that was torn by a crash or changed on
 * disk is recognised and passed over; the records around it stay good.
 */
import { crc32 } from 'node:zlib'

export function encodeRecord(value: unknown): string {
  const json = JSON.stringify(value)
  return `${crc32(Buffer.from(json)).toString(16).padStart(8, '0')} ${json}\n`
}

export interface DecodedRecords {
  readonly records: unknown[]
  /** Lines that are no records, the torn last one included. */
  readonly broken: number
}

export function decodeRecords(bytes: Buffer): DecodedRecords {
  const records: unknown[] = []
  let broken = 0
  let from = 0
  while (from < bytes.length) {
    const end = bytes.indexOf(10, from)
    const record = end < 0 ? undefined : decodeLine(bytes.subarray(from, end))
    if (record === undefined) broken += 1
    else records.push(record)
    from = end < 0 ? bytes.length : end + 1
  }
  return { records, broken }
}

function decodeLine(line: Buffer): unknown {
  if (line.length < 10 || line[8] !== 32) return undefined
  const json = line.subarray(9)
  if (line.toString('latin1', 0, 8) !== crc32(json).toString(16).padStart(8, '0')) return undefined
  try {
    return JSON.parse(json.toString()) as unknown
  } catch {
    return undefined // The checksum fits and the text does not: not written by us.
  }
}
