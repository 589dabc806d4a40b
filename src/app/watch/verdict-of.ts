import type { Outcome } from '../../soak/verdict/judge.ts'
import { criterionPerHour, type WatchedResource } from './resources.ts'
import type { WindowFinding } from './windows.ts'

/** What all windows together say of a resource. */
export interface WatchVerdict {
  readonly outcome: Exclude<Outcome, 'invalid'>
  /** The window that decides: for a leak the shortest that shows one, else the one with the least upper limit. Undefined: none tells anything yet. */
  readonly by: WindowFinding | undefined
}

/** A leak is what any window shows. */
export function verdictOf({ kind }: Pick<WatchedResource, 'kind'>, findings: readonly WindowFinding[]): WatchVerdict {
  const leak = findings.find(({ isLeak }) => isLeak)
  if (leak) return { outcome: 'leak', by: leak }
  const high = ({ growth }: WindowFinding) => growth?.high ?? Infinity
  const [best] = [...findings].sort((one, other) => high(one) - high(other))
  const isClean = best !== undefined && high(best) * 60 < criterionPerHour[kind]
  return { outcome: isClean ? 'clean' : 'not_enough_evidence', by: best }
}
