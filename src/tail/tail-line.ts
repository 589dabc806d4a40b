import type { Batch } from '../batch/batch.ts'
import { type FieldValue, valuesOf } from '../batch/fields/values.ts'
import { visibleFlags } from '../batch/flags.ts'
import { shownNanos, shownSeconds } from '../batch/line-time.ts'
import { formatTimestamp } from '../lib/timestamp.ts'

/** A line for people, who do not read all of a long one. */
export interface TailLine {
  /** The component behind which it was seen. */
  readonly at: string
  /** What the line says, or the engine's; RFC 3339, with nanoseconds. */
  readonly time: string
  readonly container: string
  readonly containerId: string
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
  /** Bytes of the line that are not in `text`. */
  readonly cutBytes?: number
  readonly flags?: string[]
  /** What transforms have found in the line; none where they are larger than what is shown of a line. */
  readonly fields?: Record<string, FieldValue>
}

/** Line `i` of a batch, of its text `maxBytes` at the most. */
export function lineOf(
  batch: Batch,
  i: number,
  { at, maxBytes }: { readonly at: string; readonly maxBytes: number },
): TailLine {
  const { bytes, columns, origins, fields } = batch
  const { container, stream } = origins[columns.origin[i]!]!
  const start = columns.start[i]!
  const end = columns.end[i]!
  const shownEnd = shownEndOf(bytes, { start, end, maxBytes })
  const names = visibleFlags.filter(([bit]) => (columns.flags[i]! & bit) !== 0).map(([, name]) => name)
  const found = fields !== undefined && fields.bytesOf(i) <= maxBytes ? valuesOf(fields, i) : undefined
  return {
    at,
    time: formatTimestamp(shownSeconds(batch, i), shownNanos(batch, i)),
    container: container.name,
    containerId: container.id,
    stream,
    text: bytes.toString('utf8', start, shownEnd),
    ...(shownEnd < end ? { cutBytes: end - shownEnd } : {}),
    ...(names.length > 0 ? { flags: names } : {}),
    ...(found === undefined ? {} : { fields: found }),
  }
}

interface Span {
  readonly start: number
  readonly end: number
  readonly maxBytes: number
}

/** Not within a character of UTF-8, which has three bytes after its first at the most. */
function shownEndOf(bytes: Buffer, { start, end, maxBytes }: Span): number {
  if (end - start <= maxBytes) return end
  const limit = start + maxBytes
  for (let back = 0; back < 4; back++) if ((bytes[limit - back]! & 0xc0) !== 0x80) return limit - back
  return limit
}
