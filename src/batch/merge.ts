import type { BufferPool } from '../lib/buffer-pool.ts'
import { Arena } from './arena.ts'
import { allocateColumns, Batch } from './batch.ts'
import { lineFlags } from './flags.ts'
import type { Origin, Progress } from './origin.ts'

export interface MergeOptions {
  /** Only lines of these origins; all, where it is not given. */
  readonly isWanted?: (origin: Origin) => boolean
  /** Where the memory comes from, and goes when the batch is released. */
  readonly pool?: BufferPool
}

/**
 * One batch with the lines of several, in order, in memory of its own; dropped lines are left behind. Progress is the last of each wanted stream. For small batches, and for those of which little is left: it copies every byte.
 */
export function mergeBatches(batches: readonly Batch[], { isWanted = () => true, pool }: MergeOptions = {}): Batch {
  const size = measure(batches, isWanted)
  const arena = new Arena(pool?.take(size.bytes) ?? size.bytes, ({ bytes }) => pool?.give(bytes))
  const columns = allocateColumns(size.lines)
  const origins = new Map<Origin, number>()
  const progress = new Map<string, Progress>()
  let count = 0
  for (const batch of batches) {
    const from = batch.columns
    const indices = batch.origins.map((origin) => (isWanted(origin) ? indexOf(origins, origin) : -1))
    for (let i = 0; i < batch.count; i++) {
      const index = indices[from.origin[i]!]!
      if (index < 0 || (from.flags[i]! & lineFlags.dropped) !== 0) continue
      columns.start[count] = arena.used
      arena.used += batch.bytes.copy(arena.bytes, arena.used, from.start[i], from.end[i])
      columns.end[count] = arena.used
      columns.seconds[count] = from.seconds[i]!
      columns.nanos[count] = from.nanos[i]!
      columns.ordinal[count] = from.ordinal[i]!
      columns.origin[count] = index
      columns.flags[count] = from.flags[i]!
      count += 1
    }
    const wantedKeys = new Set(batch.origins.filter((origin) => isWanted(origin)).map(({ key }) => key))
    for (const one of batch.progress) if (wantedKeys.has(one.key)) progress.set(one.key, one)
  }
  return new Batch({
    columns,
    arena,
    origins: [...origins.keys()],
    progress: [...progress.values()],
    count,
    openedAtMs: Math.min(...batches.map(({ openedAtMs }) => openedAtMs)),
    onFree: () => undefined,
  })
}

/** Lines that are wanted and not dropped, and the bytes of their text. */
function measure(batches: readonly Batch[], isWanted: (origin: Origin) => boolean): { lines: number; bytes: number } {
  let lines = 0
  let bytes = 0
  for (const { columns, count, origins } of batches) {
    const wanted = origins.map((origin) => isWanted(origin))
    for (let i = 0; i < count; i++) {
      if ((columns.flags[i]! & lineFlags.dropped) !== 0 || !wanted[columns.origin[i]!]!) continue
      lines += 1
      bytes += columns.end[i]! - columns.start[i]!
    }
  }
  return { lines, bytes }
}

function indexOf(origins: Map<Origin, number>, origin: Origin): number {
  let index = origins.get(origin)
  if (index === undefined) origins.set(origin, (index = origins.size))
  return index
}
