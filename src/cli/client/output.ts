import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** Standard output as something that may be slow, and may close: `| head`. */
export class Output implements Disposable {
  /** Aborts when nobody reads any more. */
  readonly closed: AbortSignal
  readonly #stream: Writable
  readonly #closing = new AbortController()
  readonly #onGone = () => this.#closing.abort(new Error('nobody reads the output any more'))

  constructor(stream: Writable) {
    this.#stream = stream
    this.closed = this.#closing.signal
    stream.on('error', this.#onGone).on('close', this.#onGone)
  }

  /** Resolves when there is room for more. Rejects when nobody reads any more. */
  async write(text: string): Promise<void> {
    if (!this.#stream.write(text)) await once(this.#stream, 'drain', { signal: this.closed })
  }

  /** Resolves when everything has been taken. */
  async flushed(): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.write('', () => resolve()))
  }

  [Symbol.dispose](): void {
    this.#stream.off('close', this.#onGone)
    // Its errors are passed over from now on, too: nobody reads, and that is no failure.
  }
}
