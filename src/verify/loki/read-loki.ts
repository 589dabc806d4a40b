import { parseTimestamp } from '../../lib/timestamp.ts'
import { counted } from '../../lib/words.ts'
import type { Delivered } from '../delivered.ts'
import type { Destination, Held, Wanted } from '../destination.ts'
import { type FieldPaths, parseRecord } from '../record.ts'
import type { TruthContainer } from '../truth.ts'
import { VerifyError } from '../verify-error.ts'
import { LokiReader } from './client.ts'
import type { LokiConnection, LokiQuery } from './connection.ts'
import type { Labels, LokiEntry } from './entries.ts'
import { findQueries } from './find-queries.ts'
import { flagsOf, identityOf, type LabelNames } from './label-names.ts'
import { QuestionSize } from './question-size.ts'
import { Repeats } from './repeats.ts'
import { readStretches } from './stretches.ts'

/** Where the queries come from: the user; a configuration, which knows the labels of every container; or the tenant's labels. */
export type LokiQueries =
  | { readonly kind: 'given'; readonly query: LokiQuery }
  | { readonly kind: 'of containers'; queriesOf(containers: readonly TruthContainer[], host: string): LokiQuery[] }
  | { readonly kind: 'to be found'; readonly tenant: string }

export interface LokiOptions {
  readonly connection: LokiConnection
  readonly queries: LokiQueries
  readonly names: LabelNames
  /** `ndjson`: a line is a record that has the message in a field. */
  readonly format: 'text' | 'ndjson'
  readonly fields: FieldPaths
  /** How far the times of entries may lie before and behind the engine's, besides what clocks differ by, in milliseconds. */
  readonly timesOff: { readonly beforeMs: number; readonly behindMs: number }
}

/** Collectors' clocks differ; and what a collector read later may have the time of its reading. */
const earlierNanos = 60n * 1_000_000_000n
const laterNanos = 600n * 1_000_000_000n

export function lokiDestination(options: LokiOptions): Destination {
  return { read: (wanted, signal) => readLoki(options, wanted, signal) }
}

async function readLoki(options: LokiOptions, wanted: Wanted, signal: AbortSignal): Promise<Held> {
  const delivered = wanted.begin()
  const { connection, timesOff } = options
  if (!wanted.oldest) return { delivered, place: `Loki at ${connection.base}`, unreadable: 0, notes: [] }
  await using reader = new LokiReader(connection)
  const from = wholeSecond(wanted.oldest.seconds) - earlierNanos - nanosOf(timesOff.beforeMs)
  const to =
    wholeSecond(wanted.until?.seconds ?? Math.floor(Date.now() / 1000)) + laterNanos + nanosOf(timesOff.behindMs)
  const queries = await queriesFor(options, { wanted, reader, from, to }, signal)
  const size = new QuestionSize()
  const repeats = new Repeats()
  const taker = new Taker(delivered, options)
  for (const query of queries) {
    const reading = { reader, size, query }
    for await (const stretch of readStretches(reading, { from, to }, signal)) {
      const { entries, cut } = await repeats.addTo(stretch, reading, signal)
      taker.take(entries, query)
      taker.markCut(cut)
    }
  }
  if (taker.unidentified) throw unidentifiedError(taker.unidentified)
  const notes = repeats.unknown === undefined ? [] : [`repeats of equal time and text are unknown: ${repeats.unknown}`]
  const place = `${counted(reader.answers, 'answer')} of Loki at ${connection.base}`
  return { delivered, place, unreadable: taker.unreadable, notes }
}

function nanosOf(ms: number): bigint {
  return BigInt(ms) * 1_000_000n
}

async function queriesFor(
  { queries, names }: LokiOptions,
  { wanted, reader, from, to }: { wanted: Wanted; reader: LokiReader; from: bigint; to: bigint },
  signal: AbortSignal,
): Promise<readonly LokiQuery[]> {
  const { containers, host } = wanted
  switch (queries.kind) {
    case 'given':
      return [queries.query]
    case 'of containers':
      return queries.queriesOf(containers, host)
    case 'to be found':
      return await findQueries({ reader, tenant: queries.tenant, names }, { containers, from, to }, signal)
  }
}

/** Makes records of entries. */
class Taker {
  unreadable = 0
  /** Labels of an entry that does not say of which container it is. */
  unidentified: Labels | undefined
  readonly #delivered: Delivered
  readonly #options: LokiOptions
  #last: LokiEntry | undefined

  constructor(delivered: Delivered, options: LokiOptions) {
    this.#delivered = delivered
    this.#options = options
  }

  take(entries: readonly LokiEntry[], { containerIds = [] }: LokiQuery): void {
    const onlyId = containerIds.length === 1 ? containerIds[0] : undefined
    for (const entry of entries) {
      const found = this.#recordOf(entry)
      if (!found) {
        this.unreadable += 1
        continue
      }
      const isNamed = found.containerId !== undefined || found.containerName !== undefined
      const record = isNamed ? found : { ...found, containerId: onlyId }
      if (!isNamed && onlyId === undefined && !this.#delivered.hasOneContainer) {
        this.unidentified ??= entry.labels
        continue
      }
      const held = this.#delivered.take(record)
      const last = this.#last
      if (held) held.isSortedByTime = true
      if (held && last && last.time === entry.time && last.labels !== entry.labels) held.hasUnknownOrder = true
      this.#last = entry
    }
  }

  markCut(cut: readonly Labels[]): void {
    const reason = 'more of its lines have one time than Loki gives in an answer'
    for (const labels of cut) this.#delivered.markIncomplete(identityOf(labels, this.#options.names), reason)
  }

  #recordOf({ time, line, labels }: LokiEntry) {
    const { format, fields, names } = this.#options
    const identity = identityOf(labels, names)
    const flags = flagsOf(labels)
    const own = labels['engine_time']
    const at = (own === undefined ? undefined : parseTimestamp(own)) ?? timeOfEntry(time)
    if (format === 'text') return { ...at, ...identity, flags, text: Buffer.from(withoutLineFeed(line)) }
    const record = parseRecord(line, fields)
    return (
      record && {
        ...record,
        ...(record.seconds < 0 ? at : {}),
        flags: record.flags | flags,
        stream: record.stream ?? identity.stream,
        containerId: record.containerId ?? identity.containerId,
        containerName: record.containerName ?? identity.containerName,
      }
    )
  }
}

function unidentifiedError(labels: Labels): VerifyError {
  const shown = Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
  return new VerifyError(`entries of Loki do not say of which container they are: ${shown}`, {
    hint: 'name the label by --container-label, or compare one container by --container and --loki-query',
  })
}

function timeOfEntry(time: string): { seconds: number; nanos: number } {
  return { seconds: Number(time.slice(0, -9)), nanos: Number(time.slice(-9)) }
}

/** Collectors that read the engine's files leave it there. */
function withoutLineFeed(line: string): string {
  return line.endsWith('\n') ? line.slice(0, -1) : line
}

function wholeSecond(seconds: number): bigint {
  return BigInt(seconds) * 1_000_000_000n
}
