import type { Batch } from '../batch/batch.ts'
import { lineFlags } from '../batch/flags.ts'
import type { Rejection } from '../component/sink.ts'
import type { Log } from '../telemetry/log.ts'

/** A destination that refuses every batch is named so often at the most. */
const logEveryMs = 10_000

/** Says in the log that a destination refuses lines, with their number, without filling the log. */
export class Rejections {
  readonly #log: Log
  #unloggedLines = 0
  #nextLogMs = 0

  constructor(log: Log) {
    this.#log = log
  }

  add(lines: number, reason: string): void {
    this.#unloggedLines += lines
    const nowMs = performance.now()
    if (nowMs < this.#nextLogMs) return
    this.#log.error({ lines: this.#unloggedLines, reason }, 'the destination refuses lines for good; they are kept as dead letters')
    this.#unloggedLines = 0
    this.#nextLogMs = nowMs + logEveryMs
  }
}

interface Size {
  readonly lines: number
  readonly bytes: number
}

/** Of the lines that were sent, those that were refused; `whole` is all of them. */
export function sizeOfRejected(batch: Batch, rejections: readonly Rejection[], whole: Size): Size {
  if (rejections.some(({ lines }) => lines === 'all')) return whole
  const { start, end, flags } = batch.columns
  const lines = rejections.flatMap((rejection) => (rejection.lines === 'all' ? [] : rejection.lines))
  const rejected = lines.filter((line) => (flags[line]! & lineFlags.dropped) === 0)
  return { lines: rejected.length, bytes: rejected.reduce((sum, line) => sum + end[line]! - start[line]!, 0) }
}
