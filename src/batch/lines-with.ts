// Cost: one search of the arena per needle: 0.045 CPU seconds per million 165-byte lines where it is nowhere (`stage-filter` in docs/performance.md). No string, no object per line.
import type { Batch } from './batch.ts'

/** 1 for each line that contains one of the needles, 0 for the others. */
export function linesWith(batch: Batch, needles: readonly Buffer[]): Uint8Array {
  const isFound = new Uint8Array(batch.count)
  const used = batch.bytes.subarray(0, batch.arena.used)
  for (const needle of needles) markLines(batch, { used, needle }, isFound)
  return isFound
}

/**
 * Lines lie in the arena one behind the other, so the match found for one line, or that there is none, is mostly the answer for the lines
 * after it as well, and the arena is read once. Lines in any other order, or over the same bytes, are only slower.
 */
function markLines(
  { count, columns }: Batch,
  { used, needle }: { readonly used: Buffer; readonly needle: Buffer },
  isFound: Uint8Array,
): void {
  const { start, end } = columns
  let searchedFrom = 0
  let match = used.indexOf(needle)
  for (let i = 0; i < count; i++) {
    const from = start[i]!
    if (from < searchedFrom || (match !== -1 && match < from)) {
      searchedFrom = from
      match = used.indexOf(needle, from)
    }
    if (match !== -1 && match + needle.length <= end[i]!) isFound[i] = 1
  }
}
