/**
 * Reads a window of time from Loki's query_range as stretches that are whole.
 *
 * An answer that is as long as its limit may end within the entries of one nanosecond, and the next question can only begin at a time: so of a full
 * answer the entries of its last nanosecond are left to the next question. Where that nanosecond alone fills an answer, its streams are asked for one by
 * one; a stream that fills an answer by itself cannot be read as a whole, and is said to be cut.
 */
import type { LokiReader } from './client.ts'
import type { LokiQuery } from './connection.ts'
import { entriesOf, type Labels, type LokiEntry } from './entries.ts'
import type { QuestionSize } from './question-size.ts'
import { readSeries, selectorOf, splitQuery } from './selectors.ts'

/** All entries from `from` on and before `to`, in nanoseconds since 1970 and in the order of time. */
export interface Stretch {
  readonly from: bigint
  readonly to: bigint
  readonly entries: readonly LokiEntry[]
  /** Labels of entries of which there are more than Loki gives. */
  readonly cut: readonly Labels[]
}

export interface Reading {
  readonly reader: LokiReader
  readonly size: QuestionSize
  readonly query: LokiQuery
}

export async function* readStretches(
  reading: Reading,
  { from, to }: { readonly from: bigint; readonly to: bigint },
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const { size } = reading
  let at = from
  while (at < to) {
    const end = at + size.nanos < to ? at + size.nanos : to
    const limit = size.entries
    const entries = await askRange(reading, { from: at, to: end, limit }, signal)
    if (!entries) continue
    if (entries.length < limit) {
      yield { from: at, to: end, entries, cut: [] }
      at = end
      continue
    }
    const last = entries.at(-1)!.time
    const whole = entries.slice(
      0,
      entries.findIndex(({ time }) => time === last),
    )
    if (whole.length > 0) {
      yield { from: at, to: BigInt(last), entries: whole, cut: [] }
      at = BigInt(last)
    } else {
      const { entries: crowd, cut } = await readNanosecond(reading, BigInt(last), signal)
      yield { from: at, to: BigInt(last) + 1n, entries: crowd, cut }
      at = BigInt(last) + 1n
    }
  }
}

interface Range {
  readonly from: bigint
  readonly to: bigint
  readonly limit: number
}

/** Undefined: it was too much, and less is asked for from now on. */
async function askRange(
  { reader, size, query }: Reading,
  { from, to, limit }: Range,
  signal: AbortSignal,
): Promise<LokiEntry[] | undefined> {
  const words = {
    query: query.selector,
    start: String(from),
    end: String(to),
    limit: String(limit),
    direction: 'forward',
  }
  const answer = await reader.ask({ path: '/loki/api/v1/query_range', query: words, tenant: query.tenant }, signal)
  if (answer.kind === 'too large') {
    size.askLess(answer)
    return undefined
  }
  size.answered(answer.bytes)
  return entriesOf(answer.data)
}

async function readNanosecond(
  reading: Reading,
  at: bigint,
  signal: AbortSignal,
): Promise<Pick<Stretch, 'entries' | 'cut'>> {
  const { size, query } = reading
  const range = { from: at, to: at + 1n, limit: size.maxEntries }
  const together = await askRange(reading, range, signal)
  if (together && together.length < range.limit) return { entries: together, cut: [] }
  const { pipeline } = splitQuery(query.selector)
  const entries: LokiEntry[] = []
  const cut: Labels[] = []
  for (const series of await readSeries(reading, range, signal)) {
    const selector = `${selectorOf(series)}${pipeline}`
    const limit = size.maxEntries
    const own = await askRange({ ...reading, query: { ...query, selector } }, { ...range, limit }, signal)
    entries.push(...(own ?? []))
    if (!own || own.length >= limit) cut.push(...(own && own.length > 0 ? labelsOf(own) : [series]))
  }
  return { entries, cut }
}

function labelsOf(entries: readonly LokiEntry[]): Labels[] {
  return [...new Set(entries.map(({ labels }) => labels))]
}
