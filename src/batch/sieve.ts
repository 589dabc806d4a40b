import type { Batch } from './batch.ts'

/** Takes rows out of `candidates`, which has 1 for each row that is still asked about. */
export type Sieve = (batch: Batch, candidates: Uint8Array) => void

/** Takes out the candidates that are unwanted, and asks of no others. */
export function remove(candidates: Uint8Array, isUnwanted: (row: number) => boolean): void {
  for (let row = 0; row < candidates.length; row++) if (candidates[row] === 1 && isUnwanted(row)) candidates[row] = 0
}

export function removeWhere(candidates: Uint8Array, isFound: Uint8Array, unwanted: 0 | 1): void {
  for (let row = 0; row < candidates.length; row++) if (isFound[row] === unwanted) candidates[row] = 0
}
