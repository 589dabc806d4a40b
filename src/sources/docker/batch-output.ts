import type { Batch } from '../../batch/batch.ts'
import { BatchBuilder } from '../../batch/builder.ts'
import { lineFlags } from '../../batch/flags.ts'
import type { SourceContext } from '../../component/source.ts'
import type { EngineClock } from '../../engine/line-stream.ts'
import { type LineCounts, LineWriter } from '../../engine/line-writer.ts'
import { StreamTallies } from './stream-tallies.ts'

/** A batch that is not full goes on after this time: what a line waits here at the most. Sinks gather lines of their own. */
const maxAgeMs = 25
/** Containers with series of their own; the lines of further ones are counted together. */
const maxCountedContainers = 200

/** The batches of a source: filled by all of its streams, sent on when full or old, counted as they go. */
export class BatchOutput implements AsyncDisposable {
  readonly writer: LineWriter
  readonly tallies = new StreamTallies()
  readonly #context: SourceContext
  readonly #builder: BatchBuilder
  readonly #counts: LineCounts = { lines: 0, bytes: 0, repeats: 0, truncated: 0, gaps: 0 }
  readonly #reported: LineCounts = { lines: 0, bytes: 0, repeats: 0, truncated: 0, gaps: 0 }
  readonly #counted = new Set<string>()
  readonly #closing = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #resumes: (() => void)[] = []

  constructor(context: SourceContext, clock: EngineClock, maxLineBytes: number) {
    this.#context = context
    this.#builder = new BatchBuilder((batch) => this.#sealed(batch))
    this.writer = new LineWriter({ builder: this.#builder, clock, counts: this.#counts, maxLineBytes })
  }

  /** See Shared.linesRead. */
  linesRead(resume: () => void): boolean {
    if (this.#timer === undefined && this.#builder.count > 0) this.#timer = setTimeout(() => this.flush(), maxAgeMs)
    if (this.#context.output.hasRoom) return true
    this.#resumes.push(resume)
    if (this.#resumes.length === 1) void this.#resumeWhenRoom()
    return false
  }

  /** Sends on what there is. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#builder.seal()
    this.#report()
  }

  async #resumeWhenRoom(): Promise<void> {
    try {
      await this.#context.output.room(this.#closing.signal)
    } catch {
      return // Closing: nothing is read any more.
    }
    const resumes = this.#resumes
    this.#resumes = []
    for (const resume of resumes) resume()
  }

  #sealed(batch: Batch): void {
    this.#countByContainer(batch)
    this.#report()
    this.#context.output.emit(batch)
  }

  /** One pass over two columns per batch; the series of a container that nobody has room for are "other". */
  #countByContainer(batch: Batch): void {
    const lines = new Float64Array(batch.origins.length)
    const bytes = new Float64Array(batch.origins.length)
    const { start, end, origin, flags } = batch.columns
    for (let i = 0; i < batch.count; i++) {
      lines[origin[i]!]! += 1
      bytes[origin[i]!]! += end[i]! - start[i]!
      if ((flags[i]! & lineFlags.gapBefore) !== 0) this.tallies.gap(batch.origins[origin[i]!]!.key)
    }
    // A metric costs much more than a sum: one increment a batch for all that have no series of their own.
    const bySeries = new Map<string, { lines: number; bytes: number }>()
    for (let i = 0; i < batch.origins.length; i++) {
      const { key, container } = batch.origins[i]!
      this.tallies.add(key, lines[i]!, bytes[i]!)
      const name = this.#seriesOf(container.name)
      let sum = bySeries.get(name)
      if (!sum) bySeries.set(name, (sum = { lines: 0, bytes: 0 }))
      sum.lines += lines[i]!
      sum.bytes += bytes[i]!
    }
    const { metrics, id: source } = this.#context
    for (const [container, sum] of bySeries) {
      metrics.containerLines.inc({ source, container }, sum.lines)
      metrics.containerBytes.inc({ source, container }, sum.bytes)
    }
  }

  #seriesOf(name: string): string {
    if (this.#counted.has(name)) return name
    if (this.#counted.size === maxCountedContainers) return 'other'
    this.#counted.add(name)
    return name
  }

  #report(): void {
    const { metrics, id: source } = this.#context
    const counts = this.#counts
    const reported = this.#reported
    metrics.logsCollected.inc({ source }, counts.lines - reported.lines)
    metrics.logBytesCollected.inc({ source }, counts.bytes - reported.bytes)
    metrics.repeatsDropped.inc({ source }, counts.repeats - reported.repeats)
    metrics.linesTruncated.inc({ source }, counts.truncated - reported.truncated)
    metrics.gapsSuspected.inc({ source }, counts.gaps - reported.gaps)
    Object.assign(reported, counts)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the source is closing'))
    this.flush()
  }
}
