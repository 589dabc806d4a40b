import { deferred, sleep } from '../lib/wait.ts'
import type { Output } from './output.ts'
import { type Program, type SimulatedProcess, signalNumbers, type Stream } from './process.ts'

/** Why a program's waits end. */
class ProcessEnded extends Error {}

const deadlySignals: readonly number[] = [
  signalNumbers['INT']!,
  signalNumbers['QUIT']!,
  signalNumbers['KILL']!,
  signalNumbers['TERM']!,
]

/** One run of a container: from a start to the exit that follows it. */
export class Run implements SimulatedProcess {
  /** Settles when the program has let go; never rejects. */
  readonly settled: Promise<void>
  readonly #output: Output
  readonly #onExit: (code: number) => void
  readonly #ended = new AbortController()
  #handler: ((signal: number) => void) | undefined
  #isPaused = false
  #waiting: (() => void)[] = []

  constructor(program: Program, options: { readonly output: Output; readonly onExit: (code: number) => void }) {
    this.#output = options.output
    this.#onExit = options.onExit
    this.settled = this.#execute(program)
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  write(stream: Stream, bytes: Buffer): boolean {
    if (!this.signal.aborted) this.#output.write(stream, bytes)
    return this.#canRun
  }

  async ready(): Promise<void> {
    this.signal.throwIfAborted()
    while (!this.#canRun) {
      const { promise, resolve } = deferred()
      this.#waiting.push(resolve)
      await promise
      this.signal.throwIfAborted()
    }
  }

  async sleep(ms: number): Promise<void> {
    await sleep(ms, this.signal)
    await this.ready()
  }

  onSignal(handler: (signal: number) => void): void {
    this.#handler = handler
  }

  exit(code: number): void {
    if (this.signal.aborted) return
    this.#ended.abort(new ProcessEnded('the process has ended'))
    this.wake()
    this.#onExit(code)
  }

  /** The program is let go of, and nobody is told. */
  close(): void {
    this.#ended.abort(new ProcessEnded('the simulated engine was closed'))
    this.wake()
  }

  /** A signal arrives from outside. */
  deliver(signal: number): void {
    if (signal !== signalNumbers['KILL'] && this.#handler) this.#handler(signal)
    else if (deadlySignals.includes(signal)) this.exit(128 + signal)
  }

  pause(): void {
    this.#isPaused = true
  }

  unpause(): void {
    this.#isPaused = false
    this.wake()
  }

  /** Lets the program look again whether it may run on. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  get #canRun(): boolean {
    return !this.#isPaused && this.#output.hasRoom
  }

  async #execute(program: Program): Promise<void> {
    try {
      // Not in the constructor's turn: whoever starts a container finishes that first.
      await Promise.resolve()
      this.exit(await program(this))
    } catch (error) {
      // A program whose process was ended from outside stops by this error. Any other failure is the program's own
      // and ends its container as an uncaught exception would.
      if (error instanceof ProcessEnded) return
      this.write('stderr', Buffer.from(`${String(error)}\n`))
      this.exit(1)
    }
  }
}
