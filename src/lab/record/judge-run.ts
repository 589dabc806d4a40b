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
  const pace = paceOf(cycles)
  const resourcesAsked = Object.fromEntries(pace === undefined ? present.map(withoutLimit) : present)
  return judge(series, criteriaFor('operation', { ...criteria, resources: resourcesAsked, look }, pace))
}

type Asked = CriteriaFile['resources'][string]

/** A run that ended before two cycles does not tell how many operations a minute has: what is asked by time stays open, and the run is told. */
function withoutLimit([name, { below, ...rest }]: [string, Asked]): [string, Asked] {
  return [name, below?.includes('operation') === true ? { below, ...rest } : rest]
}

function paceOf(cycles: readonly CycleObservation[]): OperationsPer | undefined {
  const first = cycles[0]
  const last = cycles.at(-1)
  if (first === undefined || last === undefined || first.operations === last.operations) return undefined
  const operations = last.operations - first.operations
  return {
    minute: operations / ((last.atSeconds - first.atSeconds) / 60),
    cycle: operations / (cycles.length - 1),
  }
}
