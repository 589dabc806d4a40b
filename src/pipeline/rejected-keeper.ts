import type { Batch } from '../batch/batch.ts'
import type { Rejection } from '../component/sink.ts'
import { BackOff } from '../lib/back-off.ts'
import { messageOf } from '../lib/error.ts'
import { hasAborted } from '../lib/wait.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { DeadLetters } from './dead-letters/dead-letters.ts'

export interface RejectedKeeperOptions {
  readonly sink: string
  readonly deadLetters: Pick<DeadLetters, 'add'>
  readonly log: Log
  readonly metrics: Metrics
}

/** Gives lines that a sink has refused to the dead letters, and does not let go of them before the disk has them. */
export class RejectedKeeper {
  readonly #options: RejectedKeeperOptions
  /** Why they cannot be kept; undefined: they can. */
  failure: string | undefined

  constructor(options: RejectedKeeperOptions) {
    this.#options = options
  }

  /** Tries until it has worked. @returns whether it has, when `signal` aborts */
  async keep(batch: Batch, rejections: readonly Rejection[], signal: AbortSignal): Promise<boolean> {
    const { deadLetters, metrics, log, sink } = this.#options
    const backOff = new BackOff({ firstMs: 250, maxMs: 10_000 })
    while (true) {
      try {
        await deadLetters.add({ sink, batch, rejections })
        if (backOff.failures > 0) log.info({ sink }, 'dead letters can be written again')
        this.failure = undefined
        return true
      } catch (error) {
        metrics.queueErrors.inc({ sink })
        const message = messageOf(error)
        if (backOff.failures === 0)
          log.error({ sink, error: message }, 'dead letters cannot be written; it is tried again until they are')
        this.failure = `dead letters cannot be written: ${message}`
        if (hasAborted(signal)) return false
        await backOff.wait(signal).catch(() => undefined)
      }
    }
  }
}
