import { isUtf8 } from 'node:buffer'
import type { Batch } from '../../batch/batch.ts'
import type { Fields } from '../../batch/fields/fields.ts'
import { engineTimeName } from '../../batch/json/write-fields.ts'
import { hasOwnTime } from '../../batch/line-time.ts'
import { formatTimestamp } from '../../lib/timestamp.ts'
import { fieldName } from './field-name.ts'
import { varint, varintBytes, writeVarint } from './pairs.ts'

/**
 * Of a line: Loki refuses more than 128 pairs and 64 KB of structured metadata (limits_config, max_structured_metadata_entries_count and _size), and the line with them.
 * What is beyond is left out; it is in the line's text.
 */
export const mostFields = { values: 100, bytes: 48 * 1024 }
/** Tags and lengths of a pair, at the most. */
const pairHeadBytes = 16

/** Fields of rows as pairs of structured metadata (see protobuf.ts): where they are told apart, and encoded. */
export class FieldPairs {
  #batch: Batch | undefined
  #fields: Fields | undefined
  /** Whether every value is UTF-8 as it is: Loki's JSON would not be, otherwise. */
  #isUtf8 = true
  #names: readonly string[] = []
  /** Of each name its field 1, encoded. */
  #nameBytes: (Uint8Array | undefined)[] = []

  /** Rows of this batch follow; `hasMetadata`: their pairs are wanted. */
  begin(batch: Batch, hasMetadata: boolean): void {
    const { fields } = batch
    this.#batch = batch
    this.#fields = hasMetadata ? fields : undefined
    if (fields === undefined) return
    this.#isUtf8 = isUtf8(fields.bytes)
    if (fields.names === this.#names) return
    this.#names = fields.names
    this.#nameBytes = []
  }

  /** Bytes that the row's pairs take, at the most. */
  mostBytes(row: number): number {
    const fields = this.#fields
    if (fields === undefined) return 0
    const { first, start, end, name } = fields.columns
    let bytes = pairHeadBytes + engineTimeBytes.length + timeLength
    for (let value = first[row]!; value < first[row + 1]!; value++)
      bytes +=
        pairHeadBytes + this.#nameOf(name[value]!).length + (end[value]! - start[value]!) * (this.#isUtf8 ? 1 : 3)
    return bytes
  }

  /** Writes the row's pairs. @returns where they end */
  write(row: number, target: Buffer, from: number): number {
    const fields = this.#fields
    if (fields === undefined) return from
    const { first, start, end, name } = fields.columns
    const last = Math.min(first[row + 1]!, first[row]! + mostFields.values)
    let at = from
    for (let value = first[row]!; value < last; value++) {
      const nameBytes = this.#nameOf(name[value]!)
      if (at - from + nameBytes.length + end[value]! - start[value]! > mostFields.bytes) continue
      at = this.#isUtf8
        ? writePair(nameBytes, { bytes: fields.bytes, from: start[value]!, to: end[value]! }, target, at)
        : writePair(nameBytes, wellFormed(fields.textOf(value)), target, at)
    }
    const batch = this.#batch!
    if (!hasOwnTime(batch, row)) return at
    const time = formatTimestamp(batch.columns.seconds[row]!, batch.columns.nanos[row]!)
    return writePair(engineTimeBytes, wellFormed(time), target, at)
  }

  #nameOf(name: number): Uint8Array {
    return (this.#nameBytes[name] ??= encodeName(fieldName(this.#names[name]!)))
  }
}

function encodeName(name: string): Uint8Array {
  const bytes = Buffer.from(name)
  return Buffer.concat([Buffer.from([0x0a]), varint(bytes.length), bytes])
}

const engineTimeBytes = encodeName(engineTimeName)
/** RFC 3339 with nine digits of the second. */
const timeLength = 30

interface Text {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
}

function wellFormed(text: string): Text {
  const bytes = Buffer.from(text)
  return { bytes, from: 0, to: bytes.length }
}

function writePair(name: Uint8Array, { bytes, from, to }: Text, target: Buffer, start: number): number {
  const length = to - from
  target[start] = 0x1a
  let at = writeVarint(name.length + 1 + varintBytes(length) + length, target, start + 1)
  target.set(name, at)
  at += name.length
  target[at] = 0x12
  at = writeVarint(length, target, at + 1)
  return at + bytes.copy(target, at, from, to)
}
