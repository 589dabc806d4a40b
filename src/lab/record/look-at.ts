import type { Look, ResourceRecord } from '../../soak/run-record.ts'
import type { Verdict } from '../../soak/verdict/judge.ts'
import type { LabOptions } from '../run/options.ts'
import type { Subject } from '../run/subject.ts'
import { defaultCriteria } from './default-criteria.ts'
import { judgeRun } from './judge-run.ts'
import { resourcesOf } from './resources.ts'

/** The verdict on a run as far as it has come, at the how-manieth look. */
export function lookAt(options: LabOptions, subject: Subject, look: number): Look {
  return lookOf(judgeSubject(options, subject, look).verdict, subject.observer.cycles.length)
}

export interface JudgedSubject {
  readonly resources: readonly ResourceRecord[]
  readonly verdict: Verdict
}

/** @param look undefined: the run has ended as it was meant to */
export function judgeSubject(options: LabOptions, subject: Subject, look: number | undefined): JudgedSubject {
  const { cycles } = subject.observer
  const criteria = options.criteria ?? defaultCriteria
  // A reference is no collector of ours: it is asked for what it has.
  const isOptional = options.criteria === undefined || subject.role === 'reference'
  const resources = resourcesOfSubject(options, subject)
  return { resources, verdict: judgeRun({ cycles, resources, criteria, isOptional, look }) }
}

function resourcesOfSubject({ criteria, references }: LabOptions, { observer }: Subject): readonly ResourceRecord[] {
  const { cycles, raw, descriptorLimit } = observer
  return resourcesOf({
    cycles,
    raw,
    wanted: Object.keys((criteria ?? defaultCriteria).resources),
    descriptorLimit,
    isAlone: references.length === 0,
  })
}

export function lookOf(verdict: Verdict, cycles: number): Look {
  const resources = verdict.resources.map(({ name, growth, outcome }) => ({
    name,
    low: growth?.low,
    rate: growth?.rate,
    high: growth?.high,
    outcome,
  }))
  return { cycles, level: verdict.level, resources }
}
