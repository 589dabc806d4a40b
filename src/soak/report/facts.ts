import type { ResourceRecord, TargetRecord } from '../run-record.ts'
import type { Growth } from '../verdict/growth.ts'
import type { Outcome, ResourceVerdict } from '../verdict/judge.ts'
import type { Unit } from './figures.ts'

/** A thousand operations: what growth is told by. */
export const thousand = 1_000

/** One resource of a target with its verdict, which is `invalid` where a gate of the target is not met; then nothing is told of its growth. */
export interface ResourceFacts {
  readonly name: string
  readonly unit: Unit
  readonly record: ResourceRecord | undefined
  readonly verdict: ResourceVerdict
  readonly outcome: Outcome
  readonly growth: Growth | undefined
  /** Per operation. */
  readonly detectable: number | undefined
}

export function factsOf(target: TargetRecord): readonly ResourceFacts[] {
  const isInvalid = target.gates.some(({ isMet }) => !isMet)
  return target.verdict.resources.map((verdict) => {
    const record = target.resources.find(({ name }) => name === verdict.name)
    const { growth, evidence } = verdict
    return {
      name: verdict.name,
      unit: record?.unit ?? 'items',
      record,
      verdict,
      outcome: isInvalid ? 'invalid' : verdict.outcome,
      growth: isInvalid ? undefined : growth,
      detectable: isInvalid || !growth ? undefined : evidence?.detectableRate,
    }
  })
}

/** How a criterion came out; nothing of it is met where nothing is judged. */
export function resultOf({ verdict, outcome }: ResourceFacts): 'met' | 'missed' | 'not_judged' {
  return outcome === 'invalid' ? 'not_judged' : (verdict.criterion?.result ?? 'not_judged')
}

/** Operations a minute, drains and rests included; undefined: no cycle was done. */
export function paceOf({ cycles }: TargetRecord): number | undefined {
  const last = cycles.at(-1)
  return last && last.atSeconds > 0 && last.operations > 0 ? (last.operations / last.atSeconds) * 60 : undefined
}

/** The index of the cycle from which on a resource is judged; readings that are missing do not count as warm-up. Undefined: it is not judged. */
export function judgedFrom({ record, verdict, outcome }: ResourceFacts): number | undefined {
  if (!record || !verdict.evidence || outcome === 'invalid') return undefined
  const present = record.floors.flatMap((floor, i) => (floor === null ? [] : [i]))
  return present[verdict.evidence.warmUp]
}

export function targetUnderTest(targets: readonly TargetRecord[]): TargetRecord {
  return targets.find(({ role }) => role === 'under test') ?? targets[0]!
}
