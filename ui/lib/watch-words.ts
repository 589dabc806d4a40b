import type { Overview } from '../../src/api/v1/schemas.ts'
import type { Tone } from '../parts/common.tsx'
import { formatBytes, formatSeconds } from './format.ts'

type Watch = Overview['watch']
export type WatchedResource = Watch['resources'][number]

export const outcomeWords = {
  clean: 'clean',
  leak: 'leak',
  not_enough_evidence: 'not enough evidence',
  invalid: 'cannot be read',
} as const

export const outcomeTones = {
  clean: 'good',
  leak: 'bad',
  not_enough_evidence: 'idle',
  invalid: 'warn',
} as const satisfies Record<Watch['outcome'], Tone>

const names: Readonly<Record<string, string>> = {
  descriptors_beyond_ledger: 'descriptors beyond the ledger',
  engine_connections: 'connections to engines',
}

export function resourceName({ name }: Pick<WatchedResource, 'name'>): string {
  return names[name] ?? name.replaceAll('_', ' ')
}

export function amountText({ unit }: Pick<WatchedResource, 'unit'>, value: number): string {
  if (unit === 'bytes') return formatBytes(Math.round(value))
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 })
}

/** The verdict on the collector's own resources, in a sentence or two. */
export function verdictWords({ outcome, resources, watchedSeconds }: Watch): string {
  const clean = resources.filter((one) => one.outcome === 'clean').length
  const watched = `watched for ${formatSeconds(watchedSeconds)}`
  switch (outcome) {
    case 'leak':
      return resources
        .filter((one) => one.outcome === 'leak')
        .map(leakWords)
        .join(' ')
    case 'clean':
      return `Nothing that the collector holds grows: all ${resources.length} resources are clean, ${watched}.`
    case 'invalid':
      return `${resources
        .filter((one) => one.outcome === 'invalid')
        .map(resourceName)
        .join(', ')} cannot be read on this system; ${clean} of ${resources.length} resources are clean, ${watched}.`
    case 'not_enough_evidence': {
      const open = resources.filter((one) => one.outcome === outcome)
      const reasons = [...new Set(open.flatMap(({ reason }) => reason ?? []))]
      return `No leak is shown; ${clean} of ${resources.length} resources are known to be clean, ${watched}. ${reasons.length === 1 ? `Still open: ${reasons[0]!}.` : ''}`.trim()
    }
  }
}

function leakWords(one: WatchedResource): string {
  const growth = one.growthPerHour
  const speed = growth
    ? ` by about ${amountText(one, growth.rate)} an hour, at least ${amountText(one, growth.low)}`
    : ''
  const limit = one.limitInHours
    ? ` At that speed the limit of descriptors is reached in about ${formatSeconds(one.limitInHours.likely * 3600)}.`
    : ''
  return `A leak: ${resourceName(one)} grow${resourceName(one).endsWith('s') ? '' : 's'}${speed}, with nothing to explain it.${limit}`
}
