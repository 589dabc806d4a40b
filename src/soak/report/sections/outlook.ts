import { outcomeOf } from '../../outcome.ts'
import type { RunRecord, TargetRecord } from '../../run-record.ts'
import { projectionOf } from '../../verdict/projection.ts'
import type { Block } from '../document.ts'
import { factsOf, paceOf, type ResourceFacts, resultOf, targetUnderTest, thousand } from '../facts.ts'
import { amount, duration, grouped, percent, range, whole } from '../figures.ts'

const minutesADay = 1_440

/** What the growth comes to at the pace of this run: when a leak reaches the limit of the process, or what it adds in a day. */
export function projectionBlocks({ targets }: RunRecord): readonly Block[] {
  const target = targetUnderTest(targets)
  const pace = paceOf(target)
  if (pace === undefined) return []
  const items = grouped(
    factsOf(target).flatMap((facts) => {
      const text = projectionText(facts, pace)
      return text === undefined ? [] : [[facts.name, `${text}.`] as const]
    }),
  )
  if (items.length === 0) return []
  return [
    { kind: 'heading', text: 'Projection' },
    {
      kind: 'paragraph',
      text: `At the pace of this run, ${whole(pace)} operations a minute, with the limits of the table above:`,
    },
    { kind: 'list', items },
  ]
}

function projectionText({ outcome, growth, unit, record }: ResourceFacts, pace: number): string | undefined {
  if (!growth) return undefined
  const [rate, low, high] = [growth.rate, growth.low, growth.high].map((one) => one * pace)
  const isLeak = outcome === 'leak'
  const inADay = isLeak
    ? `${amount(rate! * minutesADay, unit)} more in a day (${range(low! * minutesADay, high! * minutesADay, unit)})`
    : `at most ${amount(Math.max(0, high!) * minutesADay, unit)} more in a day`
  const present = record?.floors.findLast((floor) => floor !== null)
  if (record?.limit === undefined || present === undefined) return inADay
  const projection = projectionOf({ outcome, growth }, { present, ceiling: record.limit })!
  const limit = `the limit of ${amount(record.limit, unit)}`
  const after = (operations: number) => duration((operations / pace) * 60)
  const { soonest } = projection
  switch (projection.kind) {
    case 'reached':
      return `${limit} is reached in ${after(projection.soonest)} at the soonest, ${projection.latest === undefined ? 'or never' : `${after(projection.latest)} at the latest`}; ${inADay}`
    case 'not_before':
      return `${limit} is not reached ${soonest === undefined ? 'ever' : `before ${after(soonest)}`} (${percent(1 - projection.level)}); ${inADay}`
  }
}

/** What would have to be seen for the verdict to be another one. */
export function changeBlocks({ targets }: RunRecord): readonly Block[] {
  const target = targetUnderTest(targets)
  return [
    { kind: 'heading', text: 'What would change the verdict' },
    { kind: 'list', items: changesOf(target) },
  ]
}

function changesOf(target: TargetRecord): readonly string[] {
  if (outcomeOf(target) === 'invalid') {
    const unmet = target.gates.filter(({ isMet }) => !isMet).map(({ name }) => `A run in which this holds: ${name}.`)
    return unmet.length > 0 ? unmet : ['A run whose readings can be judged.']
  }
  const changes = grouped(factsOf(target).map((facts) => [facts.name, `${changeOf(facts, target)}.`]))
  return [...changes, 'All: work that this run did not do. What the proof of exposure does not list was not judged.']
}

function changeOf(facts: ResourceFacts, target: TargetRecord): string {
  const { outcome, growth, unit, verdict } = facts
  const { criterion, evidence, moreNeeded } = verdict
  const told = (perOperation: number) => amount(perOperation * thousand, unit)
  if (outcome === 'leak')
    return evidence?.rule === 'rises'
      ? `it would be no leak if what rose came down again and stayed down; ${budgetOf(facts)}`
      : `it would be no leak if the growth stopped for long enough that a single step explains it; ${budgetOf(facts)}`
  if (outcome === 'clean' && growth && criterion)
    return `a criterion of ${told(growth.high)} per 1,000 operations or less would not be met; a leak of about ${told(facts.detectable ?? growth.high)} would have been seen`
  if (outcome === 'invalid') return 'readings that can be judged'
  if (moreNeeded !== undefined)
    return `about ${moreOf(moreNeeded, target)} more of the same would show that it is below the criterion`
  if (!criterion)
    return `a criterion: ${growth ? `its growth is below ${told(growth.high)} per 1,000 operations` : 'how little growth is none'}`
  return growth ? 'a longer run: its estimate is not below the criterion, and not enough to be a leak' : 'a longer run'
}

function budgetOf(facts: ResourceFacts): string {
  const { growth, unit, verdict } = facts
  if (!growth || !verdict.criterion) return 'it has no criterion'
  const told = (perOperation: number) => amount(perOperation * thousand, unit)
  switch (resultOf(facts)) {
    case 'met':
      return `a criterion of ${told(growth.high)} per 1,000 operations or less would not be met`
    case 'missed':
      return `a criterion above ${told(growth.high)} per 1,000 operations would be met`
    case 'not_judged':
      return `a longer run tells whether its criterion of ${told(verdict.criterion.below)} is met`
  }
}

/** Operations, cycles and time. */
function moreOf(operations: number, target: TargetRecord): string {
  const pace = paceOf(target)
  const perCycle = target.exposure.operations / Math.max(1, target.cycles.length)
  const cycles = perCycle > 0 ? `, ${whole(Math.ceil(operations / perCycle))} cycles` : ''
  const time = pace === undefined ? '' : `, ${duration((operations / pace) * 60)}`
  return `${whole(operations)} operations${cycles}${time}`
}
