import type { Level } from './level.ts'
import type { IsWanted } from './line-buffer.ts'

/** What somebody wants to see. */
export interface Wishes {
  /** Patterns of container names, separated by commas. */
  readonly containers: string
  readonly stream: '' | 'stdout' | 'stderr'
  readonly at: string
  readonly include: string
  readonly includeIsPattern: boolean
  readonly exclude: string
  readonly excludeIsPattern: boolean
  readonly level: 'all' | 'info' | 'warn' | 'error'
}

export const noWishes: Wishes = {
  containers: '',
  stream: '',
  at: '',
  include: '',
  includeIsPattern: false,
  exclude: '',
  excludeIsPattern: false,
  level: 'all',
}

const ranks: Readonly<Record<Level, number>> = { none: 0, debug: 0, info: 1, warn: 2, error: 3 }
const leastRank = { all: 0, info: 1, warn: 2, error: 3 } as const

/** What the collector is asked for: as much as it can choose by itself. Patterns of somebody's are matched here, where they can slow down nobody else. */
export function queryOf(wishes: Wishes): URLSearchParams {
  const { containers, stream, at, include, includeIsPattern, exclude, excludeIsPattern } = wishes
  const query = new URLSearchParams()
  for (const pattern of patternsOf(containers)) query.append('container', pattern)
  if (stream !== '') query.set('stream', stream)
  if (at !== '') query.set('at', at)
  if (include !== '' && !includeIsPattern) query.set('include', include)
  if (exclude !== '' && !excludeIsPattern) query.set('exclude', exclude)
  return query
}

/** Whether a line that is there already is wanted. @throws SyntaxError of a pattern that is none */
export function wantedBy(wishes: Wishes): IsWanted {
  const { containers, stream, at, level } = wishes
  const includes = matcher(wishes.include, wishes.includeIsPattern ? 'pattern' : 'text')
  const excludes = matcher(wishes.exclude, wishes.excludeIsPattern ? 'pattern' : 'text')
  const names = patternsOf(containers).map(wildcard)
  const least = leastRank[level]
  return ({ line, level: own }) =>
    ranks[own] >= least &&
    (stream === '' || line.stream === stream) &&
    (at === '' || line.at === at) &&
    (names.length === 0 || names.some((name) => name.test(line.container))) &&
    (includes === undefined || includes(line.text)) &&
    (excludes === undefined || !excludes(line.text))
}

function patternsOf(containers: string): string[] {
  return containers
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '')
    .slice(0, 16)
}

function matcher(wanted: string, kind: 'text' | 'pattern'): ((text: string) => boolean) | undefined {
  if (wanted === '') return undefined
  if (kind === 'text') return (text) => text.includes(wanted)
  const pattern = new RegExp(wanted, 'u')
  return (text) => pattern.test(text)
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${escaped}$`, 'u')
}
