/**
 * A push as Loki's protobuf (grafana/loki, pkg/push/push.proto), written by hand and straight from the columns:
 *
 *     PushRequest   { repeated StreamAdapter streams = 1 }
 *     StreamAdapter { string labels = 1; repeated EntryAdapter entries = 2 }
 *     EntryAdapter  { Timestamp timestamp = 1 { int64 seconds = 1; int32 nanos = 2 }; string line = 2; repeated LabelPairAdapter structuredMetadata = 3 }
 *     LabelPairAdapter { string name = 1; string value = 2 }
 *
 * Lines go in byte for byte: Loki takes what is no UTF-8, and shows U+FFFD for it. This is the way for any push; wasm/push.ts makes the same of those that
 * it has room for, in less time.
 */
import type { Batch } from '../../batch/batch.ts'
import { entryNanos, entrySeconds } from './entry-time.ts'
import { FieldPairs } from './field-pairs.ts'
import { flagPairs, visibleMask } from './flag-pairs.ts'
import { encodePairs, varintBytes, writeVarint } from './pairs.ts'
import type { Group, Push } from './plan.ts'

const noBytes = new Uint8Array(0)
/** Bytes of an entry beside line and metadata, at the most: four tags with lengths, and the time. */
const entryHeadBytes = 40

/** The encoded metadata of each combination of flags. */
const flagBytes = Array.from({ length: visibleMask + 1 }, (_, flags) => encodePairs(flagPairs(flags)))

/** Serves one push after the other. */
const fieldPairs = new FieldPairs()

/** What it takes to encode a push. */
export interface PushSize {
  /** Memory: the bytes of the push at the most, and behind them room for the text of its lines. */
  readonly bytes: number
  /** Where that text begins and ends in the batch. */
  readonly textFrom: number
  readonly textTo: number
}

export function measurePush({ groups }: Push, batch: Batch): PushSize {
  let [bytes, textFrom, textTo] = [0, batch.bytes.length, 0]
  const { start, end } = batch.columns
  for (const { target, rows, from, to } of groups) {
    bytes += target.labelBytes.length + entryHeadBytes
    fieldPairs.begin(batch, target.metadata.length > 0)
    const each = target.metadataBytes.length + entryHeadBytes * 2
    for (let k = from; k < to; k++) {
      const i = rows[k]!
      const [begin, close] = [start[i]!, end[i]!]
      bytes += close - begin + each + fieldPairs.mostBytes(i)
      if (begin < textFrom) textFrom = begin
      if (close > textTo) textTo = close
    }
  }
  return { bytes: bytes + Math.max(0, textTo - textFrom), textFrom, textTo }
}

/** Writes `push` at the beginning of `target`, which has at least the bytes of its size. @returns the bytes written. */
export function encodeProtobuf(push: Push, batch: Batch, { textFrom, textTo }: PushSize, target: Buffer): number {
  // All of the text at once, to the end of the memory: moving a line within it costs half of copying it from elsewhere.
  const textAt = target.length - Math.max(0, textTo - textFrom) - textFrom
  if (textTo > textFrom) target.set(batch.bytes.subarray(textFrom, textTo), textAt + textFrom)
  let at = 0
  for (const group of push.groups) at = writeStream(group, batch, { target, textAt }, at)
  return at
}

function writeStream(
  { target: { labelBytes, metadataBytes, metadata }, rows, from: first, to: behind }: Group,
  batch: Batch,
  { target, textAt }: { readonly target: Buffer; readonly textAt: number },
  start: number,
): number {
  const { columns, fields } = batch
  // The length of the stream is known last, as is that of an entry with fields.
  target[start] = 0x0a
  const bodyAt = start + 1 + paddedBytes
  let at = bodyAt
  target[at++] = 0x0a
  at = writeVarint(labelBytes.length, target, at)
  target.set(labelBytes, at)
  at += labelBytes.length
  const hasMetadata = metadata.length > 0
  const hasFields = hasMetadata && fields !== undefined
  fieldPairs.begin(batch, hasMetadata)
  const metadataLength = metadataBytes.length
  /** Where the metadata has been written already. */
  let metadataAt = -1
  for (let k = first; k < behind; k++) {
    const i = rows[k]!
    const from = columns.start[i]!
    const length = columns.end[i]! - from
    const seconds = entrySeconds(batch, i)
    const nanos = entryNanos(batch, i)
    const flags = columns.flags[i]! & visibleMask
    const more = hasMetadata && flags !== 0 ? flagBytes[flags]! : noBytes
    const timeBytes = 1 + varintBytes(seconds) + (nanos === 0 ? 0 : 1 + varintBytes(nanos))
    target[at++] = 0x12
    const entryBytes = 2 + timeBytes + 1 + varintBytes(length) + length + metadataLength + more.length
    const entryAt = at
    if (hasFields) at += paddedBytes
    else at = writeVarint(entryBytes, target, at)
    target[at++] = 0x0a
    target[at++] = timeBytes
    target[at++] = 0x08
    at = writeVarint(seconds, target, at)
    if (nanos !== 0) {
      target[at++] = 0x10
      at = writeVarint(nanos, target, at)
    }
    target[at++] = 0x12
    at = writeVarint(length, target, at)
    target.copyWithin(at, textAt + from, textAt + from + length)
    at += length
    if (metadataAt < 0) target.set(metadataBytes, at)
    else target.copyWithin(at, metadataAt, metadataAt + metadataLength)
    metadataAt = at
    at += metadataLength
    if (more.length > 0) {
      target.set(more, at)
      at += more.length
    }
    if (hasFields) {
      at = fieldPairs.write(i, target, at)
      writePaddedLength(at - entryAt - paddedBytes, target, entryAt)
    }
  }
  writePaddedLength(at - bodyAt, target, start + 1)
  return at
}

/** Kept for a length that is known later: a varint may be longer than it must. */
const paddedBytes = 5

function writePaddedLength(value: number, target: Uint8Array, at: number): void {
  for (let k = 0; k < 4; k++) target[at + k] = ((value >>> (7 * k)) & 127) | 128
  target[at + 4] = value >>> 28
}
