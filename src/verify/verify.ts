import type { Batch } from '../batch/batch.ts'
import type { Engine } from '../engine/engine.ts'
import type { EngineFacts } from '../engine/negotiate.ts'
import { compareTimes } from '../lib/timestamp.ts'
import { type Comparison, compareStream, judgeMissing } from './compare.ts'
import { Delivered, type DeliveredStream } from './delivered.ts'
import { type Example, examplesOf } from './examples.ts'
import { readFiles } from './read-files.ts'
import type { FieldPaths } from './record.ts'
import type { TimeView } from './time-view.ts'
import { chooseContainers, listContainers, type StreamName, type Time, Truth, type TruthContainer } from './truth.ts'

export interface VerifyOptions {
  readonly engine: Engine
  readonly facts: EngineFacts
  /** Names or ids of containers; empty: all that `isWanted` takes. */
  readonly containers: readonly string[]
  isWanted(container: TruthContainer): boolean
  readonly streams: readonly StreamName[]
  readonly since: Time | undefined
  readonly until: Time | undefined
  /** Lines younger than this may be on their way: they are not called missing. */
  readonly settleMs: number
  readonly maxExamples: number
  readonly files: { readonly pattern: string; readonly format: 'auto' | 'ndjson' | 'text'; readonly fields: FieldPaths }
  prepare(batch: Batch): void
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
  /** Lines that only the destination has: mostly older than what the engine still holds. They cannot be judged. */
  readonly extra: number
  /** Lines from before the destination begins, and lines younger than the settling time, that it does not have. */
  readonly beforeBegin: number
  readonly unsettled: number
  /** Lines of the truth that were found or had to be. */
  readonly judged: number
  readonly examples: readonly Example[]
}

export interface Verdict {
  /** `incomparable`: not one line was there to be judged. */
  readonly status: 'same' | 'different' | 'incomparable'
  readonly files: number
  /** Lines of the files that are no records. */
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
  const { engine, facts } = options
  const listed = await listContainers(engine, signal)
  const containers = chooseContainers(listed, options.containers).filter((one) => options.isWanted(one))
  const truth = new Truth(options)
  await truth.read(containers, signal)
  const until = settledUntil(options, Date.now() + facts.clockAheadSeconds * 1000)
  const begin = () => new Delivered(containers, truth.streams)
  const { delivered, files, unreadable } = await readFiles({ ...options.files, containers: listed }, begin, signal)
  await truth.readOn(signal)

  const compared = truth.streams.map((stream) => {
    const held = delivered.streamOf(stream.container, stream.stream)
    return { stream, held, comparison: compareStream(stream.lines, held.lines) }
  })
  const from = options.since ?? earliest(compared.map(({ stream, comparison }) => firstTime(stream.lines, comparison)))
  const streams: StreamVerdict[] = []
  for (const one of compared) streams.push(await judge(one, { truth, options, window: { from, until } }, signal))
  return {
    status: statusOf(streams),
    files,
    unreadableRecords: unreadable,
    otherRecords: delivered.ofOthers,
    unreadableContainers: truth.unreadable.map(({ container, reason }) => ({ name: container.name, reason })),
    streams,
  }
}

interface Compared {
  readonly stream: Truth['streams'][number]
  readonly held: DeliveredStream
  readonly comparison: Comparison
}

async function judge(
  { stream, held, comparison }: Compared,
  context: { truth: Truth; options: VerifyOptions; window: { from: Time | undefined; until: Time } },
  signal: AbortSignal,
): Promise<StreamVerdict> {
  const { truth, options, window } = context
  const { judged, beforeBegin, unsettled } = judgeMissing(stream.lines, comparison.missing, window)
  const found = { ...comparison, missing: judged }
  const examples = await examplesOf({ truth, stream, held, found, max: options.maxExamples }, signal)
  return {
    container: { id: stream.container.id, name: stream.container.name },
    stream: stream.stream,
    truth: stream.lines.count,
    delivered: held.lines.count,
    times: comparison.view,
    missing: judged.length,
    doubled: comparison.doubled.length,
    altered: comparison.altered.length,
    outOfOrder: comparison.outOfOrder.length,
    extra: comparison.extra.length,
    beforeBegin,
    unsettled,
    judged: comparison.matched + judged.length,
    examples,
  }
}

function statusOf(streams: readonly StreamVerdict[]): Verdict['status'] {
  if (streams.some((one) => one.missing + one.doubled + one.altered + one.outOfOrder > 0)) return 'different'
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
