import { RE2JS } from 're2js'
import { matchesAny } from '../lib/name-patterns.ts'
import type { Batch } from './batch.ts'
import type { Fields } from './fields/fields.ts'
import { lineFlags } from './flags.ts'
import { type LevelName, levelNames, levelOf, levelOfValue, noLevel } from './level.ts'
import { linesWith } from './lines-with.ts'
import type { Origin } from './origin.ts'

/** What is asked of a line; component/conditions.ts says what each means. */
export interface Conditions {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly include_regex: readonly string[]
  readonly exclude_regex: readonly string[]
  readonly streams: readonly ('stdout' | 'stderr')[]
  readonly containers: readonly string[]
  readonly level?: LevelName | undefined
}

/** Takes rows out of `candidates`, which has 1 for each row that is still asked about. */
export type Sieve = (batch: Batch, candidates: Uint8Array) => void

/** 1 for each row that is not dropped. */
export function candidatesOf({ count, columns: { flags } }: Batch): Uint8Array {
  const candidates = new Uint8Array(count)
  for (let row = 0; row < count; row++) candidates[row] = (flags[row]! & lineFlags.dropped) === 0 ? 1 : 0
  return candidates
}

/** What leaves the rows that meet all conditions. The cheapest are asked first, and what is out already is asked no more. `withoutLevel`: whether a line that says no level has the level. */
export function sieveOf(conditions: Conditions, { withoutLevel }: { readonly withoutLevel: boolean }): Sieve {
  const { include, include_regex, exclude, exclude_regex, level } = conditions
  const sieves: (Sieve | undefined)[] = [originSieve(conditions), includeSieve(include, include_regex)]
  if (exclude.length > 0) {
    const needles = exclude.map(toBytes)
    sieves.push((batch, candidates) => removeWhere(candidates, linesWith(batch, needles), 1))
  }
  if (level !== undefined) sieves.push(levelSieve(levelNames.indexOf(level), withoutLevel))
  if (exclude_regex.length > 0) {
    const matches = matcherOf(exclude_regex)
    sieves.push((batch, candidates) => remove(candidates, (row) => matches(batch, row)))
  }
  const all = sieves.filter((sieve) => sieve !== undefined)
  return (batch, candidates) => {
    for (const sieve of all) sieve(batch, candidates)
  }
}

/** Container and stream are asked about once for each stream in the batch. */
function originSieve({ containers, streams }: Conditions): Sieve | undefined {
  const isOfContainer = containers.length === 0 ? undefined : matchesAny(containers)
  if (isOfContainer === undefined && streams.length === 2) return undefined
  const isWanted = ({ container, stream }: Origin) =>
    streams.includes(stream) && (isOfContainer?.(container.name) ?? true)
  return ({ origins, columns: { origin } }, candidates) => {
    const wanted = origins.map(isWanted)
    if (wanted.includes(false)) remove(candidates, (row) => !wanted[origin[row]!]!)
  }
}

/** A line that has one of the texts is kept without asking the patterns. */
function includeSieve(texts: readonly string[], patterns: readonly string[]): Sieve | undefined {
  if (texts.length + patterns.length === 0) return undefined
  const needles = texts.map(toBytes)
  if (patterns.length === 0) return (batch, candidates) => removeWhere(candidates, linesWith(batch, needles), 0)
  const matches = matcherOf(patterns)
  return (batch, candidates) => {
    const isFound = linesWith(batch, needles)
    remove(candidates, (row) => isFound[row] === 0 && !matches(batch, row))
  }
}

/** The field `level` is asked first, where a line has one that says a level. */
function levelSieve(least: number, withoutLevel: boolean): Sieve {
  return ({ bytes, columns, fields }, candidates) => {
    const name = fields?.indexOf('level') ?? -1
    remove(candidates, (row) => {
      let level = name === -1 ? noLevel : levelOfField(fields!, row, name)
      if (level === noLevel) level = levelOf(bytes, columns.start[row]!, columns.end[row]!)
      return level === noLevel ? !withoutLevel : level < least
    })
  }
}

function levelOfField(fields: Fields, row: number, name: number): number {
  const value = fields.find(row, name)
  return value === -1 ? noLevel : levelOfValue(fields.bytes, fields.columns.start[value]!, fields.columns.end[value]!)
}

/** Makes a string of the line, which is several times faster than matching its bytes. */
function matcherOf(patterns: readonly string[]): (batch: Batch, row: number) => boolean {
  const compiled = patterns.map((pattern) => RE2JS.compile(pattern))
  return ({ bytes, columns }, row) => {
    const text = bytes.toString('utf8', columns.start[row], columns.end[row])
    return compiled.some((pattern) => pattern.test(text))
  }
}

function remove(candidates: Uint8Array, isUnwanted: (row: number) => boolean): void {
  for (let row = 0; row < candidates.length; row++) if (candidates[row] === 1 && isUnwanted(row)) candidates[row] = 0
}

function removeWhere(candidates: Uint8Array, isFound: Uint8Array, unwanted: 0 | 1): void {
  for (let row = 0; row < candidates.length; row++) if (isFound[row] === unwanted) candidates[row] = 0
}

function toBytes(text: string): Buffer {
  return Buffer.from(text)
}
