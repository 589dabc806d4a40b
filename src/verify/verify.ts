import type { Batch } from '../batch/batch.ts'
import { compareTimes } from '../lib/timestamp.ts'
import { type Comparison, compareStream, judgeMissing } from './compare.ts'
import { Delivered, type DeliveredStream } from './delivered.ts'
import type { Destination } from './destination.ts'
import { type Example, examplesOf } from './examples.ts'
import type { TimeView } from './time-view.ts'
import { type CollectorRecords, KnownLosses } from './known-losses.ts'
import { splitByToldOrder } from './told-order.ts'
import {
  chooseContainers,
  type StreamName,
  type Time,
  Truth,
  type TruthContainer,
  type TruthSource,
  type TruthStream,
} from './truth.ts'

export interface VerifyOptions {
  readonly source: TruthSource
  /** Names or ids of containers; empty: all that `isWanted` takes. */
  readonly containers: readonly string[]
  isWanted(container: TruthContainer): boolean
  readonly streams: readonly StreamName[]
  readonly since: Time | undefined
  readonly until: Time | undefined
  /** Lines younger than this may be on their way: they are not called missing. */
  readonly settleMs: number
  readonly maxExamples: number
  /** Of the collector whose delivery it is; undefined: it is another's. */
  readonly records: CollectorRecords | undefined
  readonly destination: Destination
  prepare(batch: Batch): Batch
}

export interface StreamVerdict {
  readonly container: { readonly id: string; readonly name: string }
  readonly stream: StreamName
  /** Lines that the engine holds, and that the destination holds. */
  readonly truth: number
  readonly delivered: number
  readonly times: TimeView
  readonly missing: number
  readonly doubled: number
  readonly altered: number
  readonly outOfOrder: number
  /** Lines that only the destination has. They cannot be judged. */
  readonly extra: number
  /** Of these the ones that are older than what the engine still holds: it has rotated them away. */
  readonly older: number
  /** Lines from before the destination begins, and lines younger than the settling time, that it does not have. */
  readonly beforeBegin: number
  readonly unsettled: number
  /** Lines in another order, where the destination does not keep the order, or sorts by times that go back. */
  readonly unordered: number
  /** Lines of the truth that were found or had to be. */
  readonly judged: number
  /** Why nothing can be concluded from what the destination gives of this stream; undefined: it can. */
  readonly incomparable: string | undefined
  /** Why lines are missing, as far as that is known. */
  readonly reasons: readonly { readonly reason: string; readonly lines: number }[]
  readonly examples: readonly Example[]
}

export interface Verdict {
  /** `incomparable`: not one line was there to be judged, or there are no differences but a log that cannot be compared. */
  readonly status: 'same' | 'different' | 'incomparable'
  /** Where the destination was read: "3 files". */
  readonly place: string
  /** What cannot be known of it. */
  readonly notes: readonly string[]
  /** Lines of the destination that are no records. */
  readonly unreadableRecords: number
  /** Records of containers that the engine does not have. */
  readonly otherRecords: number
  readonly unreadableContainers: readonly { readonly name: string; readonly reason: string }[]
  readonly streams: readonly StreamVerdict[]
}

/**
 * Reads the engine, then the destination, then what the engine got meanwhile, and compares: so nothing that the destination has can be unknown to
 * the truth for its youth. @throws EngineUnreachable, VerifyError when one of them cannot be read
 */
export async function verify(options: VerifyOptions, signal: AbortSignal): Promise<Verdict> {
  const { source } = options
  const listed = await source.list(signal)
  const containers = chooseContainers(listed, options.containers).filter((one) => options.isWanted(one))
  const truth = new Truth(options)
  await truth.read(containers, signal)
  const until = settledUntil(options, Date.now() + source.clockAheadSeconds * 1000)
  const begin = () => new Delivered(containers, truth.streams)
  const oldest = earliest(truth.streams.map(({ lines }) => (lines.count > 0 ? lines.timeOf(0) : undefined)))
  const wanted = { begin, listed, containers, host: source.host, oldest, until: options.until }
  const { delivered, place, unreadable, notes } = await options.destination.read(wanted, signal)
  await truth.readOn(signal)

  const compared = truth.streams.map((stream) => {
    const held = delivered.streamOf(stream.container, stream.stream)
    return { stream, held, comparison: compareStream(stream.lines, held.lines) }
  })
  const from = options.since ?? earliest(compared.map(({ stream, comparison }) => firstTime(stream.lines, comparison)))
  // Before texts are read once more, which counts anew.
  const configured = notesOf(truth, { listed, options })
  const losses = new KnownLosses()
  const isMissing = compared.some(({ comparison }) => comparison.missing.length > 0)
  if (options.records && isMissing) await losses.read(options.records)
  const context = { truth, options, losses, window: { from, until } }
  const streams: StreamVerdict[] = []
  for (const one of compared) streams.push(await judge(one, context, signal))
  return {
    status: statusOf(streams, truth),
    place,
    notes: [...configured, ...notes, ...losses.notes],
    unreadableRecords: unreadable,
    otherRecords: delivered.ofOthers,
    unreadableContainers: truth.unreadable.map(({ container, reason }) => ({ name: container.name, reason })),
    streams,
  }
}

/** What a configuration keeps from a destination. */
function notesOf(
  { dropped }: Truth,
  { listed, options }: { readonly listed: readonly TruthContainer[]; readonly options: VerifyOptions },
): string[] {
  const names = chooseContainers(listed, options.containers)
    .filter((container) => !options.isWanted(container))
    .map(({ name }) => name)
  return [
    ...(names.length === 0 ? [] : [`excluded by the configuration, or by their label: ${names.join(', ')}`]),
    ...(dropped === 0 ? [] : [`${dropped} lines are taken out by transforms of the configuration`]),
  ]
}

interface Compared {
  readonly stream: Truth['streams'][number]
  readonly held: DeliveredStream
  readonly comparison: Comparison
}

async function judge(
  { stream, held, comparison }: Compared,
  context: {
    truth: Truth
    options: VerifyOptions
    losses: KnownLosses
    window: { from: Time | undefined; until: Time }
  },
  signal: AbortSignal,
): Promise<StreamVerdict> {
  const { truth, options, losses, window } = context
  if (held.incomplete !== undefined) return incomparable(stream, held)
  const { judged, beforeBegin, unsettled } = judgeMissing(stream.lines, comparison.missing, window)
  const { told: outOfOrder, untold: unordered } = splitByToldOrder(stream.lines, held, comparison)
  const found = { ...comparison, missing: judged, outOfOrder }
  const examples = await examplesOf({ truth, stream, held, found, losses, max: options.maxExamples }, signal)
  return {
    container: { id: stream.container.id, name: stream.container.name },
    stream: stream.stream,
    truth: stream.lines.count,
    delivered: held.lines.count,
    times: comparison.view,
    missing: judged.length,
    doubled: comparison.doubled.length,
    altered: comparison.altered.length,
    outOfOrder: outOfOrder.length,
    extra: comparison.extra.length,
    older: countOlder({ stream, held, comparison }),
    beforeBegin,
    unsettled,
    unordered,
    incomparable: undefined,
    judged: comparison.matched + judged.length,
    reasons: reasonsOf(judged.map((index) => losses.reasonOf(stream, index, comparison))),
    examples,
  }
}

function countOlder({ stream: { lines }, held, comparison: { view, extra, firstDelivered } }: Compared): number {
  if (lines.count === 0) return 0
  const first = lines.timeOf(0)
  return extra.filter((j) =>
    view === 'none' ? j < (firstDelivered ?? 0) : compareTimes(held.lines.timeOf(j), first) < 0,
  ).length
}

function incomparable({ container, stream, lines }: TruthStream, held: DeliveredStream): StreamVerdict {
  return {
    ...{ container: { id: container.id, name: container.name }, stream, incomparable: held.incomplete },
    ...{ truth: lines.count, delivered: held.lines.count, judged: 0, times: 'none' as const },
    ...{
      missing: 0,
      doubled: 0,
      altered: 0,
      outOfOrder: 0,
      extra: 0,
      older: 0,
      beforeBegin: 0,
      unsettled: 0,
      unordered: 0,
    },
    reasons: [],
    examples: [],
  }
}

function reasonsOf(reasons: readonly (string | undefined)[]): StreamVerdict['reasons'] {
  const counts = new Map<string, number>()
  for (const reason of reasons) if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return Array.from(counts, ([reason, lines]) => ({ reason, lines }))
}

function statusOf(streams: readonly StreamVerdict[], { unreadable }: Truth): Verdict['status'] {
  const compared = streams.filter(({ incomparable }) => incomparable === undefined)
  if (compared.some((one) => one.missing + one.doubled + one.altered + one.outOfOrder > 0)) return 'different'
  if (compared.length < streams.length || unreadable.some(({ isForAll }) => !isForAll)) return 'incomparable'
  return streams.some(({ judged }) => judged > 0) ? 'same' : 'incomparable'
}

function settledUntil({ until, settleMs }: VerifyOptions, nowMs: number): Time {
  const settledMs = nowMs - settleMs
  const settled = { seconds: Math.floor(settledMs / 1000), nanos: Math.floor(settledMs % 1000) * 1e6 }
  return until && compareTimes(until, settled) < 0 ? until : settled
}

function firstTime(lines: Truth['streams'][number]['lines'], { firstMatched }: Comparison): Time | undefined {
  return firstMatched === undefined ? undefined : lines.timeOf(firstMatched)
}

/** Where the destination begins: nobody delivered before the first line that it has of any stream. */
function earliest(times: readonly (Time | undefined)[]): Time | undefined {
  return times.filter((time) => time !== undefined).sort(compareTimes)[0]
}
