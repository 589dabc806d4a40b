/** Addresses that are remembered: an attacker has many, and memory ends. */
const maxAddresses = 10_000

interface Bucket {
  tokens: number
  atMs: number
}

/** So many events a second for each address, `burst` at once. */
export class RateLimit {
  readonly #perSecond: number
  readonly #burst: number
  readonly #nowMs: () => number
  readonly #buckets = new Map<string, Bucket>()

  constructor(
    { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
    nowMs = () => performance.now(),
  ) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#nowMs = nowMs
  }

  /** Seconds until there is one more, where there is none left now; 0: there is. */
  waitSeconds(address: string): number {
    const { tokens } = this.#bucketOf(address)
    return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / this.#perSecond)
  }

  take(address: string): void {
    this.#bucketOf(address).tokens -= 1
  }

  #bucketOf(address: string): Bucket {
    const now = this.#nowMs()
    const bucket = this.#buckets.get(address) ?? { tokens: this.#burst, atMs: now }
    bucket.tokens = Math.min(this.#burst, bucket.tokens + ((now - bucket.atMs) / 1_000) * this.#perSecond)
    bucket.atMs = now
    // The one that was seen last stands last: those that have been away longest are forgotten first, and are full again by then.
    this.#buckets.delete(address)
    this.#buckets.set(address, bucket)
    if (this.#buckets.size > maxAddresses) this.#buckets.delete(this.#buckets.keys().next().value!)
    return bucket
  }
}
