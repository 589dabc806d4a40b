import type { Batch } from '../../batch/batch.ts'
import { BatchBuilder } from '../../batch/builder.ts'
import { jsonOfRow } from '../../batch/fields/values.ts'
import { lineFlags } from '../../batch/flags.ts'
import { hasOwnTime, shownNanos, shownSeconds } from '../../batch/line-time.ts'
import { formatTimestamp } from '../../lib/timestamp.ts'
import { type BranchEnd, type Branches, branchesOf } from '../../pipeline/graph.ts'
import { Taps } from '../../pipeline/taps.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { createTransforms } from '../components.ts'
import { beginSeconds, type GivenStream, givenStream, putLine } from '../put-line.ts'
import { TryError, type TriedPart } from './tried-part.ts'

/** A line as it has come out, or has not. */
export interface TriedLine {
  readonly text: string
  /** As a JSON object, with the digits that numbers have. */
  readonly fields?: string
  /** The time that the line goes by, where it is one of its own. */
  readonly time?: string
  /** Where a transform has several. */
  readonly output?: string
  readonly dropped?: true
}

/** Passes lines through transforms as the collector does, and opens nothing. */
export class LineTrial {
  readonly #ends: readonly End[]
  readonly #branches: Branches<End>
  /** Some transform joins lines, so that what comes out are other rows than were put in. */
  readonly #holdsBack: boolean
  readonly #builder = new BatchBuilder((batch) => this.#pass(batch))
  readonly #stream: GivenStream
  /** Lines are a millisecond apart. */
  #atMs = -1
  #emission = 0
  #out: TriedLine[] = []

  constructor({ transforms, sourceId, ends }: TriedPart) {
    const metrics = createMetrics()
    this.#ends = ends.map(({ output }, index) => new End(String(index), output))
    const lanes = ends.map(({ inputs }, index) => ({ lane: this.#ends[index]!, inputs }))
    const created = createTransforms({ transforms }, metrics)
    this.#holdsBack = created.some(({ transform }) => 'begin' in transform)
    const graph = { transforms: created, lanes }
    this.#branches = branchesOf(sourceId, graph, { log: createLog('silent'), metrics, taps: new Taps() })
    this.#stream = streamOf(sourceId)
  }

  /** Puts in a line, without its end. */
  put(line: Uint8Array): void {
    this.#atMs += 1
    putLine(this.#builder, this.#stream, { text: line, atMs: this.#atMs })
  }

  /** What has come of the lines that were put in so far, in their order. @throws TryError where a transform has failed */
  take(): readonly TriedLine[] {
    this.#builder.seal()
    const out = this.#out
    this.#out = []
    return out
  }

  /** The same when no more lines come: what transforms have held back comes out, too. */
  end(): readonly TriedLine[] {
    this.#builder.seal()
    this.#branches.flush(Number.POSITIVE_INFINITY, this.#emission++)
    this.#collect(undefined)
    return this.take()
  }

  #pass(batch: Batch): void {
    batch.retain()
    this.#branches.pass(batch, this.#emission++)
    this.#collect(batch)
    batch.release()
  }

  /** Takes what has come of `given`, and of what was held before. A line is known by its time; it may have come out in several places, or in none. */
  #collect(given: Batch | undefined): void {
    const came = this.#ends.flatMap((end) => end.takeArrivals())
    const lines = new Map<number, TriedLine[]>()
    for (const { batch, output } of came) {
      for (let row = 0; row < batch.count; row++) {
        const ofTime = lines.get(msOf(batch, row)) ?? []
        lines.set(msOf(batch, row), ofTime)
        if (!isDropped(batch, row)) ofTime.push(lineOf(batch, row, output))
      }
    }
    // Where lines are joined, what is dropped is the event that they became.
    const before = given === undefined ? [] : [given]
    for (const batch of this.#holdsBack ? came.map((arrived) => arrived.batch) : before) addDropped(lines, batch)
    for (const { batch } of came) batch.release()
    const inOrder = [...lines].sort(([a], [b]) => a - b).flatMap(([, ofTime]) => ofTime)
    // A row without text is only the place where an event ended.
    const isPlace = ({ text, dropped }: TriedLine) => this.#holdsBack && dropped === true && text === ''
    this.#out.push(...inOrder.filter((line) => !isPlace(line)))
    for (const { failure } of this.#ends) if (failure !== undefined) throw new TryError(failure)
  }
}

/** Lines that have come out nowhere, with the text that they have in this batch. */
function addDropped(lines: ReadonlyMap<number, TriedLine[]>, batch: Batch): void {
  for (let row = 0; row < batch.count; row++) {
    const ofTime = lines.get(msOf(batch, row))
    if (ofTime?.length === 0) ofTime.push({ text: textOf(batch, row), dropped: true })
  }
}

function lineOf(batch: Batch, row: number, output: string | undefined): TriedLine {
  const fields = jsonOfRow(batch.fields, row)
  return {
    text: textOf(batch, row),
    ...(fields === undefined ? {} : { fields }),
    ...(hasOwnTime(batch, row) ? { time: formatTimestamp(shownSeconds(batch, row), shownNanos(batch, row)) } : {}),
    ...(output === undefined ? {} : { output }),
  }
}

function textOf({ bytes, columns }: Batch, row: number): string {
  return bytes.toString('utf8', columns.start[row], columns.end[row])
}

function isDropped({ columns }: Batch, row: number): boolean {
  return (columns.flags[row]! & lineFlags.dropped) !== 0
}

/** Since the first line. */
function msOf({ columns }: Batch, row: number): number {
  return (columns.seconds[row]! - beginSeconds) * 1_000 + columns.nanos[row]! / 1_000_000
}

function streamOf(sourceId: string): GivenStream {
  const container = { id: 'app', name: 'app', image: 'image' }
  return givenStream({ key: `${sourceId}/app/stdout`, stream: 'stdout', container, labels: {}, host: 'host' })
}

interface Arrival {
  readonly output: string | undefined
  /** Belongs to whoever takes it. */
  readonly batch: Batch
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
    this.#came.push({ output: this.#output, batch })
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
