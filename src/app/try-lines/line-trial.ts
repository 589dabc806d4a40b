import type { Batch } from '../../batch/batch.ts'
import { BatchBuilder, type BuilderStream } from '../../batch/builder.ts'
import type { Cursor } from '../../batch/cursor.ts'
import type { FieldValue } from '../../batch/fields/values.ts'
import { lineFlags } from '../../batch/flags.ts'
import { type Row, rowsOf } from '../../batch/row.ts'
import { formatTimestamp } from '../../lib/timestamp.ts'
import { type BranchEnd, type Branches, branchesOf } from '../../pipeline/graph.ts'
import { Taps } from '../../pipeline/taps.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { createTransforms } from '../components.ts'
import { TryError, type TriedPart } from './tried-part.ts'

/** A line as it has come out, or has not. */
export interface TriedLine {
  readonly text: string
  readonly fields?: Readonly<Record<string, FieldValue>>
  /** The time that the line goes by, where it is one of its own. */
  readonly time?: string
  /** Where a transform has several. */
  readonly output?: string
  readonly dropped?: true
}

/** When lines are read: times are the same in every run, and a millisecond apart. */
const beginSeconds = Date.UTC(2026, 0, 1) / 1_000

/** Passes lines through transforms as the collector does, and opens nothing. */
export class LineTrial {
  readonly #ends: readonly End[]
  readonly #branches: Branches<End>
  readonly #builder = new BatchBuilder((batch) => this.#pass(batch))
  readonly #stream: BuilderStream & { last: Cursor }
  #atMs = -1
  #emission = 0
  #out: TriedLine[] = []

  constructor({ transforms, sourceId, ends }: TriedPart) {
    const metrics = createMetrics()
    this.#ends = ends.map(({ output }, index) => new End(String(index), output))
    const lanes = ends.map(({ inputs }, index) => ({ lane: this.#ends[index]!, inputs }))
    const graph = { transforms: createTransforms({ transforms }, metrics), lanes }
    this.#branches = branchesOf(sourceId, graph, { log: createLog('silent'), metrics, taps: new Taps() })
    this.#stream = streamOf(sourceId)
  }

  /** Puts in a line, without its end. */
  put(line: Uint8Array): void {
    const builder = this.#builder
    builder.reserve(line.length)
    const { arena, columns, count } = builder
    this.#atMs += 1
    const seconds = beginSeconds + Math.floor(this.#atMs / 1_000)
    const nanos = (this.#atMs % 1_000) * 1_000_000
    columns.origin[count] = builder.indexOf(this.#stream)
    columns.start[count] = arena.used
    arena.bytes.set(line, arena.used)
    arena.used += line.length
    columns.end[count] = arena.used
    columns.seconds[count] = seconds
    columns.nanos[count] = nanos
    columns.ordinal[count] = 0
    columns.flags[count] = 0
    builder.count = count + 1
    this.#stream.last = { seconds, nanos, count: 1 }
    if (builder.isFull) builder.seal()
  }

  /** What has come of the lines that were put in so far, in their order. @throws TryError where a transform has failed */
  take(): readonly TriedLine[] {
    this.#builder.seal()
    const out = this.#out
    this.#out = []
    return out
  }

  #pass(batch: Batch): void {
    // Whoever drops a line need not keep its text.
    const given = rowsOf(batch)
    this.#branches.pass(batch, this.#emission++)
    const came = this.#ends.flatMap((end) => end.takeArrivals())
    for (const { failure } of this.#ends) if (failure !== undefined) throw new TryError(failure)
    for (const [row, { text }] of given.entries()) {
      const lines = came.flatMap(({ output, rows }) => lineOf(rows[row], output) ?? [])
      this.#out.push(...(lines.length > 0 ? lines : [{ text, dropped: true } as const]))
    }
  }
}

function lineOf(row: Row | undefined, output: string | undefined): TriedLine | undefined {
  if (row === undefined || (row.flags & lineFlags.dropped) !== 0) return undefined
  const { text, fields, ownTime } = row
  return {
    text,
    ...(fields === undefined ? {} : { fields }),
    ...(ownTime === undefined ? {} : { time: formatTimestamp(ownTime.seconds, ownTime.nanos) }),
    ...(output === undefined ? {} : { output }),
  }
}

function streamOf(sourceId: string): BuilderStream & { last: Cursor } {
  const container = { id: 'app', name: 'app', image: 'image' }
  const origin = { key: `${sourceId}/app/stdout`, stream: 'stdout', container, labels: {}, host: 'host' } as const
  const made: BuilderStream & { last: Cursor } = {
    ...{ origin, batchId: 0, localIndex: 0, last: { seconds: 0, nanos: 0, count: 0 } },
    cursor: () => made.last,
  }
  return made
}

interface Arrival {
  readonly output: string | undefined
  readonly rows: readonly Row[]
}

/** Where lines are looked at. */
class End implements BranchEnd {
  readonly id: string
  failure: string | undefined
  readonly #output: string | undefined
  #came: Arrival[] = []

  constructor(id: string, output: string | undefined) {
    this.id = id
    this.#output = output
  }

  take(batch: Batch): void {
    this.#came.push({ output: this.#output, rows: rowsOf(batch) })
    batch.release()
  }

  fail(_emission: number, reason: string): void {
    this.failure = reason
  }

  /** What has come since. */
  takeArrivals(): readonly Arrival[] {
    const came = this.#came
    this.#came = []
    return came
  }
}
