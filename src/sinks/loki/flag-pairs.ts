import { visibleFlags } from '../../batch/flags.ts'
import type { Pairs } from './pairs.ts'

/** The bits of a line's flags that are shown. */
export const visibleMask = visibleFlags.reduce((mask, [bit]) => mask | bit, 0)

/** Flags as structured metadata: `flags="truncated,gap_before"`; nothing where there are none. */
export function flagPairs(flags: number): Pairs {
  const names = visibleFlags.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name)
  return names.length === 0 ? [] : [['flags', names.join(',')]]
}
