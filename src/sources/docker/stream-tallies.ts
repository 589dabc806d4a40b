/** What was read of one stream since the source was opened. */
export interface StreamTally {
  readonly lines: number
  readonly bytes: number
  /** Places before which lines may be missing. */
  readonly gaps: number
}

const nothing: StreamTally = { lines: 0, bytes: 0, gaps: 0 }

/** A tally for each stream that is looked after, by its key. */
export class StreamTallies {
  readonly #tallies = new Map<string, { lines: number; bytes: number; gaps: number }>()

  add(key: string, lines: number, bytes: number): void {
    const tally = this.#of(key)
    tally.lines += lines
    tally.bytes += bytes
  }

  gap(key: string): void {
    this.#of(key).gaps += 1
  }

  tallyOf(key: string): StreamTally {
    return this.#tallies.get(key) ?? nothing
  }

  /** The streams are looked after no longer. */
  forget(keys: readonly string[]): void {
    for (const key of keys) this.#tallies.delete(key)
  }

  #of(key: string) {
    let tally = this.#tallies.get(key)
    if (!tally) this.#tallies.set(key, (tally = { lines: 0, bytes: 0, gaps: 0 }))
    return tally
  }
}
