import type { BatchBuilder, BuilderStream } from '../batch/builder.ts'
import type { Cursor } from '../batch/cursor.ts'
import type { Origin } from '../batch/origin.ts'

/** When lines begin that nobody has collected: their times are the same in every run. Seconds since 1970. */
export const beginSeconds = Date.UTC(2026, 0, 1) / 1_000

/** A stream of lines that are given, and not collected. */
export type GivenStream = BuilderStream & { last: Cursor }

export function givenStream(origin: Origin): GivenStream {
  const made: GivenStream = {
    ...{ origin, batchId: 0, localIndex: 0, last: { seconds: 0, nanos: 0, count: 0 } },
    cursor: () => made.last,
  }
  return made
}

/** Puts a line into the builder, so many milliseconds after the begin. */
export function putLine(
  builder: BatchBuilder,
  stream: GivenStream,
  { text, atMs }: { readonly text: Uint8Array; readonly atMs: number },
): void {
  builder.reserve(text.length)
  const { arena, columns, count } = builder
  const seconds = beginSeconds + Math.floor(atMs / 1_000)
  const nanos = (atMs % 1_000) * 1_000_000
  const isSameTime = stream.last.seconds === seconds && stream.last.nanos === nanos
  const ordinal = isSameTime ? stream.last.count : 0
  columns.origin[count] = builder.indexOf(stream)
  columns.start[count] = arena.used
  arena.bytes.set(text, arena.used)
  arena.used += text.length
  columns.end[count] = arena.used
  columns.seconds[count] = seconds
  columns.nanos[count] = nanos
  columns.ordinal[count] = ordinal
  columns.flags[count] = 0
  builder.count = count + 1
  stream.last = { seconds, nanos, count: ordinal + 1 }
  if (builder.isFull) builder.seal()
}
