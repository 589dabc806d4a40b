import type { Batch } from '../batch/batch.ts'
import { BatchBuilder } from '../batch/builder.ts'
import { lineFlags } from '../batch/flags.ts'
import type { PieceRules } from '../engine/line-writer.ts'
import type { LogStreams } from '../engine/log-streams.ts'
import { type EngineClock, LineStream } from '../engine/line-stream.ts'
import { LineWriter } from '../engine/line-writer.ts'
import { LogReader } from '../engine/log-reader.ts'
import { hashText, LineColumns, type LineFacts } from './line-columns.ts'
import { VerifyError } from './verify-error.ts'

export type StreamName = 'stdout' | 'stderr'

export interface Time {
  readonly seconds: number
  readonly nanos: number
}

export interface TruthContainer {
  readonly id: string
  readonly name: string
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
  readonly isRunning: boolean
}

/** One stream of a container as the engine has it. */
export interface TruthStream {
  readonly container: TruthContainer
  readonly stream: StreamName
  readonly lines: LineColumns
}

/** Which part of a log. */
export interface LogWindow {
  readonly streams: readonly StreamName[]
  readonly since: Time | undefined
  readonly until: Time | undefined
}

/** Whatever has the logs as the containers wrote them: the engine, or its files. */
export interface TruthSource {
  /** The host's name, as the engine gives it. */
  readonly host: string
  /** The clock that gives lines their times minus ours, in seconds. */
  readonly clockAheadSeconds: number
  /** How long lines are taken apart. */
  readonly rules: PieceRules
  /** The containers that there are. @throws VerifyError, EngineUnreachable */
  list(signal: AbortSignal): Promise<TruthContainer[]>
  /**
   * Calls `feed` with the body that the engine's API gives for the log, with time stamps; the bytes are valid during the call.
   * @returns why it is not read; undefined: it is.
   */
  readLog(
    container: TruthContainer,
    window: LogWindow,
    feed: (bytes: Buffer, from: number, to: number) => void,
    signal: AbortSignal,
  ): Promise<Unread | undefined>
}

/** A log that is not read. */
export interface Unread {
  readonly reason: string
  /** Nobody can have collected it either: the engine gives it to nobody. */
  readonly isForAll: boolean
}

export interface TruthOptions {
  readonly source: TruthSource
  readonly streams: readonly StreamName[]
  readonly since: Time | undefined
  readonly until: Time | undefined
  /** What the configuration makes of lines; takes the batch over. */
  prepare(batch: Batch): Batch
}

/** No line is cut here: whether the collector cut one is what is to be found out. */
const maxLineBytes = 256 * 1024 * 1024

interface Reading {
  readonly container: TruthContainer
  readonly streams: LogStreams
}

/** Called for a line; its text lies in `bytes`, valid during the call. */
type OnLine = (stream: StreamName, line: LineFacts, text: { bytes: Buffer; from: number; to: number }) => void

/**
 * What the engine holds of some containers, read once and put together by the collector's own readers. It can be read on, to
 * the lines that were written meanwhile: each stream goes on at its cursor.
 */
export class Truth {
  readonly streams: TruthStream[] = []
  /** Containers whose log the engine does not give, and why. */
  readonly unreadable: (Unread & { readonly container: TruthContainer })[] = []
  /** Lines that transforms took out. */
  dropped = 0
  readonly #options: TruthOptions
  readonly #readings: Reading[] = []
  readonly #clock: EngineClock
  /** One for all reads: streams remember the batch that they are in. */
  readonly #builder: BatchBuilder
  readonly #writer: LineWriter
  #onLine: OnLine = () => undefined

  constructor(options: TruthOptions) {
    this.#options = options
    const { clockAheadSeconds } = options.source
    this.#clock = { now: () => Date.now() / 1000 + clockAheadSeconds, isFine: false, neverRepeats: true }
    this.#builder = new BatchBuilder((read) => {
      const batch = options.prepare(read)
      eachLine(batch, this.#onLine)
      this.dropped += batch.columns.flags
        .subarray(0, batch.count)
        .filter((bits) => (bits & lineFlags.dropped) !== 0).length
      batch.release()
    })
    const counts = { lines: 0, bytes: 0, repeats: 0, truncated: 0, gaps: 0 }
    this.#writer = new LineWriter({ builder: this.#builder, clock: this.#clock, counts, maxLineBytes })
  }

  /** Reads all lines of the window that the engine has. @throws EngineUnreachable and its like */
  async read(containers: readonly TruthContainer[], signal: AbortSignal): Promise<void> {
    for (const container of containers) {
      const reading = { container, streams: newStreams(container, this.#clock) }
      const refused = await this.#readLog(reading, this.#collectInto(container), { since: this.#options.since, signal })
      if (refused === undefined) this.#readings.push(reading)
      else this.unreadable.push({ container, ...refused })
    }
  }

  /** Reads the lines that were written since. */
  async readOn(signal: AbortSignal): Promise<void> {
    if (this.#options.until) return
    for (const { container, streams } of this.#readings) {
      const collect = this.#collectInto(container)
      const since = earlier(streams.stdout, streams.stderr) ?? this.#options.since
      // Gone meanwhile: what was read of it before stays true.
      await this.#readLog({ container, streams }, collect, { since, signal })
    }
  }

  /** The texts of some lines of a stream, read once more; a line that the engine has dropped meanwhile has none. */
  async textsOf(
    { container, stream, lines }: TruthStream,
    indices: readonly number[],
    signal: AbortSignal,
  ): Promise<Map<number, Buffer>> {
    const wanted = new Map(indices.map((i) => [placeOf(lines.seconds[i]!, lines.nanos[i]!, lines.ordinal[i]!), i]))
    const texts = new Map<number, Buffer>()
    const first = Math.min(...indices)
    const onLine: OnLine = (name, line, { bytes, from, to }) => {
      if (name !== stream) return
      const index = wanted.get(placeOf(line.seconds, line.nanos, line.ordinal))
      if (index !== undefined) texts.set(index, Buffer.from(bytes.subarray(from, to)))
    }
    const reading = { container, streams: newStreams(container, this.#clock) }
    if (indices.length > 0) await this.#readLog(reading, onLine, { since: lines.timeOf(first), signal })
    return texts
  }

  #collectInto(container: TruthContainer): OnLine {
    return (stream, line) => this.#streamOf(container, stream).lines.add(line)
  }

  #streamOf(container: TruthContainer, stream: StreamName): TruthStream {
    const found = this.streams.find((one) => one.container === container && one.stream === stream)
    if (found) return found
    const made = { container, stream, lines: new LineColumns() }
    this.streams.push(made)
    return made
  }

  /** @returns why the engine does not give the log; undefined: it did. */
  async #readLog(
    { container, streams }: Reading,
    onLine: OnLine,
    { since, signal }: { since: Time | undefined; signal: AbortSignal },
  ): Promise<Unread | undefined> {
    const { source, streams: names, until } = this.#options
    this.#onLine = onLine
    const reader = new LogReader({ streams, writer: this.#writer, rules: source.rules })
    streams.stdout.beginRead()
    streams.stderr.beginRead()
    const feed = reader.feed.bind(reader)
    const refused = await source.readLog(container, { streams: names, since, until }, feed, signal)
    if (refused !== undefined) return refused
    // What a running container has not ended with a line feed is no line yet.
    if (!container.isRunning) reader.finish()
    this.#builder.seal()
    return undefined
  }
}

/** Those whose name, or the beginning of whose id, is in `wanted`; all where it is empty. @throws VerifyError for one that is not there. */
export function chooseContainers(containers: readonly TruthContainer[], wanted: readonly string[]): TruthContainer[] {
  if (wanted.length === 0) return [...containers]
  return wanted.map((name) => {
    const found = containers.find((one) => one.name === name) ?? containers.find(({ id }) => id.startsWith(name))
    if (found) return found
    throw new VerifyError(`the engine has no container "${name}"`, {
      hint: `it has ${containers.map((one) => one.name).join(', ') || 'none'}`,
    })
  })
}

function newStreams(container: TruthContainer, clock: EngineClock): LogStreams {
  const { id, name, image, labels } = container
  const streamOf = (stream: StreamName) =>
    new LineStream(
      { key: `${id}/${stream}`, stream, container: { id, name, image }, labels, host: '' },
      clock,
      undefined,
    )
  return { stdout: streamOf('stdout'), stderr: streamOf('stderr') }
}

function eachLine(batch: Batch, onLine: OnLine): void {
  const { start, end, seconds, nanos, ordinal, origin, flags } = batch.columns
  const line: LineFacts = { seconds: 0, nanos: 0, ordinal: 0, high: 0, low: 0, flags: 0 }
  const text = { bytes: batch.bytes, from: 0, to: 0 }
  for (let i = 0; i < batch.count; i++) {
    if ((flags[i]! & lineFlags.dropped) !== 0) continue
    line.seconds = seconds[i]!
    line.nanos = nanos[i]!
    line.ordinal = ordinal[i]!
    line.flags = flags[i]!
    text.from = start[i]!
    text.to = end[i]!
    hashText(text.bytes, text.from, text.to, line)
    onLine(batch.origins[origin[i]!]!.stream, line, text)
  }
}

/** Where a read has to go on to miss nothing of either stream; a stream without lines has none of its own. */
function earlier(one: LineStream, other: LineStream): Time | undefined {
  const cursors = [one, other].filter(({ hasCursor }) => hasCursor).map((stream) => stream.cursor())
  return cursors.sort((a, b) => a.seconds - b.seconds || a.nanos - b.nanos)[0]
}

function placeOf(seconds: number, nanos: number, ordinal: number): string {
  return `${seconds}.${nanos}.${ordinal}`
}
