import type { Stream } from './process.ts'
import { StreamLog, type StreamLogOptions } from './stream-log.ts'

/** What a pipe holds while nobody reads it. */
const pipeBytes = 65_536

/** The way of bytes from a container's process to its log: a pipe, the terminal where there is one, the streams. */
export class Output {
  readonly stdout: StreamLog
  readonly stderr: StreamLog
  readonly #isTty: boolean
  #held: { readonly stream: Stream; readonly bytes: Buffer }[] = []
  #heldBytes = 0
  #isHolding = false

  constructor(options: StreamLogOptions & { readonly isTty: boolean }) {
    this.#isTty = options.isTty
    this.stdout = new StreamLog(1, options)
    this.stderr = new StreamLog(2, options)
  }

  get hasRoom(): boolean {
    return this.#heldBytes < pipeBytes
  }

  write(stream: Stream, bytes: Buffer): void {
    if (this.#isHolding) {
      this.#held.push({ stream, bytes })
      this.#heldBytes += bytes.length
    } else this.#pass(stream, bytes)
  }

  /** Nobody reads the pipe from now on: the engine is down, or the container is paused. */
  hold(): void {
    this.#isHolding = true
  }

  /** The pipe is read again; what waited in it gets the time of now. */
  release(): void {
    this.#isHolding = false
    const held = this.#held
    this.#held = []
    this.#heldBytes = 0
    for (const { stream, bytes } of held) this.#pass(stream, bytes)
  }

  /** The process has ended. Says whether that made a last line without a line feed. */
  end(): boolean {
    const hasStdoutTail = this.stdout.end()
    const hasStderrTail = this.stderr.end()
    return hasStdoutTail || hasStderrTail
  }

  #pass(stream: Stream, bytes: Buffer): void {
    if (this.#isTty) this.stdout.write(asTerminal(bytes))
    else this[stream].write(bytes)
  }
}

/** A terminal makes CR LF of every LF, and has one stream only. */
function asTerminal(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1')
}
