/** What is held is told apart by identities: an inode, or a number and what it stands for. */
export interface Identified {
  readonly identity: string
  /** What it is, for people. */
  readonly what: string
}

/** Rests after its first sight at which something must still be there to count as surviving. */
const lasting = 2

/**
 * Who stays: of what was opened after the warm-up, that which was still there two rests later and is there now. It names the culprit of a leak, it does not
 * decide whether there is one.
 */
export class IdentityLedger {
  readonly #firstSeen = new Map<string, number>()
  #now: readonly Identified[] = []
  #rests = 0
  #warmUp = 0

  /** What there is at a rest. */
  see(held: readonly Identified[]): void {
    this.#rests += 1
    this.#now = held
    const present = new Set(held.map(({ identity }) => identity))
    for (const identity of this.#firstSeen.keys()) if (!present.has(identity)) this.#firstSeen.delete(identity)
    for (const identity of present) if (!this.#firstSeen.has(identity)) this.#firstSeen.set(identity, this.#rests)
  }

  /** What is there by now belongs to the warm-up. */
  endWarmUp(): void {
    this.#warmUp = this.#rests
  }

  /** By what they are, the most numerous first. */
  survivors(): readonly { readonly what: string; readonly amount: number }[] {
    const amounts = new Map<string, number>()
    for (const { identity, what } of this.#now) {
      const first = this.#firstSeen.get(identity)!
      if (first <= this.#warmUp || this.#rests - first < lasting) continue
      amounts.set(what, (amounts.get(what) ?? 0) + 1)
    }
    return [...amounts].map(([what, amount]) => ({ what, amount })).sort((a, b) => b.amount - a.amount)
  }
}
