import { VerifyError } from '../verify-error.ts'

const secondNanos = 1_000_000_000n
/** Loki takes 30 days by default (max_query_length). */
const weekNanos = 7n * 86_400n * secondNanos
/** Loki's own default for max_entries_limit_per_query. */
const defaultMaxEntries = 5_000
const leastEntries = 16
/** Answers below this size let the next question be larger again. */
const smallAnswerBytes = 8 * 1024 * 1024

/** How much is asked for at once: less, when Loki says that it is too much, then slowly more again. */
export class QuestionSize {
  /** Entries of a question at the most; Loki may say less. */
  maxEntries = defaultMaxEntries
  entries = defaultMaxEntries
  nanos = weekNanos

  /** @throws VerifyError when it cannot be less */
  askLess({ reason, maxEntries }: { readonly reason: string; readonly maxEntries: number | undefined }): void {
    if (maxEntries !== undefined && maxEntries > 0 && maxEntries < this.entries) {
      this.maxEntries = maxEntries
      this.entries = maxEntries
      return
    }
    if (this.entries <= leastEntries && this.nanos <= secondNanos)
      throw new VerifyError(`Loki does not answer the smallest question: ${reason}`, {
        hint: 'narrow it by --container, --since or --loki-query',
      })
    this.entries = Math.max(leastEntries, this.entries >> 1)
    const seconds = this.nanos / secondNanos / 2n
    this.nanos = (seconds > 1n ? seconds : 1n) * secondNanos
  }

  answered(bytes: number): void {
    if (bytes < smallAnswerBytes) this.entries = Math.min(this.maxEntries, this.entries * 2)
  }
}
