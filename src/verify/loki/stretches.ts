/**
 * Reads a window of time from Loki's query_range as stretches that are whole, of whole milliseconds: finer ones it cannot count.
 *
 * An answer that is as long as its limit may end within the entries of one nanosecond, and the next question can only begin at a time: so of a full
 * answer the entries of its last millisecond are left to the next question. Where that fills an answer by itself, nanoseconds take its place; where one
 * nanosecond does, its streams are asked for one by one; a stream that fills an answer by itself cannot be read as a whole, and is said to be cut.
 */
import type { LokiReader } from './client.ts'
import type { LokiQuery } from './connection.ts'
import { entriesOf, type Labels, type LokiEntry } from './entries.ts'
import type { QuestionSize } from './question-size.ts'
import { millisecond, type Span } from './span.ts'
import { readSeries, selectorOf, splitQuery } from './selectors.ts'

/** All entries from `from` on and before `to`, in nanoseconds since 1970 and in the order of time. Both are whole milliseconds. */
export interface Stretch extends Span {
  readonly entries: readonly LokiEntry[]
  /** Labels of entries of which there are more than Loki gives. */
  readonly cut: readonly Labels[]
}

export interface Reading {
  readonly reader: LokiReader
  readonly size: QuestionSize
  readonly query: LokiQuery
}

/** `from` and `to` are whole milliseconds. */
export async function* readStretches(
  reading: Reading,
  { from, to }: Span,
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
    const last = BigInt(entries.at(-1)!.time)
    const border = last - (last % millisecond)
    if (border > at) {
      yield { from: at, to: border, entries: before(entries, border), cut: [] }
      at = border
    } else {
      yield await readMillisecond(reading, at, signal)
      at += millisecond
    }
  }
}

/** More than an answer holds. */
async function readMillisecond(reading: Reading, from: bigint, signal: AbortSignal): Promise<Stretch> {
  const to = from + millisecond
  const found: LokiEntry[] = []
  const cut: Labels[] = []
  let at = from
  while (at < to) {
    const limit = reading.size.entries
    const entries = await askRange(reading, { from: at, to, limit }, signal)
    if (!entries) continue
    const last = entries.length < limit ? to : BigInt(entries.at(-1)!.time)
    const whole = before(entries, last)
    found.push(...whole)
    at = last
    if (last === to || whole.length > 0) continue
    const crowd = await readNanosecond(reading, last, signal)
    found.push(...crowd.entries)
    cut.push(...crowd.cut)
    at = last + 1n
  }
  return { from, to, entries: found, cut }
}

/** Of entries in the order of time those before a time. */
function before(entries: readonly LokiEntry[], nanos: bigint): LokiEntry[] {
  const end = entries.findIndex(({ time }) => BigInt(time) >= nanos)
  return end < 0 ? [...entries] : entries.slice(0, end)
}

interface Range extends Span {
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
