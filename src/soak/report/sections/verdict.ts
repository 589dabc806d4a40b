import { outcomeOf } from '../../outcome.ts'
import type { RunRecord, TargetRecord } from '../../run-record.ts'
import type { Block } from '../document.ts'
import { factsOf, type ResourceFacts, targetUnderTest, thousand } from '../facts.ts'
import { amount, listed, percent, whole } from '../figures.ts'

/** What the run says, in a headline and in one or two sentences with all their figures. */
export function verdictBlock(run: RunRecord): Extract<Block, { kind: 'verdict' }> {
  const target = targetUnderTest(run.targets)
  const outcome = outcomeOf(target)
  const facts = factsOf(target)
  return { kind: 'verdict', outcome, headline: headlineOf(target, facts), sentence: sentenceOf(target, facts) }
}

function headlineOf(target: TargetRecord, facts: readonly ResourceFacts[]): string {
  const outcome = outcomeOf(target)
  switch (outcome) {
    case 'leak':
      return `Leak: ${listed(few(namesOf(facts, 'leak')))}`
    case 'clean': {
      const criteria = [...byCriterion(facts).keys()]
      return `No leak above ${criteria.length <= 2 ? criteria.join(' or ') : 'the criteria'} per 1,000 operations`
    }
    case 'not_enough_evidence':
      return 'Not enough evidence'
    case 'invalid':
      return 'Invalid: this run cannot be judged'
  }
}

function sentenceOf(target: TargetRecord, facts: readonly ResourceFacts[]): string {
  const outcome = outcomeOf(target)
  const operations = `${whole(target.exposure.operations)} operations`
  const alpha = `The chance that any of this is wrong is at most ${percent(target.verdict.alpha)} (alpha).`
  switch (outcome) {
    case 'leak':
      return `In ${operations} of ${target.name}: ${facts
        .filter((one) => one.outcome === 'leak')
        .map(leakOf)
        .join('; ')}. ${alpha}`
    case 'clean':
      return `In ${operations} of ${target.name}, per 1,000 of them, ${listed(bounds(facts))}. ${alpha}`
    case 'not_enough_evidence': {
      const open = namesOf(facts, 'not_enough_evidence')
      return `${operations} of ${target.name} show no leak, and do not rule one out in ${listed(few(open))}. ${alpha}`
    }
    case 'invalid':
      return `${operations} of ${target.name} were done, and nothing of them counts: ${whyInvalid(target, facts)}.`
  }
}

function leakOf({ name, growth, unit, verdict }: ResourceFacts): string {
  const told = (perOperation: number) => amount(perOperation * thousand, unit)
  const size = growth
    ? `${name} grow by about ${told(growth.rate)} per 1,000 operations, at least ${told(growth.low)} and at most ${told(growth.high)}`
    : `${name} grow`
  switch (verdict.criterion?.result) {
    case undefined:
      return size
    case 'met':
      return `${size}, within the criterion`
    case 'missed':
      return `${size}, beyond the criterion of ${told(verdict.criterion.below)}`
    case 'not_judged':
      return `${size}; whether that is below the criterion of ${told(verdict.criterion.below)} is open`
  }
}

function bounds(facts: readonly ResourceFacts[]): readonly string[] {
  return [...byCriterion(facts)].map(([below, names]) => `${listed(names)} grow by less than ${below}`)
}

/** Names of resources by the criterion that they share. */
function byCriterion(facts: readonly ResourceFacts[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const { name, unit, verdict } of facts) {
    if (!verdict.criterion) continue
    const below = amount(verdict.criterion.below * thousand, unit)
    names.set(below, [...(names.get(below) ?? []), name])
  }
  return names
}

function whyInvalid({ gates, verdict }: TargetRecord, facts: readonly ResourceFacts[]): string {
  const unmet = gates.filter(({ isMet }) => !isMet).map(({ name, detail }) => `${name}: ${detail}`)
  const invalid = facts.filter(({ outcome }) => outcome === 'invalid')
  const reasons = invalid.map((one) => `${one.name}: ${one.verdict.reason ?? 'it cannot be judged'}`)
  const all = [...new Set([...unmet, ...verdict.faults])]
  return (all.length > 0 ? all : few(reasons)).join('; ')
}

function namesOf(facts: readonly ResourceFacts[], outcome: ResourceFacts['outcome']): readonly string[] {
  return facts.filter((one) => one.outcome === outcome).map(({ name }) => name)
}

const shown = 5

/** The first ones, and how many more. */
function few(texts: readonly string[]): readonly string[] {
  return texts.length <= shown ? texts : [...texts.slice(0, shown), `${texts.length - shown} more`]
}
