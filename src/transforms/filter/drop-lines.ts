// Cost: one search of the arena per needle: 0.045 CPU seconds per million 165-byte lines where it is nowhere (node bench/encode.mjs). No string, no object per line.
import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'

export interface Needles {
  /** Lines that contain none of these are dropped; empty: no line is. */
  readonly include: readonly Buffer[]
  /** Lines that contain one of these are dropped. */
  readonly exclude: readonly Buffer[]
}

/** Flags the lines that the needles do not let through. */
export function dropLines(batch: Batch, { include, exclude }: Needles): void {
  if (include.length > 0) dropWhere(batch, linesWith(batch, include), 0)
  if (exclude.length > 0) dropWhere(batch, linesWith(batch, exclude), 1)
}

function dropWhere({ count, columns }: Batch, isFound: Uint8Array, unwanted: 0 | 1): void {
  const { flags } = columns
  for (let i = 0; i < count; i++) {
    if (isFound[i] === unwanted) flags[i] = flags[i]! | lineFlags.dropped
  }
}

/** 1 for each line that contains one of the needles, 0 for the others. */
function linesWith(batch: Batch, needles: readonly Buffer[]): Uint8Array {
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
