import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import { mergeBatches } from '../../batch/merge.ts'
import type { Rejection } from '../../component/sink.ts'

/** A batch in memory of its own with `lines` of another, but for those that a transform has dropped; its origins are just theirs. */
export function selectLines(batch: Batch, lines: Rejection['lines']): Batch {
  const marked = batch.fork()
  try {
    const { flags, origin } = marked.columns
    if (lines !== 'all') {
      const kept = flags.slice()
      flags.fill(lineFlags.dropped)
      for (const line of lines) flags[line] = kept[line]!
    }
    const used = new Set<number>()
    for (let i = 0; i < marked.count; i++) if ((flags[i]! & lineFlags.dropped) === 0) used.add(origin[i]!)
    const origins = new Set([...used].map((index) => batch.origins[index]!))
    return mergeBatches([marked], { isWanted: (one) => origins.has(one) })
  } finally {
    marked.release()
  }
}
