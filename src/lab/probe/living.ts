/** What was noted and still lives; to be noted keeps nothing alive. */
export class Living<T extends WeakKey> {
  #noted: WeakRef<T>[] = []

  /** Costs a reference of 16 bytes until the next look, however often the same is noted. */
  note(one: T): void {
    this.#noted.push(new WeakRef(one))
  }

  /** After a collection of the heap, those that something refers to. */
  all(): readonly T[] {
    const living = new Set<T>()
    for (const reference of this.#noted) {
      const one = reference.deref()
      if (one !== undefined) living.add(one)
    }
    this.#noted = [...living].map((one) => new WeakRef(one))
    return [...living]
  }
}
