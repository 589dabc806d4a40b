import { type Matcher, readSelector } from './selector.ts'
import { Refusal } from './push.ts'
import type { StoredStream } from './stored-stream.ts'

export interface QueryLimits {
  /** limits_config.max_entries_limit_per_query */
  readonly maxEntries: number
  /** limits_config.max_query_length */
  readonly maxSeconds: number
}

/** Loki's defaults: its reference of `limits_config`. */
export const queryLimits: QueryLimits = { maxEntries: 5_000, maxSeconds: 721 * 3_600 }

interface Entry {
  readonly time: string
  readonly line: string
}

interface Group {
  readonly labels: Readonly<Record<string, string>>
  readonly entries: Entry[]
}

const nanosPerSecond = 1_000_000_000n

/**
 * Answers a GET of Loki's query API with what `streams` hold: query_range with a selector, query with `sum(count_over_time(selector[range]))`, labels,
 * label values and series. As in Loki: of entries `start` is within and `end` is not, of counts it is the other way round (pkg/logql/evaluator.go); structured
 * metadata is among the labels, so that entries of one stream come in groups; entries of equal time and text are shown once, and counted as
 * often as they were stored (measured on 3.6.15).
 *
 * @returns undefined where there is no such endpoint. @throws Refusal
 */
export function answerQuery(url: URL, streams: readonly StoredStream[], limits: QueryLimits): object | undefined {
  const values = /^\/loki\/api\/v1\/label\/([^/]+)\/values$/.exec(url.pathname)
  if (values) return success(valuesOf(streams, decodeURIComponent(values[1]!)))
  switch (url.pathname) {
    case '/loki/api/v1/query_range':
      return success({ resultType: 'streams', result: queryRange(url.searchParams, streams, limits), stats: {} })
    case '/loki/api/v1/query':
      return success({ resultType: 'vector', result: countOverTime(url.searchParams, streams), stats: {} })
    case '/loki/api/v1/labels':
      return success([...new Set(streams.flatMap(({ labels }) => labels.pairs.map(([name]) => name)))].sort())
    case '/loki/api/v1/series': {
      const matches = readSelector(url.searchParams.get('match[]') ?? '')
      return success(chosen(streams, matches).map(({ labels }) => Object.fromEntries(labels.pairs)))
    }
    default:
      return undefined
  }
}

const success = (data: unknown) => ({ status: 'success', data })

function valuesOf(streams: readonly StoredStream[], wanted: string): string[] {
  const values = streams.flatMap(({ labels }) =>
    labels.pairs.filter(([name]) => name === wanted).map((pair) => pair[1]),
  )
  return [...new Set(values)].sort()
}

function chosen(streams: readonly StoredStream[], matches: Matcher): StoredStream[] {
  return streams.filter(({ labels }) => matches(Object.fromEntries(labels.pairs)))
}

function queryRange(words: URLSearchParams, streams: readonly StoredStream[], limits: QueryLimits): object[] {
  const [start, end] = [nanosOf(words, 'start'), nanosOf(words, 'end')]
  const limit = Number(words.get('limit') ?? 100)
  if (limit > limits.maxEntries)
    throw new Refusal(
      400,
      `max entries limit per query exceeded, limit > max_entries_limit (${limit} > ${limits.maxEntries})`,
    )
  if (end <= start) throw new Refusal(400, 'end timestamp must not be before or equal to start time')
  if (end - start > BigInt(limits.maxSeconds) * nanosPerSecond)
    throw new Refusal(
      400,
      `the query time range exceeds the limit (query length: ${(end - start) / nanosPerSecond}s, limit: ${limits.maxSeconds}s)`,
    )
  const groups = groupsWithin(chosen(streams, readSelector(words.get('query') ?? '')), start, end)
  return cut(groups, limit, words.get('direction') !== 'forward').map(({ labels, entries }) => ({
    stream: labels,
    values: entries.map(({ time, line }) => [time, line]),
  }))
}

/** Entries by their labels and structured metadata together, each group in the order of time. */
function groupsWithin(streams: readonly StoredStream[], start: bigint, end: bigint): Group[] {
  const groups = new Map<string, Group & { readonly shown: Set<string> }>()
  const isWithin = within(start, end)
  for (const stream of streams) {
    for (let i = 0; i < stream.count; i++) {
      if (!isWithin(stream, i)) continue
      const time = stream.time(i)
      const labels = { ...Object.fromEntries(stream.labels.pairs), ...stream.metadata(i) }
      const key = JSON.stringify(Object.entries(labels).sort())
      let group = groups.get(key)
      if (!group) groups.set(key, (group = { labels, entries: [], shown: new Set() }))
      const line = stream.text(i)
      if (group.shown.has(time + line)) continue
      group.shown.add(time + line)
      group.entries.push({ time, line })
    }
  }
  for (const { entries } of groups.values()) entries.sort(byTime)
  return [...groups.values()]
}

/** The first `limit` entries of all groups together, or, backward, the last. */
function cut(groups: readonly Group[], limit: number, isBackward: boolean): Group[] {
  const all = groups.flatMap((group) => group.entries.map((entry) => ({ group, entry })))
  all.sort((a, b) => byTime(a.entry, b.entry))
  if (isBackward) all.reverse()
  const kept = new Map<Group, Group>()
  for (const { group, entry } of all.slice(0, limit)) {
    let into = kept.get(group)
    if (!into) kept.set(group, (into = { labels: group.labels, entries: [] }))
    into.entries.push(entry)
  }
  return [...kept.values()]
}

/** Entries after `time - range`, up to `time`. */
function countOverTime(words: URLSearchParams, streams: readonly StoredStream[]): object[] {
  const query = words.get('query') ?? ''
  const parts = /^sum\(count_over_time\((\{.*?\})(?: \|= (".*"))? \[([^\]]*)\]\)\)$/s.exec(query)
  if (!parts) throw new Refusal(400, `parse error at line 1, col 1: syntax error: this receiver cannot read ${query}`)
  const range = /^(\d+)ms$/.exec(parts[3]!)
  // As Prometheus reads durations; of its units only the finest is understood here.
  if (!range) throw new Refusal(400, `parse error at line 1, col 1: not a valid duration string: "${parts[3]!}"`)
  const part = parts[2] === undefined ? '' : (JSON.parse(parts[2]) as string)
  const end = nanosOf(words, 'time')
  const start = end - BigInt(range[1]!) * 1_000_000n
  const isWithin = within(start + 1n, end + 1n)
  let count = 0
  for (const stream of chosen(streams, readSelector(parts[1]!)))
    for (let i = 0; i < stream.count; i++)
      if (isWithin(stream, i) && (part === '' || stream.text(i).includes(part))) count++
  return count === 0 ? [] : [{ metric: {}, value: [Number(end / nanosPerSecond), String(count)] }]
}

/** Whether an entry's time is at `start` or later, and before `end`. */
function within(start: bigint, end: bigint): (stream: StoredStream, index: number) => boolean {
  const split = (time: bigint) => [Number(time / nanosPerSecond), Number(time % nanosPerSecond)] as const
  const [from, fromNanos] = split(start)
  const [to, toNanos] = split(end)
  return (stream, index) => {
    const seconds = stream.seconds(index)
    if (seconds < from || seconds > to) return false
    const nanos = stream.nanos(index)
    return (seconds > from || nanos >= fromNanos) && (seconds < to || nanos < toNanos)
  }
}

function nanosOf(words: URLSearchParams, name: string): bigint {
  const text = words.get(name) ?? ''
  if (!/^\d{19}$/.test(text)) throw new Refusal(400, `could not parse '${name}' parameter: ${text}`)
  return BigInt(text)
}

function byTime(a: Entry, b: Entry): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : 0
}
