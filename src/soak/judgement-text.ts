import { visibleText } from '../lib/visible-text.ts'
import type { Evidence, Growth } from './verdict/growth.ts'
import type { Outcome, ResourceVerdict, Verdict } from './verdict/judge.ts'
import type { AxisUnit } from './verdict/series.ts'

export const observational =
  'Observational: the load was not controlled and nothing proves that the work was done. This says whether a resource grew, not why, nor that what you care about ran.'

const words: Readonly<Record<Outcome, string>> = {
  clean: 'CLEAN',
  leak: 'LEAK',
  not_enough_evidence: 'NOT ENOUGH EVIDENCE',
  invalid: 'INVALID',
}

/** Rates are told for so many units of the axis: a single operation leaks next to nothing. */
const per: Readonly<Record<AxisUnit, { readonly units: number; readonly words: string }>> = {
  cycle: { units: 1, words: 'a cycle' },
  operation: { units: 1_000, words: 'per 1,000 operations' },
  minute: { units: 1, words: 'a minute' },
}

/** The verdict for people: a table of resources, a sentence on each, a note on the load, and one on all of them. */
export function judgementLines(verdict: Verdict, note: string): readonly string[] {
  const { resources, unit, level, readings, faults } = verdict
  const head = ['resource', `growth ${per[unit].words}`, `${percent(1 - level)} limits`, 'criterion', 'verdict']
  return [
    ...faults.map((fault) => `INVALID: ${visibleText(fault)}`),
    ...aligned([head, ...resources.map((one) => rowOf(one, unit))]),
    '',
    ...resources.map((one) => `${visibleText(one.name)}: ${sentenceOf(one, verdict)}`),
    ...(verdict.notJudged.length > 0
      ? [`Not judged, as no criterion names them: ${verdict.notJudged.map(visibleText).join(', ')}`]
      : []),
    '',
    note,
    `${words[verdict.outcome]}: ${readings} readings, ${summaryOf(verdict)}`,
  ]
}

function rowOf({ name, growth, criterion, outcome }: ResourceVerdict, unit: AxisUnit): readonly string[] {
  const rate = (value: number) => figure(value * per[unit].units)
  const limits = growth ? `${rate(growth.low)} to ${rate(growth.high)}` : '-'
  const wanted = criterion ? `below ${rate(criterion.below)}: ${criterion.result.replace('_', ' ')}` : '-'
  return [visibleText(name), growth ? rate(growth.rate) : '-', limits, wanted, words[outcome]]
}

function sentenceOf(one: ResourceVerdict, { unit }: Verdict): string {
  const { outcome, growth, reason, moreNeeded, criterion, evidence } = one
  const { units, words: perUnit } = per[unit]
  const basis = evidence ? ` (${basisOf(evidence, unit)})` : ''
  if (outcome === 'leak' && growth) return `a leak of ${rangeOf(growth, unit)}${budgetOf(criterion?.result)}${basis}`
  if (outcome === 'clean' && growth)
    return `no growth of ${figure(growth.high * units)} ${perUnit} or more, and the criterion is ${figure(criterion!.below * units)}${basis}`
  const isBound = evidence?.rule === 'bound'
  const limit = growth && isBound ? `: below ${figure(growth.high * units)} ${perUnit}` : ''
  const more =
    moreNeeded === undefined
      ? ''
      : `; ${isBound ? 'at least' : 'about'} ${figure(moreNeeded)} ${unit}s more of the same would show it`
  return `${reason ?? ''}${limit}${more}${basis}`
}

function rangeOf({ rate, low, high }: Growth, unit: AxisUnit): string {
  const { units, words: perUnit } = per[unit]
  return `about ${figure(rate * units)} ${perUnit}, at least ${figure(low * units)} and at most ${figure(high * units)}`
}

function budgetOf(result: 'met' | 'missed' | 'not_judged' | undefined): string {
  switch (result) {
    case undefined:
      return ''
    case 'met':
      return ', within the criterion'
    case 'missed':
      return ', beyond the criterion'
    case 'not_judged':
      return '; whether that is within the criterion is open'
  }
}

function basisOf(evidence: Evidence, unit: AxisUnit): string {
  const judged = `${figure(evidence.exposure)} ${unit}s judged after ${evidence.warmUp} readings of warm-up`
  switch (evidence.rule) {
    case 'rises':
      return `the floor rose ${evidence.rises} times by ${figure(evidence.risen)} in all, a leak takes ${evidence.risesNeeded} rises; ${judged}`
    case 'bound':
      return `a limit of ${figure(evidence.steady.below)} a ${unit} takes ${figure(evidence.steady.exposure)} steady ${unit}s; the floor rose by ${figure(evidence.risen)}, the largest fall was ${figure(evidence.largestFall)}; ${judged}`
    case 'trend':
      return `${figure(evidence.effectiveReadings)} independent readings, ${evidence.effectiveReadingsNeeded} are needed; largest step ${figure(evidence.largestStep)}, growth without it ${figure(evidence.rateWithoutStep * per[unit].units)}; ${judged}`
  }
}

function summaryOf({ resources, alpha }: Verdict): string {
  if (resources.length === 0) return 'and nothing to judge'
  const count = (outcome: Outcome) => resources.filter((one) => one.outcome === outcome).length
  const parts = (['leak', 'clean', 'not_enough_evidence', 'invalid'] as const)
    .map((outcome) => [count(outcome), words[outcome].toLowerCase()] as const)
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
  return `${parts.join(', ')}; a wrong verdict on any resource has a chance of at most ${percent(alpha)}, where the series is of the kind that was tried`
}

function figure(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && size < 0.01) return value.toPrecision(1)
  return size < 100 ? String(Number(value.toFixed(2))) : Math.round(value).toLocaleString('en-US')
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(5))} %`
}

/** Rows of a table, with their columns one below the other. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}
