import { outcomeOf } from './outcome.ts'
import type { ResourceRecord, RunRecord, TargetRecord } from './run-record.ts'
import type { Growth } from './verdict/growth.ts'
import type { ResourceVerdict } from './verdict/judge.ts'
import { compareRates, type RateRatio } from './verdict/compare.ts'

/** One growth over another, with one-sided limits of `level` each. Undefined: not known, or without a limit. */
export type Ratio = Omit<RateRatio, 'result'>

/** How the growth of one resource stands to that of another run, or another program. */
export interface ResourceComparison {
  readonly name: string
  readonly unit: ResourceRecord['unit']
  /** Growth per operation. */
  readonly current: Growth | undefined
  readonly baseline: Growth | undefined
  readonly ratio: Ratio | undefined
  /**
   * `faster`: the lower limit of the ratio is above 1. `slower`: the upper one is below 1. `within`: neither is shown, and the current growth is below its criterion.
   * `open`: neither is shown.
   */
  readonly result: 'faster' | 'slower' | 'within' | 'open'
  /** How the limits were reached; undefined: there are none. */
  readonly rule: 'exact' | 'from the limits' | undefined
}

export interface Comparison {
  /** Why the two cannot be compared; then `resources` is empty. */
  readonly obstacles: readonly string[]
  /** What is different, and may explain a difference. */
  readonly notes: readonly string[]
  readonly resources: readonly ResourceComparison[]
  /** Resources that only one of them has, or that only inform. */
  readonly leftOut: readonly string[]
}

/** The program under test of one run against that of an earlier one. */
export function compareRuns(current: RunRecord, baseline: RunRecord): Comparison {
  const [ours, theirs] = [current.targets[0]!, baseline.targets[0]!]
  const obstacles = [
    ...obstaclesBetween(current, baseline),
    ...invalidityOf('the baseline', theirs),
    ...invalidityOf('the current run', ours),
  ]
  if (obstacles.length > 0) return { obstacles, notes: [], resources: [], leftOut: [] }
  const compared = compareTargets(ours, theirs)
  const none = compared.resources.length === 0 ? ['no resource was judged in both'] : []
  return { ...compared, obstacles: none, notes: differences(current, baseline) }
}

/** Two programs; the caller has seen to it that they did the same work. */
export function compareTargets(
  current: TargetRecord,
  baseline: TargetRecord,
): Pick<Comparison, 'resources' | 'leftOut'> {
  const names = (target: TargetRecord) => target.verdict.resources.map(({ name }) => name)
  const all = [...new Set([...names(current), ...names(baseline)])]
  const pairs = all.map((name) => {
    const [ours, theirs] = [current, baseline].map(({ verdict }) => verdict.resources.find((one) => one.name === name))
    return { name, ours, theirs }
  })
  return {
    resources: pairs.flatMap(({ name, ours, theirs }) =>
      ours && theirs && ours.kind === theirs.kind
        ? [{ name, unit: unitOf(current, name), ...compareResources(ours, theirs) }]
        : [],
    ),
    leftOut: pairs.flatMap(({ name, ours, theirs }) => (ours?.kind === theirs?.kind ? [] : [name])),
  }
}

function obstaclesBetween(current: RunRecord, baseline: RunRecord): readonly string[] {
  const pairs = [
    { what: 'engine', is: [current.engine.kind, baseline.engine.kind] },
    { what: 'number of containers', is: [current.workload.containers, baseline.workload.containers] },
    {
      what: 'number of operations a cycle',
      is: [current.workload.operationsPerCycle, baseline.workload.operationsPerCycle],
    },
    { what: 'list of what was done besides', is: [kindsOf(current), kindsOf(baseline)] },
  ]
  return pairs.flatMap(({ what, is: [now, before] }) =>
    now === before
      ? []
      : [`the ${what} differs: ${before || 'nothing'} in the baseline, ${now || 'nothing'} in the current run`],
  )
}

function kindsOf({ workload }: RunRecord): string {
  return Object.keys(workload.done).sort().join(', ')
}

/** Why nothing can be compared with a target. Empty: it can. */
export function invalidityOf(which: string, target: TargetRecord): readonly string[] {
  if (outcomeOf(target) !== 'invalid') return []
  const unmet = target.gates.filter(({ isMet }) => !isMet).map(({ name, detail }) => `${name}: ${detail}`)
  return [`${which} is invalid${unmet.length > 0 ? ` (${unmet.join('; ')})` : ''}`]
}

function differences(current: RunRecord, baseline: RunRecord): readonly string[] {
  const pairs = [
    { what: 'version', is: [current.version, baseline.version] },
    { what: 'Node.js', is: [current.node, baseline.node] },
    { what: 'engine', is: [current.engine.version, baseline.engine.version] },
    { what: 'kernel', is: [current.host.kernel, baseline.host.kernel] },
    { what: 'processors', is: [current.host.processors, baseline.host.processors] },
  ]
  return pairs.flatMap(({ what, is: [now, before] }) =>
    now === before ? [] : [`${what}: ${before!} before, ${now!} now`],
  )
}

function unitOf({ resources }: TargetRecord, name: string): ResourceRecord['unit'] {
  return resources.find((one) => one.name === name)?.unit ?? 'items'
}

function compareResources(ours: ResourceVerdict, theirs: ResourceVerdict): Omit<ResourceComparison, 'name' | 'unit'> {
  const known = { current: ours.growth, baseline: theirs.growth }
  if (!ours.growth || !theirs.growth) return { ...known, ratio: undefined, rule: undefined, result: 'open' }
  const areRises = ours.evidence?.rule === 'rises' && theirs.evidence?.rule === 'rises'
  const level = Math.max(ours.growth.level, theirs.growth.level)
  const ratio = areRises
    ? compareRates(ours.evidence, theirs.evidence, level)
    : ratioOfLimits(ours.growth, theirs.growth)
  return { ...known, ratio, rule: areRises ? 'exact' : 'from the limits', result: resultOf(ratio, ours) }
}

function resultOf({ low, high }: Ratio, { outcome }: ResourceVerdict): ResourceComparison['result'] {
  if (low > 1) return 'faster'
  if (high !== undefined && high < 1) return 'slower'
  return outcome === 'clean' ? 'within' : 'open'
}

/** Limits of a ratio from those of its parts: never too narrow, as both would have to be wrong. A level for each of them. */
function ratioOfLimits(ours: Growth, theirs: Growth): Ratio {
  const isPositive = theirs.low > 0
  return {
    ratio: theirs.rate > 0 && ours.rate >= 0 ? ours.rate / theirs.rate : undefined,
    low: theirs.high > 0 ? Math.max(0, ours.low) / theirs.high : 0,
    high: isPositive ? Math.max(0, ours.high) / theirs.low : undefined,
    level: ours.level + theirs.level,
  }
}
