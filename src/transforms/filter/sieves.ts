import { RE2JS } from 're2js'
import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import { linesWith } from '../../batch/lines-with.ts'
import type { Origin } from '../../batch/origin.ts'
import { matchesAny } from '../../lib/name-patterns.ts'
import { levelNames, levelOf, noLevel } from './level.ts'
import type { Options } from './schema.ts'

/** Flags lines of a batch that it does not let through. */
type Sieve = (batch: Batch) => void

/** What the options ask for, the cheapest first: what is dropped already is not looked at. */
export function sievesOf(options: Options): readonly Sieve[] {
  const { include, include_regex, exclude, exclude_regex, level } = options
  const sieves = [originSieve(options), includeSieve(include, include_regex)]
  if (exclude.length > 0) {
    const needles = exclude.map(toBytes)
    sieves.push((batch) => dropWhere(batch, linesWith(batch, needles), 1))
  }
  if (level !== undefined) sieves.push(levelSieve(levelNames.indexOf(level)))
  if (exclude_regex.length > 0) {
    const matches = matcherOf(exclude_regex)
    sieves.push((batch) => dropLines(batch, (row) => matches(batch, row)))
  }
  return sieves.filter((sieve) => sieve !== undefined)
}

/** Container and stream are asked about once for each stream in the batch. */
function originSieve({ containers, streams }: Options): Sieve | undefined {
  const isOfContainer = containers.length === 0 ? undefined : matchesAny(containers)
  if (isOfContainer === undefined && streams.length === 2) return undefined
  const isWanted = ({ container, stream }: Origin) =>
    streams.includes(stream) && (isOfContainer?.(container.name) ?? true)
  return (batch) => {
    const wanted = batch.origins.map(isWanted)
    if (wanted.includes(false)) dropLines(batch, (row) => !wanted[batch.columns.origin[row]!]!)
  }
}

/** A line that has one of the texts is kept without asking the patterns. */
function includeSieve(texts: readonly string[], patterns: readonly string[]): Sieve | undefined {
  if (texts.length + patterns.length === 0) return undefined
  const needles = texts.map(toBytes)
  if (patterns.length === 0) return (batch) => dropWhere(batch, linesWith(batch, needles), 0)
  const matches = matcherOf(patterns)
  return (batch) => {
    const isFound = linesWith(batch, needles)
    dropLines(batch, (row) => isFound[row] === 0 && !matches(batch, row))
  }
}

function levelSieve(least: number): Sieve {
  return (batch) => {
    const { bytes, columns } = batch
    dropLines(batch, (row) => {
      const level = levelOf(bytes, columns.start[row]!, columns.end[row]!)
      return level !== noLevel && level < least
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

function dropLines({ count, columns: { flags } }: Batch, isUnwanted: (row: number) => boolean): void {
  for (let row = 0; row < count; row++) {
    if ((flags[row]! & lineFlags.dropped) === 0 && isUnwanted(row)) flags[row] = flags[row]! | lineFlags.dropped
  }
}

function dropWhere({ count, columns: { flags } }: Batch, isFound: Uint8Array, unwanted: 0 | 1): void {
  for (let row = 0; row < count; row++) {
    if (isFound[row] === unwanted) flags[row] = flags[row]! | lineFlags.dropped
  }
}

function toBytes(text: string): Buffer {
  return Buffer.from(text)
}
