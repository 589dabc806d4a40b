import type { Writable } from 'node:stream'
import type { Batch } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import type { SendOutcome, Sink } from '../../component/sink.ts'
import { codeOf, messageOf } from '../../lib/error.ts'
import { abortable } from '../../lib/wait.ts'
import type { Log } from '../../telemetry/log.ts'
import { LineFormat } from './line-format.ts'

export interface ConsoleOptions {
  /** Not closed with the sink: it is not the sink's own. */
  readonly destination: Writable
  readonly isColored: boolean
  readonly log: Log
}

/** Codes of a destination that nobody reads any longer: it never comes back. */
const closedCodes: readonly (string | undefined)[] = ['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']

export class ConsoleSink implements Sink {
  readonly #options: ConsoleOptions
  readonly #format: LineFormat
  #isClosed = false

  constructor(options: ConsoleOptions) {
    this.#options = options
    this.#format = new LineFormat(options.isColored)
    // Every failure comes to the callback of its write as well, where it is dealt with.
    options.destination.on('error', passOver)
  }

  async send(batch: Batch, signal: AbortSignal): Promise<SendOutcome> {
    const text = this.#textOf(batch)
    if (text === '') return { status: 'delivered' }
    const failure = await abortable(this.#write(text), signal)
    if (!failure) return { status: 'delivered' }
    if (!closedCodes.includes(codeOf(failure))) return { status: 'retry', reason: messageOf(failure) }
    this.#noteClosed()
    return { status: 'rejected', rejections: [{ reason: 'nobody reads the output any longer', lines: 'all' }] }
  }

  #textOf(batch: Batch): string {
    const { count, columns } = batch
    let text = ''
    for (let i = 0; i < count; i++) {
      if ((columns.flags[i]! & lineFlags.dropped) === 0) text += this.#format.line(batch, i)
    }
    return text
  }

  /** Resolves when the destination has taken the text: a slow one holds back the next batch. */
  #write(text: string): Promise<Error | null | undefined> {
    return new Promise((resolve) => {
      this.#options.destination.write(text, (failure) => resolve(failure))
    })
  }

  #noteClosed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#options.log.warn({}, 'nobody reads the output any longer; what comes is counted as rejected')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.destination.off('error', passOver)
  }
}

function passOver(): void {
  // See the constructor.
}
