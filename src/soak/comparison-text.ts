import { visibleText } from '../lib/visible-text.ts'
import type { Comparison, ResourceComparison } from './compare-runs.ts'
import { aligned } from './judgement-text.ts'
import { thousand } from './report/facts.ts'
import { figure, percent, range } from './report/figures.ts'
import { limitsOf } from './report/sections/comparison.ts'

export type ComparisonOutcome = 'no_faster' | 'faster' | 'open' | 'incomparable'

/** Faster anywhere decides, then anything open. */
export function outcomeOfComparison({ obstacles, resources }: Comparison): ComparisonOutcome {
  if (obstacles.length > 0) return 'incomparable'
  if (resources.some(({ result }) => result === 'faster')) return 'faster'
  return resources.some(({ result }) => result === 'open') ? 'open' : 'no_faster'
}

const results: Readonly<Record<ResourceComparison['result'], string>> = {
  faster: 'FASTER',
  slower: 'slower',
  within: 'below its criterion',
  open: 'open',
}

const outcomes: Readonly<Record<ComparisonOutcome, string>> = {
  no_faster: 'NO FASTER: what grows is below its criterion, or grows slower than in the baseline',
  faster: 'FASTER: something grows faster than in the baseline',
  open: 'NOT ENOUGH EVIDENCE: whether something grows faster than in the baseline is open',
  incomparable: 'INVALID: the runs cannot be compared',
}

/** The comparison for people: a table of resources, what else differs, and what it comes to. */
export function comparisonLines(comparison: Comparison): readonly string[] {
  const { obstacles, notes, resources, leftOut } = comparison
  const head = ['resource', 'baseline, per 1,000 operations', 'current', 'ratio', 'limits of the ratio', 'result']
  return [
    ...obstacles.map((obstacle) => `INVALID: ${visibleText(obstacle)}`),
    ...(resources.length > 0 ? [...aligned([head, ...resources.map(rowOf)]), ''] : []),
    ...notes.map((note) => `Different: ${visibleText(note)}`),
    ...(leftOut.length > 0
      ? [`Not compared, as only one of the runs judged them: ${leftOut.map(visibleText).join(', ')}`]
      : []),
    outcomes[outcomeOfComparison(comparison)],
  ]
}

function rowOf({ name, unit, current, baseline, ratio, result }: ResourceComparison): readonly string[] {
  const told = (growth: typeof current) =>
    growth
      ? `${figure(growth.rate * thousand)} (${range(growth.low * thousand, growth.high * thousand, unit)})`
      : 'not judged'
  return [
    visibleText(name),
    told(baseline),
    told(current),
    ratio?.ratio === undefined ? '-' : figure(ratio.ratio),
    ratio ? `${limitsOf(ratio)} (${percent(1 - ratio.level)} each)` : '-',
    results[result],
  ]
}
