import type { TargetRecord } from './run-record.ts'
import type { Outcome } from './verdict/judge.ts'

/** What a run says of one of its targets: where a gate is not met nothing of it is judged, whatever the readings show. */
export function outcomeOf({ gates, verdict }: TargetRecord): Outcome {
  return gates.some(({ isMet }) => !isMet) ? 'invalid' : verdict.outcome
}
