import type { Progress } from '../batch/origin.ts'
import type { RequestLimits, Sink } from '../component/sink.ts'
import type { BufferPool } from '../lib/buffer-pool.ts'
import type { Entry, Queue } from './queue.ts'
import { areOfOnePart, nextGroup, passOverIn, type Request, requestFor, requestsFor } from './requests.ts'

/** So early a request may be, a quarter of its age at the most: lines that have just come would else cost one more wake-up. */
const earlyMs = 15

/** How requests are to be formed just now. */
export interface FormOptions {
  readonly sink: Sink
  /** Requests at a time, where the sink takes requests. */
  readonly concurrency: number
  /** Lines wait for nothing. */
  readonly isDraining: boolean
}

/** Requests that are formed and not settled, in order, and how they are made of what waits in the queue. */
export class OpenRequests {
  readonly #queue: Queue
  /** Memory of merged batches. */
  readonly #pool: BufferPool
  readonly #open: Request[] = []
  /** `performance.now()` when requests were formed last. */
  #formedAtMs = Number.NEGATIVE_INFINITY

  constructor(queue: Queue, pool: BufferPool) {
    this.#queue = queue
    this.#pool = pool
  }

  /** The first that is to be sent, for the first time or again. */
  get waiting(): Request | undefined {
    return this.#open.find(({ state }) => state === 'waiting')
  }

  /** The next request of what waits; or milliseconds until there is one; undefined: nothing waits. */
  form({ sink, concurrency, isDraining }: FormOptions): Request | number | undefined {
    const { requests } = sink
    const first = this.#firstEntry()
    if (!requests) {
      if (first) this.#open.push(requestFor(first))
      return this.#open.at(-1)?.state === 'waiting' ? this.#open.at(-1) : undefined
    }
    // A stream's requests come one after the other: the next are formed when all of these are settled.
    if (this.#open.length > 0 || first === undefined) return undefined
    const group = nextGroup(this.#queue.head, requests.maxBytes * concurrency)
    const now = performance.now()
    const waitMs = this.#formedAtMs + requests.maxAgeMs - now
    const isDue = group.bytes >= requests.maxBytes || group.isFull || this.#queue.hasBacklog || isDraining
    // Lines that come alone go at once; many lines gather, however often they come.
    if (!isDue && waitMs > Math.min(earlyMs, requests.maxAgeMs / 4)) return waitMs
    this.#formedAtMs = now
    const parts = Math.max(1, Math.min(concurrency, Math.ceil(group.bytes / requests.maxBytes)))
    this.#open.push(...this.#requestsOf(group.entries, parts, requests))
    return this.#open[0]
  }

  #requestsOf(entries: readonly Entry[], parts: number, { maxBytes, maxConcurrent }: RequestLimits): Request[] {
    const [first] = entries
    // Large batches go out as they are where taking them apart would gain nothing: no byte is copied.
    if (parts > 1 && first!.size.bytes * 2 >= maxBytes && areOfOnePart(entries, parts)) return [requestFor(first!)]
    // Of a whole group, with the columns of lines that are not very short.
    const leastBytes = maxBytes * maxConcurrent * 1.25
    return requestsFor(entries, parts, { pool: this.#pool, leastBytes })
  }

  /** The first entry that waits and has lines; those without are settled on the way. */
  #firstEntry(): Entry | undefined {
    while (true) {
      const entry = this.#queue.head.find(({ state }) => state === 'waiting')
      if (entry === undefined || entry.size.lines > 0) return entry
      entry.state = 'settled'
      this.#queue.settle()
    }
  }

  /** The request has arrived, or is kept as dead letters. Its batch is released. */
  settle(request: Request): void {
    const at = this.#open.indexOf(request)
    request.batch.release()
    // Released in the meantime: the lane has ended.
    if (at < 0) return
    this.#open.splice(at, 1)
    for (const entry of request.entries) {
      entry.openRequests -= 1
      if (entry.openRequests === 0) entry.state = 'settled'
    }
    this.#queue.settle()
  }

  /** Takes out what another sink has already. */
  passOver(places: readonly Progress[]): void {
    passOverIn(this.#open, places)
  }

  /** Gives back all batches, but for those that the sink still holds. */
  release(): void {
    for (const { batch, state } of this.#open.splice(0)) if (state !== 'sending') batch.release()
  }
}
