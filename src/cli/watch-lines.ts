import type { WatchedResourceReport, WatchOutcome, WatchReport } from '../app/watch/remote-report.ts'
import { aligned } from '../soak/judgement-text.ts'
import { formatBytes, formatDuration } from '../lib/units.ts'
import { visibleText } from '../lib/visible-text.ts'

const words: Readonly<Record<WatchOutcome, string>> = {
  clean: 'clean',
  leak: 'LEAK',
  not_enough_evidence: 'not enough evidence',
  invalid: 'INVALID',
}

/** A report for people: a table of resources, and a sentence on what is not clean. */
export function watchLines(report: WatchReport): readonly string[] {
  const { resources, descriptors, residentBytes, watchedSeconds } = report
  const head = ['resource', 'held', 'growth an hour', 'limits', 'judged', 'verdict']
  return [
    ...aligned([head, ...resources.map(rowOf)]),
    '',
    `descriptors open: ${descriptors.open ?? 'unknown'} of ${descriptors.limit?.toLocaleString('en-US') ?? 'no known limit'}; resident: ${formatBytes(residentBytes)}; watched for ${hoursText(watchedSeconds / 3600)}`,
    ...resources.filter(({ outcome }) => outcome !== 'clean').map(sentenceOf),
    watchLine(report),
  ]
}

/** The same in one line. */
export function watchLine({ outcome, resources }: WatchReport): string {
  const leaks = resources.filter((one) => one.outcome === 'leak').map(({ name }) => visibleText(name))
  const clean = resources.filter((one) => one.outcome === 'clean').length
  return `${words[outcome].toUpperCase()}: ${leaks.length > 0 ? `${leaks.join(', ')}; ` : ''}${clean} of ${resources.length} resources clean`
}

function rowOf(one: WatchedResourceReport): readonly string[] {
  const { name, held, growthPerHour: growth, judgedHours, outcome } = one
  const amount = amountOf(one)
  return [
    visibleText(name),
    held === undefined ? '-' : amount(held),
    growth ? amount(growth.rate) : '-',
    growth ? `${amount(growth.low)} to ${amount(growth.high)}` : '-',
    growth && judgedHours !== undefined ? hoursText(judgedHours) : '-',
    words[outcome],
  ]
}

function sentenceOf(one: WatchedResourceReport): string {
  const { name, growthPerHour: growth, judgedHours, since, limitInHours, reason } = one
  if (one.outcome !== 'leak' || !growth || judgedHours === undefined)
    return `${visibleText(name)}: ${visibleText(reason ?? '')}`
  const amount = amountOf(one)
  const reached = limitInHours
    ? `; the limit of descriptors is reached in about ${hoursText(limitInHours.likely)}, at the soonest in ${hoursText(limitInHours.soonest)}`
    : ''
  return `${visibleText(name)}: a leak of about ${amount(growth.rate)} an hour, at least ${amount(growth.low)}, by the last ${hoursText(judgedHours)}; told since ${visibleText(since ?? '')}${reached}`
}

function amountOf({ unit }: WatchedResourceReport): (value: number) => string {
  if (unit === 'items') return (value) => value.toLocaleString('en-US', { maximumFractionDigits: 1 })
  return (value) => (value < 0 ? `-${formatBytes(-Math.round(value))}` : formatBytes(Math.round(value)))
}

/** Whole minutes below a day, else whole hours. */
function hoursText(hours: number): string {
  const minutes = hours * 60
  if (minutes < 1) return `${Math.round(hours * 3600)}s`
  return formatDuration((hours < 24 ? Math.round(minutes) : Math.round(hours) * 60) * 60_000)
}
