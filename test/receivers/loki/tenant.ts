import type { LabelSet } from './labels.ts'
import { type LokiLimits } from './limits.ts'
import type { Answer, Entry } from './push.ts'
import { type Keep, StoredStream } from './stored-stream.ts'
import { TokenBucket } from './token-bucket.ts'
import { goTime, rfc3339 } from './validate.ts'

const maxReturnedErrors = 10

interface Shelf {
  readonly stored: StoredStream
  readonly rate: TokenBucket
}

/** The streams of one tenant: what Loki's ingester does with entries that the distributor let through. */
export class Tenant {
  readonly name: string
  readonly rate: TokenBucket
  readonly #limits: LokiLimits
  readonly #keep: Keep
  readonly #shelves = new Map<string, Shelf>()

  constructor(name: string, { limits, keep }: { readonly limits: LokiLimits; readonly keep: Keep }) {
    this.name = name
    this.#limits = limits
    this.#keep = keep
    this.rate = new TokenBucket(limits)
  }

  streams(): StoredStream[] {
    return Array.from(this.#shelves.values(), ({ stored }) => stored)
  }

  /** Stores what can be; gives back the answer where that is not everything. */
  append(labels: LabelSet, entries: readonly Entry[], onStored: (entry: Entry) => void): Answer | undefined {
    const { stored, rate } = this.#shelf(labels)
    const bytes = entries.reduce((sum, { line }) => sum + line.length, 0)
    if (!rate.take(bytes)) return this.#rateLimited(labels.name, entries)
    const behind: string[] = []
    for (const entry of entries) {
      const fault = this.#fault(entry, stored)
      if (fault !== undefined) behind.push(fault)
      else {
        stored.add(entry)
        onStored(entry)
      }
    }
    return behind.length === 0 ? undefined : { status: 400, text: this.#failure(labels.name, behind, entries.length) }
  }

  #fault(entry: Entry, { newest }: StoredStream): string | undefined {
    if (!newest) return undefined
    const oldest = newest.seconds - this.#limits.maxBehindSeconds
    const isBehind = entry.seconds < oldest || (entry.seconds === oldest && entry.nanos < newest.nanos)
    if (!isBehind) return undefined
    const reason = `entry too far behind, entry timestamp is: ${rfc3339(entry.seconds)}, oldest acceptable timestamp is: ${rfc3339(oldest)}`
    return failedEntry(entry, reason)
  }

  #rateLimited(stream: string, entries: readonly Entry[]): Answer {
    const faults = entries.slice(0, maxReturnedErrors).map((entry) => {
      const limit = `${(this.#limits.streamBytesPerSecond / 1024 / 1024).toFixed(0)}MB/sec`
      const reason = `Per stream rate limit exceeded (limit: ${limit}) while attempting to ingest for stream '${stream}' totaling ${entry.line.length}B, consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased`
      return failedEntry(entry, reason)
    })
    return { status: 429, text: this.#failure(stream, faults, entries.length, entries.length) }
  }

  #failure(stream: string, faults: readonly string[], total: number, ignored = faults.length): string {
    const shown = faults.slice(0, maxReturnedErrors).join('\n')
    return `${shown}\nuser '${this.name}', total ignored: ${ignored} out of ${total} for stream: ${stream}`
  }

  #shelf(labels: LabelSet): Shelf {
    const found = this.#shelves.get(labels.name)
    if (found) return found
    const { streamBytesPerSecond: bytesPerSecond, streamBurstBytes: burstBytes } = this.#limits
    const made = { stored: new StoredStream(labels, this.#keep), rate: new TokenBucket({ bytesPerSecond, burstBytes }) }
    this.#shelves.set(labels.name, made)
    return made
  }
}

function failedEntry(entry: Entry, reason: string): string {
  return `entry with timestamp ${goTime(entry)} ignored, reason: '${reason}',`
}
