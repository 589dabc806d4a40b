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
    this.#log.error({ lines: this.#unloggedLines, reason }, 'the destination refuses lines for good')
    this.#unloggedLines = 0
    this.#nextLogMs = nowMs + logEveryMs
  }
}
