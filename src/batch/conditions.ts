import { RE2JS } from 're2js'
import { matchesAny } from '../lib/name-patterns.ts'
import type { Batch } from './batch.ts'
import { expressionSieve } from './expression/expression.ts'
import { lineFlags } from './flags.ts'
import { type LevelName, levelNames, noLevel } from './level.ts'
import { linesWith } from './lines-with.ts'
import { levelField, levelOfRow } from './row-level.ts'
import { remove, removeWhere, type Sieve } from './sieve.ts'
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
  readonly where?: string | undefined
}

/** 1 for each row that is not dropped. */
export function candidatesOf({ count, columns: { flags } }: Batch): Uint8Array {
  const candidates = new Uint8Array(count)
  for (let row = 0; row < count; row++) candidates[row] = (flags[row]! & lineFlags.dropped) === 0 ? 1 : 0
  return candidates
}

/** What leaves the rows that meet all conditions. The cheapest are asked first, and what is out already is asked no more. `withoutLevel`: whether a line that says no level has the level. */
export function sieveOf(conditions: Conditions, { withoutLevel }: { readonly withoutLevel: boolean }): Sieve {
  const { include, include_regex, exclude, exclude_regex, level, where } = conditions
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
  if (where !== undefined) sieves.push(expressionSieve(where))
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

function levelSieve(least: number, withoutLevel: boolean): Sieve {
  return (batch, candidates) => {
    const name = batch.fields?.indexOf(levelField) ?? -1
    remove(candidates, (row) => {
      const level = levelOfRow(batch, row, name)
      return level === noLevel ? !withoutLevel : level < least
    })
  }
}

/** Makes a string of the line, which is several times faster than matching its bytes. */
function matcherOf(patterns: readonly string[]): (batch: Batch, row: number) => boolean {
  const compiled = patterns.map((pattern) => RE2JS.compile(pattern))
  return ({ bytes, columns }, row) => {
    const text = bytes.toString('utf8', columns.start[row], columns.end[row])
    return compiled.some((pattern) => pattern.test(text))
  }
}

function toBytes(text: string): Buffer {
  return Buffer.from(text)
}
