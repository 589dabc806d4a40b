/** What is open, by name: each can be closed alone, all at the end. Errors while closing are collected; one failure stops no other closing. */
export class OwnedMap<R extends AsyncDisposable> implements AsyncDisposable {
  readonly #open = new Map<string, R>()

  get(name: string): R | undefined {
    return this.#open.get(name)
  }

  /** Takes ownership of `resource` and gives it back for use. */
  take<T extends R>(name: string, resource: T): T {
    this.#open.set(name, resource)
    return resource
  }

  /** Resolves when it is closed; one that is not there is closed already. */
  async close(name: string): Promise<void> {
    const resource = this.#open.get(name)
    this.#open.delete(name)
    await resource?.[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = await Promise.allSettled([...this.#open.keys()].reverse().map((name) => this.close(name)))
    const errors = closed.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    if (errors.length > 0) throw new AggregateError(errors, 'closing failed')
  }
}
