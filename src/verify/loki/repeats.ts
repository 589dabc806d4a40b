/**
 * Entries of equal time and text in one stream: query_range shows them once, although Loki may have stored, and count, each of them (measured on
 * 3.6: 10,000 entries that were sent twice count 20,000). So every stretch is counted, too; where Loki counts more than it shows, the stretch is
 * halved until it is known which entries are there more than once.
 */
import { VerifyError } from '../verify-error.ts'
import { countOf, type LokiEntry } from './entries.ts'
import { quote } from './selectors.ts'
import { millisecond, type Span } from './span.ts'
import { type Reading, readStretches, type Stretch } from './stretches.ts'

/** Questions of one comparison that find out where the repeats are; beyond only their number is right. */
const maxQuestions = 2_000
/** Of so many entries each is taken to be there equally often where their number allows it: a block that was sent again. */
const manyEntries = 64
/** More entries of one millisecond are not told apart. */
const maxTexts = 64
/** A stretch that still grows is read so often. */
const maxReads = 5

/** Adds to stretches the repeats that Loki does not show. */
export class Repeats {
  /** Why Loki does not count; undefined: it does. */
  unknown: string | undefined
  #questionsLeft = maxQuestions

  /** The stretch with each entry as often as Loki has it. */
  async addTo(stretch: Stretch, reading: Reading, signal: AbortSignal): Promise<Stretch> {
    let whole = stretch
    // Where it shows nothing it has nothing.
    if (stretch.cut.length > 0 || stretch.entries.length === 0) return whole
    for (let reads = 0; reads < maxReads; reads++) {
      const count = await this.#count(reading, whole, signal)
      if (count === undefined || count <= whole.entries.length) return whole
      // What came between the two questions is no repeat.
      const again = await readAgain(whole, reading, signal)
      if (again.entries.length === whole.entries.length)
        return { ...whole, entries: await this.#locate(whole, { count, reading }, signal) }
      whole = again
    }
    return whole
  }

  async #locate(
    { from, to, entries }: Stretch,
    { count, reading }: { readonly count: number; readonly reading: Reading },
    signal: AbortSignal,
  ): Promise<LokiEntry[]> {
    if (count <= entries.length || entries.length === 0) return [...entries]
    const isEven = count % entries.length === 0
    if (isEven && (entries.length === 1 || entries.length >= manyEntries))
      return entries.flatMap((entry) => repeated(entry, count / entries.length))
    if (this.#questionsLeft <= 0) return withExtra(entries, count - entries.length)
    const middle = middleOf(entries)
    if (!middle) return await this.#locateByText({ from, to, entries, cut: [] }, { count, reading }, signal)
    const { index, border } = middle
    const first = { from, to: border, entries: entries.slice(0, index), cut: [] }
    const second = { from: border, to, entries: entries.slice(index), cut: [] }
    this.#questionsLeft -= 1
    const firstCount = (await this.#count(reading, first, signal)) ?? first.entries.length
    return [
      ...(await this.#locate(first, { count: firstCount, reading }, signal)),
      ...(await this.#locate(second, { count: count - firstCount, reading }, signal)),
    ]
  }

  /** Within a millisecond entries are told apart by what they contain, the longest texts first: a shorter one may be a part of them. */
  async #locateByText(
    stretch: Stretch,
    { count, reading }: { readonly count: number; readonly reading: Reading },
    signal: AbortSignal,
  ): Promise<LokiEntry[]> {
    const entries = [...stretch.entries]
    if (entries.length > maxTexts) return withExtra(entries, count - entries.length)
    const texts = [...new Set(entries.map(({ line }) => line))].sort((a, b) => b.length - a.length)
    for (const text of texts) {
      if (entries.length >= count || this.#questionsLeft <= 0) break
      this.#questionsLeft -= 1
      const selector = `${reading.query.selector} |= ${quote(text)}`
      const found = await this.#count({ ...reading, query: { ...reading.query, selector } }, stretch, signal)
      const known = entries.filter(({ line }) => line.includes(text)).length
      const first = entries.findIndex(({ line }) => line === text)
      entries.splice(first, 0, ...repeated(entries[first]!, Math.min((found ?? 0) - known, count - entries.length)))
    }
    return withExtra(entries, count - entries.length)
  }

  /** How many entries Loki has stored; undefined: it does not say. */
  async #count({ reader, query }: Reading, { from, to }: Span, signal: AbortSignal): Promise<number | undefined> {
    if (this.unknown !== undefined) return undefined
    // A range is open at its beginning and closed at its end, and takes no unit below ms (pkg/logql, evaluator.go and syntax/lex.go).
    const range = `${(to - from) / millisecond}ms`
    const words = { query: `sum(count_over_time(${query.selector} [${range}]))`, time: String(to - 1n) }
    try {
      const answer = await reader.ask({ path: '/loki/api/v1/query', query: words, tenant: query.tenant }, signal)
      if (answer.kind === 'data') return countOf(answer.data)
      this.unknown = answer.reason
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error
      this.unknown = error.message
    }
    return undefined
  }
}

async function readAgain({ from, to }: Stretch, reading: Reading, signal: AbortSignal): Promise<Stretch> {
  const parts: Stretch[] = []
  for await (const part of readStretches(reading, { from, to }, signal)) parts.push(part)
  return { from, to, entries: parts.flatMap(({ entries }) => entries), cut: parts.flatMap(({ cut }) => cut) }
}

/** Where the second half begins: between two entries, at a whole millisecond; undefined: all are of one. */
function middleOf(entries: readonly LokiEntry[]): { readonly index: number; readonly border: bigint } | undefined {
  const half = entries.length >> 1
  const borderAt = (index: number) => wholeMillisecond(entries[index]!)
  const isBorder = (index: number) => borderAt(index) !== borderAt(index - 1)
  for (let index = half; index > 0; index--) if (isBorder(index)) return { index, border: borderAt(index) }
  for (let index = half + 1; index < entries.length; index++)
    if (isBorder(index)) return { index, border: borderAt(index) }
  return undefined
}

function wholeMillisecond({ time }: LokiEntry): bigint {
  return BigInt(time.slice(0, -6)) * millisecond
}

function repeated(entry: LokiEntry, times: number): LokiEntry[] {
  return Array.from({ length: Math.max(0, times) }, () => entry)
}

/** Which of them are there more often is not known: the first stands for all. */
function withExtra(entries: readonly LokiEntry[], extra: number): LokiEntry[] {
  return [...repeated(entries[0]!, extra), ...entries]
}
