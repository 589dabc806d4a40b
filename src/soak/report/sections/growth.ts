import type { RunRecord, TargetRecord } from '../../run-record.ts'
import type { Outcome } from '../../verdict/judge.ts'
import type { Block, Cell, Column, Table } from '../document.ts'
import { factsOf, paceOf, type ResourceFacts, resultOf, thousand } from '../facts.ts'
import { amount, grouped, percent, range } from '../figures.ts'

export const outcomeCells: Readonly<Record<Outcome, Exclude<Cell, string>>> = {
  clean: { text: 'NO LEAK', tone: 'good' },
  leak: { text: 'LEAK', tone: 'bad' },
  not_enough_evidence: { text: 'NOT ENOUGH EVIDENCE', tone: 'open' },
  invalid: { text: 'INVALID', tone: 'open' },
}

const resultCells: Readonly<Record<ReturnType<typeof resultOf>, Exclude<Cell, string>>> = {
  met: { text: 'MET', tone: 'good' },
  missed: { text: 'NOT MET', tone: 'bad' },
  not_judged: { text: 'NOT JUDGED', tone: 'open' },
}

/** Where there is no figure. */
const none = '–'

/** How fast each resource grows, with its limits, beside what it has to stay below; reference collectors beside the program under test. */
export function growthBlocks(run: RunRecord): readonly Block[] {
  const isCompared = run.targets.length > 1
  const all = run.targets.flatMap((target) => factsOf(target).map((facts) => ({ target, facts })))
  const names = [...new Set(all.map(({ facts }) => facts.name))]
  const rows = names.flatMap((name) =>
    all.filter((one) => one.facts.name === name).map((one) => rowOf(one.target, one.facts, isCompared)),
  )
  return [{ kind: 'heading', text: 'Growth' }, growthTable(rows, levelsOf(run), isCompared), ...explanation(run)]
}

function growthTable(rows: Table['rows'], levels: readonly string[], isCompared: boolean): Table {
  const head: readonly Column[] = [
    { text: 'Resource' },
    ...(isCompared ? [{ text: 'Program' }] : []),
    { text: 'Growth per 1,000 operations', isNumber: true },
    { text: levels.length === 1 ? `Limits, ${levels[0]!} each` : 'Limits', isNumber: true },
    { text: 'Growth a minute, and limits', isNumber: true },
    { text: 'Detectable', isNumber: true },
    { text: 'Has to be below', isNumber: true },
    { text: 'Criterion' },
    { text: 'Verdict' },
  ]
  return { kind: 'table', caption: 'Growth of each resource, with limits and criterion', head, rows }
}

function rowOf(target: TargetRecord, facts: ResourceFacts, isCompared: boolean): readonly Cell[] {
  const { name, unit, growth, detectable, verdict } = facts
  const pace = paceOf(target)
  const told = (perOperation: number | undefined) =>
    perOperation === undefined ? none : amount(perOperation * thousand, unit)
  const minute = (perOperation: number) => perOperation * (pace ?? NaN)
  return [
    name,
    ...(isCompared ? [target.name] : []),
    told(growth?.rate),
    growth ? range(growth.low * thousand, growth.high * thousand, unit) : none,
    growth && pace !== undefined
      ? `${amount(minute(growth.rate), unit)} (${range(minute(growth.low), minute(growth.high), unit)})`
      : none,
    told(detectable),
    told(verdict.criterion?.below),
    verdict.criterion ? resultCells[resultOf(facts)] : { text: 'NO CRITERION', tone: 'open' },
    outcomeCells[facts.outcome],
  ]
}

function explanation(run: RunRecord): readonly Block[] {
  const unmet = run.targets.flatMap((target) => reasonsOf(target, run.targets.length > 1))
  const informative = [
    ...new Set(run.targets.flatMap(({ resources }) => resources.filter((one) => one.isInformative))),
  ].map(({ name }) => name)
  const texts = [
    ...(run.targets.some((target) => factsOf(target).some(({ growth }) => growth))
      ? [
          `Each limit holds with ${levelsOf(run).join(' or ')}: what is missing to 100\u00a0% is alpha, divided by the resources and by the looks that were taken.`,
          'Detectable: about the growth from which on a run like this one shows a leak. A minute is one at the pace of this run.',
        ]
      : []),
    ...(informative.length > 0 ? [`Read but not judged: ${[...new Set(informative)].join(', ')}.`] : []),
  ]
  return [
    ...(texts.length > 0 ? [{ kind: 'paragraph', text: texts.join(' ') } as const] : []),
    ...(unmet.length > 0 ? [{ kind: 'list', items: unmet } as const] : []),
  ]
}

/** Of the limits, for each number of resources. */
function levelsOf({ targets }: RunRecord): readonly string[] {
  return [...new Set(targets.map(({ verdict }) => percent(1 - verdict.level)))]
}

/** Why what is neither a leak nor clean is not. */
function reasonsOf(target: TargetRecord, isCompared: boolean): readonly string[] {
  const reasons = factsOf(target).flatMap(({ name, outcome, verdict }) =>
    verdict.reason === undefined || outcome === 'leak' || outcome === 'clean'
      ? []
      : [[name, `${verdict.reason}.`] as const],
  )
  return grouped(reasons).map((text) => (isCompared ? `${target.name}, ${text}` : text))
}
