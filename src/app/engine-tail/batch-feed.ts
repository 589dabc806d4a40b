import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import { abortable, deferred } from '../../lib/wait.ts'
import { LineSelection, type TailSelection } from '../../tail/line-selection.ts'
import { lineOf, type TailLine } from '../../tail/tail-line.ts'

/** Batches that wait for whoever takes lines: no more are read meanwhile. */
const maxBatches = 4

/** The other end of a source: takes its batches, gives their lines, and holds the source back while nobody takes them. */
export class BatchFeed {
  readonly #selection: LineSelection
  #waiting: { readonly at: string; readonly batch: Batch }[] = []
  #some = deferred()
  #room = deferred()
  #isEnded = false
  #failure: Error | undefined

  constructor(selection: TailSelection) {
    this.#selection = new LineSelection(selection)
  }

  /** Takes over the batch. */
  take(at: string, batch: Batch): void {
    this.#waiting.push({ at, batch })
    this.#some.resolve()
  }

  get hasRoom(): boolean {
    return this.#waiting.length < maxBatches
  }

  async room(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom) await abortable(this.#room.promise, signal)
  }

  /** No more batches will come; `failure` given: because of it. */
  end(failure?: Error): void {
    this.#isEnded = true
    this.#failure ??= failure
    this.#some.resolve()
  }

  /** The wanted lines, a batch at a time; ends when nothing more comes. Rejects when `signal` aborts. */
  async *lines(signal: AbortSignal): AsyncGenerator<readonly TailLine[]> {
    for (;;) {
      const taken = this.#waiting.shift()
      if (taken) {
        this.#room.resolve()
        this.#room = deferred()
        const lines = this.#linesOf(taken)
        taken.batch.release()
        if (lines.length > 0) yield lines
        continue
      }
      if (this.#failure) throw this.#failure
      if (this.#isEnded) return
      await abortable(this.#some.promise, signal)
      this.#some = deferred()
    }
  }

  #linesOf({ at, batch }: { readonly at: string; readonly batch: Batch }): TailLine[] {
    const wanted = this.#selection.wantedOrigins(batch)
    const isLeftOut = this.#selection.leftOut(batch)
    const { origin, flags } = batch.columns
    const lines: TailLine[] = []
    for (let i = 0; i < batch.count; i++) {
      if (!wanted[origin[i]!]! || (flags[i]! & lineFlags.dropped) !== 0 || isLeftOut?.[i] === 1) continue
      lines.push(lineOf(batch, i, { at, maxBytes: Number.POSITIVE_INFINITY }))
    }
    return lines
  }
}
