import { compareRuns, compareTargets, invalidityOf, type ResourceComparison } from '../../compare-runs.ts'
import type { RunRecord } from '../../run-record.ts'
import type { Block, Cell, Table } from '../document.ts'
import { targetUnderTest, thousand } from '../facts.ts'
import { amount, figure, range } from '../figures.ts'

export const comparisonCells: Readonly<Record<ResourceComparison['result'], Exclude<Cell, string>>> = {
  faster: { text: 'GROWS FASTER', tone: 'bad' },
  slower: { text: 'GROWS SLOWER', tone: 'good' },
  within: { text: 'BELOW ITS CRITERION', tone: 'good' },
  open: { text: 'OPEN', tone: 'open' },
}

/** The program under test beside the reference collectors of the same run, and beside an earlier run. Empty: there is nothing beside it. */
export function comparisonBlocks(run: RunRecord, baseline: RunRecord | undefined): readonly Block[] {
  const target = targetUnderTest(run.targets)
  const others = run.targets.filter((one) => one !== target)
  const canCompare = invalidityOf(target.name, target).length === 0
  const references = others.flatMap((other) =>
    canCompare && invalidityOf(other.name, other).length === 0
      ? compareTargets(target, other).resources.map((one) => rowOf(other.name, one))
      : [],
  )
  const before = baseline && compareRuns(run, baseline)
  const rows = [...references, ...(before?.resources.map((one) => rowOf('the baseline', one)) ?? [])]
  const notes = [
    ...(canCompare ? others : [])
      .flatMap((other) => invalidityOf(other.name, other))
      .map((why) => `Not compared: ${why}.`),
    ...(before?.obstacles.map((obstacle) => `Not compared with the baseline: ${obstacle}.`) ?? []),
    ...(before?.notes.map((note) => `Different from the baseline: ${note}.`) ?? []),
  ]
  if (rows.length === 0 && notes.length === 0) return []
  return [
    { kind: 'heading', text: 'Beside others' },
    ...(rows.length > 0 ? [tableOf(rows), { kind: 'paragraph', text: meaning } as const] : []),
    ...(notes.length > 0 ? [{ kind: 'list', items: notes } as const] : []),
  ]
}

const meaning =
  'The ratio is the growth of the program under test over that of the other; its limits are exact for counts (binomial, given all that rose), and follow from the limits of both growths for amounts. They hold as those of the growths do, for amounts with twice the chance of being wrong. ' +
  'Grows faster: the lower limit is above 1.'

function tableOf(rows: Table['rows']): Table {
  return {
    kind: 'table',
    caption: 'Growth of the program under test over that of others',
    head: [
      { text: 'Resource' },
      { text: 'Beside' },
      { text: 'Growth here, per 1,000 operations', isNumber: true },
      { text: 'There', isNumber: true },
      { text: 'Ratio', isNumber: true },
      { text: 'Limits of the ratio', isNumber: true },
      { text: 'Result' },
    ],
    rows,
  }
}

function rowOf(beside: string, { name, unit, current, baseline, ratio, result }: ResourceComparison): readonly Cell[] {
  const told = (growth: typeof current) =>
    growth
      ? `${amount(growth.rate * thousand, unit)} (${range(growth.low * thousand, growth.high * thousand, unit)})`
      : 'not judged'
  return [
    name,
    beside,
    told(current),
    told(baseline),
    ratio?.ratio === undefined ? 'not known' : figure(ratio.ratio),
    ratio ? limitsOf(ratio) : 'none known',
    comparisonCells[result],
  ]
}

/** `0.2 to 1.4`, or `above 0.2` where nothing bounds it. */
export function limitsOf({ low, high }: { readonly low: number; readonly high: number | undefined }): string {
  if (high !== undefined) return `${figure(low)} to ${figure(high)}`
  return low > 0 ? `above ${figure(low)}` : 'none known'
}
