import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import { linesWith } from '../../batch/lines-with.ts'

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
