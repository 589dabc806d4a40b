/** So many bytes a second, and so many at once; full at the beginning. What does not fit takes nothing. */
export class TokenBucket {
  readonly #bytesPerSecond: number
  readonly #burstBytes: number
  #bytes: number
  #atMs: number

  constructor({ bytesPerSecond, burstBytes }: { readonly bytesPerSecond: number; readonly burstBytes: number }) {
    this.#bytesPerSecond = bytesPerSecond
    this.#burstBytes = burstBytes
    this.#bytes = burstBytes
    this.#atMs = performance.now()
  }

  /** Takes `bytes`, or says no. */
  take(bytes: number): boolean {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return true
    const nowMs = performance.now()
    const earned = ((nowMs - this.#atMs) / 1000) * this.#bytesPerSecond
    this.#bytes = Math.min(this.#burstBytes, this.#bytes + earned)
    this.#atMs = nowMs
    if (bytes > this.#bytes) return false
    this.#bytes -= bytes
    return true
  }
}
