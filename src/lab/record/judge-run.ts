import { type CriteriaFile, criteriaFor, type OperationsPer } from '../../soak/read-criteria.ts'
import type { ResourceRecord } from '../../soak/run-record.ts'
import { judge, type Verdict } from '../../soak/verdict/judge.ts'
import type { CycleObservation } from '../run/observations.ts'
import { seriesOf } from './resources.ts'

export interface Judged {
  readonly cycles: readonly CycleObservation[]
  readonly resources: readonly ResourceRecord[]
  readonly criteria: CriteriaFile
  /** Criteria for what this program does not have are passed over; those that a user wrote are not. */
  readonly isOptional: boolean
  /** How many times the run has been judged, this time included; undefined: its end was fixed before it began. */
  readonly look: number | undefined
}

/** The verdict on what was read at rest, over the operations done. */
export function judgeRun({ cycles, resources, criteria, isOptional, look }: Judged): Verdict {
  const judged = resources.filter(({ isInformative }) => !isInformative)
  const series = {
    unit: 'operation',
    at: cycles.map(({ operations }) => operations),
    resources: judged.map(seriesOf),
    unread: [],
    identities: [],
  } as const
  const names = new Set(judged.map(({ name }) => name))
  const present = Object.entries(criteria.resources).filter(([name]) => !isOptional || names.has(name))
  const file = { ...criteria, resources: Object.fromEntries(present), look }
  return judge(series, criteriaFor('operation', file, paceOf(cycles)))
}

function paceOf(cycles: readonly CycleObservation[]): OperationsPer {
  const first = cycles[0]
  const last = cycles.at(-1)
  if (first === undefined || last === undefined || first === last) return {}
  const operations = last.operations - first.operations
  return {
    minute: operations / ((last.atSeconds - first.atSeconds) / 60),
    cycle: operations / (cycles.length - 1),
  }
}
