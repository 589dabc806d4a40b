import type { BodyReader, BodyReaderOptions } from './body-reader.ts'
import { FrameReader } from './frame-reader.ts'
import { TtyReader } from './tty-reader.ts'

/** The largest first byte of a frame; a TTY's log begins with a digit of its first line's time. */
const lastFrameKind = 3

/**
 * Reads a log response of either format. With timestamps asked for, the first byte tells which it is, on every engine: Docker 20.10 sends no
 * Content-Type, 28.5 the same one for both as version 1.41, and asking by inspect first takes longer than a short container lives (20.10 holds
 * inspect back while a container starts).
 */
export class LogReader implements BodyReader {
  readonly #options: BodyReaderOptions
  #reader: BodyReader | undefined

  constructor(options: BodyReaderOptions) {
    this.#options = options
  }

  get isWithinLine(): boolean {
    return this.#reader?.isWithinLine === true
  }

  feed(bytes: Buffer, from: number, to: number): void {
    if (from === to) return
    this.#reader ??= bytes[from]! <= lastFrameKind ? new FrameReader(this.#options) : new TtyReader(this.#options)
    this.#reader.feed(bytes, from, to)
  }

  finish(): void {
    this.#reader?.finish()
  }
}
