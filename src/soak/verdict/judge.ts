import { judgeAmounts } from './amounts.ts'
import { boundGrowth } from './bound.ts'
import { faultOfResource, faultsOfSeries } from './gates.ts'
import type { Evidence, Finding, Growth } from './growth.ts'
import { levelAtLook } from './looks.ts'
import { judgeRises } from './rises.ts'
import { poissonHigh } from './poisson.ts'
import type { AxisUnit, Criteria, Criterion, ResourceKind, ResourceSeries, Series } from './series.ts'
import { judgeTrend } from './trend.ts'

export type Outcome = 'clean' | 'leak' | 'not_enough_evidence' | 'invalid'

export interface Verdict {
  /** A leak anywhere, then anything invalid, then anything open decides; clean is only what is clean throughout. */
  readonly outcome: Outcome
  readonly unit: AxisUnit
  readonly readings: number
  /** The chance of a wrong verdict, for all resources together, and for each limit of each resource. */
  readonly alpha: number
  readonly level: number
  /** Why nothing can be judged. */
  readonly faults: readonly string[]
  readonly resources: readonly ResourceVerdict[]
  /** Columns that no criterion names. */
  readonly notJudged: readonly string[]
}

export interface ResourceVerdict {
  readonly name: string
  readonly kind: ResourceKind
  readonly outcome: Outcome
  /** `below` is per unit of the axis. */
  readonly criterion: { readonly below: number; readonly result: 'met' | 'missed' | 'not_judged' } | undefined
  readonly growth: Growth | undefined
  readonly evidence: Evidence | undefined
  /** How much longer, in units of the axis, the same growth would have to be seen for the criterion to be met. */
  readonly moreNeeded: number | undefined
  /** Why it is not clean, where it is no leak. */
  readonly reason: string | undefined
}

/** Judges every resource that the criteria name, or all. Pure: the same series gives the same verdict. */
export function judge(series: Series, criteria: Criteria): Verdict {
  const wanted =
    criteria.resources.length > 0 ? criteria.resources : series.resources.map(({ name }) => unjudgedBelow(name))
  const { look, alpha } = criteria
  // Bonferroni over resources; over looks levels that add up to alpha, however many there are.
  const level = (look === undefined ? alpha : levelAtLook(alpha, look)) / Math.max(1, wanted.length)
  const faults = faultsOfSeries(series)
  const resources = wanted.map((criterion) => {
    const resource = series.resources.find(({ name }) => name === criterion.name)
    return judgeResource({ series, criterion, resource, level, warmUp: criteria.warmUp, faults })
  })
  const names = new Set(wanted.map(({ name }) => name))
  return {
    outcome: worst(resources.map(({ outcome }) => outcome)),
    unit: series.unit,
    readings: series.at.length,
    alpha,
    level,
    faults,
    resources,
    notJudged: [...series.unread, ...series.resources.map(({ name }) => name).filter((name) => !names.has(name))],
  }
}

function unjudgedBelow(name: string): Criterion {
  return { name, below: undefined, kind: undefined }
}

function worst(outcomes: readonly Outcome[]): Outcome {
  const order: readonly Outcome[] = ['leak', 'invalid', 'not_enough_evidence', 'clean']
  return order.find((outcome) => outcomes.includes(outcome)) ?? 'invalid'
}

interface Question {
  readonly series: Series
  readonly criterion: Criterion
  readonly resource: ResourceSeries | undefined
  readonly level: number
  readonly warmUp: number | undefined
  readonly faults: readonly string[]
}

function judgeResource(question: Question): ResourceVerdict {
  const { series, criterion, resource, faults } = question
  const kind = criterion.kind ?? kindOf(resource)
  const fault = resource === undefined ? 'the series has no such column' : (faults[0] ?? faultOfResource(resource))
  if (resource === undefined || fault !== undefined)
    return { ...headOf(criterion, kind), outcome: 'invalid', reason: fault }
  const finding = findingOf(question, resource, kind)
  if (finding.kind === 'unjudged')
    return {
      ...headOf(criterion, kind),
      outcome: 'not_enough_evidence',
      evidence: finding.evidence,
      reason: finding.reason,
    }
  return weigh(criterion, kind, finding, series.unit)
}

function headOf({ name, below }: Criterion, kind: ResourceKind) {
  const criterion = below === undefined ? undefined : ({ below, result: 'not_judged' } as const)
  return { name, kind, criterion, growth: undefined, evidence: undefined, moreNeeded: undefined }
}

function findingOf({ series, level, warmUp }: Question, { values }: ResourceSeries, kind: ResourceKind): Finding {
  const isPresent = (_: number, i: number) => !Number.isNaN(values[i])
  const at = series.at.filter(isPresent)
  const present = values.filter(isPresent)
  const isCount = kind === 'count'
  if (series.unit === 'minute') {
    const finding = judgeTrend(at, present, { level, warmUp, isCount })
    if (finding.kind === 'growth' || !isCount) return finding
    const bound = boundGrowth(at, present, { level, warmUp })
    return bound.kind === 'growth' ? bound : finding
  }
  return isCount ? judgeRises(at, present, level) : judgeAmounts(at, present, level)
}

function weigh(
  { name, below }: Criterion,
  kind: ResourceKind,
  { growth, isLeak, evidence }: Extract<Finding, { kind: 'growth' }>,
  unit: AxisUnit,
): ResourceVerdict {
  const known = { name, kind, growth, evidence, moreNeeded: undefined, reason: undefined }
  const result = below === undefined ? undefined : resultOf(growth, below)
  const criterion = below === undefined || result === undefined ? undefined : { below, result }
  if (isLeak) return { ...known, criterion, outcome: 'leak' }
  if (evidence.rule === 'bound')
    return {
      ...known,
      criterion,
      outcome: 'not_enough_evidence',
      moreNeeded: moreFor(growth, below, evidence),
      reason: tooShort,
    }
  if (result === 'met') return { ...known, criterion, outcome: 'clean' }
  const reason =
    below === undefined
      ? 'no leak is shown; how little growth is none, no criterion says'
      : `no leak is shown, and growth as fast as the criterion is not ruled out`
  return {
    ...known,
    criterion,
    outcome: 'not_enough_evidence',
    moreNeeded: moreFor(growth, below, evidence),
    reason:
      growth.rate < (below ?? Infinity)
        ? reason
        : `no leak is shown, but the estimate is not below the criterion (per ${unit})`,
  }
}

const tooShort = 'too few readings are independent to look for a leak; the growth has an upper limit'

function resultOf({ low, high }: Growth, below: number): 'met' | 'missed' | 'not_judged' {
  if (high < below) return 'met'
  return low >= below ? 'missed' : 'not_judged'
}

/** Limits of a trend narrow with the power 1.5 of the run's length; those of rises with the power 0.5, and without rises 1: a half is the careful one. */
function moreFor(growth: Growth, below: number | undefined, { rule, exposure }: Evidence): number | undefined {
  const { rate, high, level } = growth
  if (below === undefined || rate >= below || high < below) return undefined
  if (rule === 'bound') return Math.max(0, poissonHigh(0, level) / below - exposure)
  const ratio = (high - rate) / (below - rate)
  const power = rule === 'trend' ? 1.5 : rate === 0 ? 1 : 0.5
  return exposure * (ratio ** (1 / power) - 1)
}

function kindOf(resource: ResourceSeries | undefined): ResourceKind {
  const values = resource?.values.filter((value) => !Number.isNaN(value)) ?? []
  return values.every((value) => Number.isInteger(value) && value < 1e6) ? 'count' : 'size'
}
