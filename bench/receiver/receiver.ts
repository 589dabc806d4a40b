import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sleep } from '../../src/lib/wait.ts'
import type { Arrived } from './ids.ts'
import type { Answers, Question, ReceiverState } from './messages.ts'

const program = fileURLToPath(new URL('./main.ts', import.meta.url))
const typescript = new URL('../../scripts/typescript.mjs', import.meta.url).href
const lookEveryMs = 50

/** A receiving process, seen from the bench. */
export class Receiver implements AsyncDisposable {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.url = `http://127.0.0.1:${port}`
  }

  static async open(): Promise<Receiver> {
    const child = fork(program, { execArgv: ['--import', typescript], serialization: 'advanced' })
    const [message] = (await once(child, 'message')) as [{ answer: ReceiverState }]
    return new Receiver(child, message.answer.port)
  }

  state(): Promise<ReceiverState> {
    return this.#ask({ ask: 'state' })
  }

  /** Requests are taken, and answered when they are released. */
  async hold(): Promise<void> {
    await this.#ask({ ask: 'hold' })
  }

  async release(): Promise<void> {
    await this.#ask({ ask: 'release' })
  }

  /** Takes apart what has come so far and lets it go, before `count` is asked with as many lines. */
  async drain(lines: number): Promise<void> {
    await this.#ask({ ask: 'drain', lines })
  }

  /** Which of the lines 0 to `lines` have come. Always of as many. */
  count(lines: number): Promise<Arrived> {
    return this.#ask({ ask: 'count', lines })
  }

  /** Resolves when something has come and nothing more came for `quietMs`. */
  async untilQuiet(quietMs: number, signal: AbortSignal): Promise<ReceiverState> {
    let [state, sinceMs] = [await this.state(), performance.now()]
    for (;;) {
      await sleep(lookEveryMs, signal)
      const now = await this.state()
      if (now.requests !== state.requests || now.requests === 0) sinceMs = performance.now()
      state = now
      if (performance.now() - sinceMs > quietMs) return state
    }
  }

  async #ask<Q extends Question>(question: Q): Promise<Answers[Q['ask']]> {
    const answered = once(this.#child, 'message')
    this.#child.send(question)
    const [message] = (await answered) as [{ answer: Answers[Q['ask']] }]
    return message.answer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }
}
