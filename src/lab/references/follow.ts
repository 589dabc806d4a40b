import type { IncomingMessage } from 'node:http'
import { type Deferred, deferred } from '../../lib/wait.ts'
import type { LogLines } from './log-lines.ts'

/** `replaced`: another follow takes its place. */
export type FollowEnd = 'ended' | 'cut' | 'replaced'

/** A log response that is read as it comes. */
export class Follow {
  readonly #response: IncomingMessage
  readonly #end: Deferred<FollowEnd> = deferred<FollowEnd>()

  constructor(response: IncomingMessage, lines: LogLines) {
    this.#response = response
    response.on('data', (bytes: Buffer) => lines.feed(bytes))
    response.on('end', () => {
      lines.finish()
      this.#end.resolve('ended')
    })
    // Whether by an error or without one: an end that was not told.
    response.on('error', () => undefined)
    response.on('close', () => this.#end.resolve('cut'))
  }

  get ended(): Promise<FollowEnd> {
    return this.#end.promise
  }

  /** Closes it, and its connection. */
  cut(): void {
    this.#end.resolve('replaced')
    this.#response.destroy()
  }

  /** Leaves it as it is: open, with its connection, and nobody reads it any more. */
  abandon(): void {
    this.#end.resolve('replaced')
    this.#response.removeAllListeners('data').removeAllListeners('end')
    this.#response.pause()
    // As a reader that is blocked for ever: what comes stays in the kernel, the end of the connection too.
    this.#response.socket.pause()
  }
}
