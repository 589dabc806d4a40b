/**
 * What has been opened so far, closed in reverse order: `AsyncDisposableStack` for Node 20 and 22, which have
 * `Symbol.asyncDispose` but not the stack. Errors while closing are collected; one failure stops no other closing.
 *
 * @example
 * await using undo = new Owned()
 * const socket = undo.take(await connect())
 * await handshake(socket) // if this throws, the socket is closed
 * return new Client(socket, undo.move())
 */
export class Owned implements AsyncDisposable {
  #open: AsyncDisposable[] = []

  /** Takes ownership of `resource` and gives it back for use. */
  take<R extends AsyncDisposable>(resource: R): R {
    this.#open.push(resource)
    return resource
  }

  /** Runs `close` when everything else taken after it has been closed. */
  defer(close: () => void | Promise<void>): void {
    this.#open.push({
      async [Symbol.asyncDispose]() {
        await close()
      },
    })
  }

  /** Hands everything over to a new owner; this one then closes nothing. */
  move(): Owned {
    const next = new Owned()
    next.#open = this.#open
    this.#open = []
    return next
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = []
    for (let resource = this.#open.pop(); resource !== undefined; resource = this.#open.pop()) {
      try {
        await resource[Symbol.asyncDispose]()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'closing failed')
  }
}
