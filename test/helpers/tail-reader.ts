import type { TailEvent, TailLine } from '../../src/api/v1/schemas.ts'

/** A client of /api/v1/tail, that keeps what it is told. */
export class TailReader implements AsyncDisposable {
  readonly lines: TailLine[] = []
  skipped = 0
  readonly #closing = new AbortController()
  #reading: Promise<void> = Promise.resolve()
  #goOn: (() => void) | undefined

  /** Resolves when the server has said that lines are looked at from now on. `paused`: reads no more, until `goOn`. */
  static async open(url: string, query = '', reading?: 'paused'): Promise<TailReader> {
    const tail = new TailReader()
    const answer = await fetch(`${url}/api/v1/tail?${query}`, { signal: tail.#closing.signal })
    if (answer.status !== 200) throw new Error(`the tail was refused: ${await answer.text()}`)
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    const { value = '' } = await reader.read()
    const paused = new Promise<void>((resolve) => (tail.#goOn = resolve))
    tail.#reading = (reading === 'paused' ? paused : Promise.resolve()).then(() => tail.#read(reader, value))
    return tail
  }

  goOn(): void {
    this.#goOn?.()
  }

  get texts(): string[] {
    return this.lines.map(({ text }) => text)
  }

  async #read(reader: ReadableStreamDefaultReader<string>, first: string): Promise<void> {
    let rest = first
    try {
      for (;;) {
        const events = rest.split('\n\n')
        rest = events.pop()!
        for (const event of events) this.#take(JSON.parse(event.replace(/^data: /, '')) as TailEvent)
        const { done, value } = await reader.read()
        if (done) return
        rest += value
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error
    }
  }

  #take({ lines, skipped }: TailEvent): void {
    this.lines.push(...lines)
    this.skipped += skipped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    this.#goOn?.()
    await this.#reading
  }
}
