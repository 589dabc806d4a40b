import type { ChildProcess } from 'node:child_process'
import { abortable, deferred, type Deferred } from '../../lib/wait.ts'
import type { Answers, Question } from './messages.ts'

type AnswerTo<Q extends Question> = Answers[Q['ask']]

/** The lab's end of the channel to a probe. */
export class ProbeClient {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Deferred<unknown>>()
  #lastId = 0

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message) => {
      const { id, answer } = message as { readonly id: number; readonly answer: unknown }
      this.#waiting.get(id)?.resolve(answer)
      this.#waiting.delete(id)
    })
    child.once('disconnect', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the program under test has ended'))
      this.#waiting.clear()
    })
  }

  async ask<Q extends Question>(question: Q, signal: AbortSignal): Promise<AnswerTo<Q>> {
    const id = ++this.#lastId
    const waiting = deferred<unknown>()
    this.#waiting.set(id, waiting)
    this.#child.send({ id, question }, (error) => {
      if (error === null) return
      this.#waiting.delete(id)
      waiting.reject(error)
    })
    return (await abortable(waiting.promise, signal)) as AnswerTo<Q>
  }
}
