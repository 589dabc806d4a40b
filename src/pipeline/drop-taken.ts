import type { Batch } from '../batch/batch.ts'
import { compareCursors, type Cursor } from '../batch/cursor.ts'
import { lineFlags } from '../batch/flags.ts'

/**
 * Flags the lines that a sink has already: those of the streams in `ahead` that lie before the stream's cursor. Streams that have come past
 * their cursor are taken out of `ahead`. Takes over the reference to `batch`; what it gives back may be another batch.
 */
export function dropTaken(batch: Batch, ahead: Map<string, Cursor>): Batch {
  const cursors = batch.origins.map(({ key }) => ahead.get(key))
  if (cursors.every((cursor) => cursor === undefined)) return batch
  const mine = batch.fork()
  batch.release()
  const { seconds, nanos, ordinal, origin, flags } = mine.columns
  for (let i = 0; i < mine.count; i++) {
    const cursor = cursors[origin[i]!]
    if (cursor && isBefore(cursor, seconds[i]!, nanos[i]!, ordinal[i]!)) flags[i]! |= lineFlags.dropped
  }
  for (const { key, cursor } of mine.progress) {
    const target = ahead.get(key)
    if (target && compareCursors(cursor, target) >= 0) ahead.delete(key)
  }
  return mine
}

function isBefore(cursor: Cursor, seconds: number, nanos: number, ordinal: number): boolean {
  if (seconds !== cursor.seconds) return seconds < cursor.seconds
  return nanos === cursor.nanos ? ordinal < cursor.count : nanos < cursor.nanos
}
