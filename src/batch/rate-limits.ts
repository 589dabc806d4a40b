import { BoundedMap } from '../lib/bounded-map.ts'
import type { Batch } from './batch.ts'
import { lineTimeMs } from './line-time.ts'

/** Lines that may pass, at most `burst`, as of a time of the lines in milliseconds. */
interface Bucket {
  lines: number
  atMs: number
}

/** The last line of a stream, and, once it has been read again from a place before, the buckets that have begun anew for it. */
interface Place {
  seconds: number
  nanos: number
  ordinal: number
  begun: Set<Bucket> | undefined
}

export interface Rate {
  readonly linesPerSecond: number
  /** So many pass at once after a quiet time. */
  readonly burst: number
}

/** Names and streams beyond are forgotten, those not used for longest first: they begin full again. */
const mostKnown = 20_000

/** Says which lines may pass, so many a second for each name, in the time of the lines. */
export class RateLimits {
  readonly #rate: Rate
  readonly #buckets = new BoundedMap<string, Bucket>(mostKnown)
  readonly #places = new BoundedMap<string, Place>(mostKnown)

  constructor(rate: Rate) {
    this.#rate = rate
  }

  /**
   * Whether a line of this name may pass, which counts it then. `place` is that of its stream (`placeOf`). Where the stream is read again from a place before, or its clock
   * was set back, each name that it has lines of begins with a burst again.
   */
  mayPass(name: string, place: Place, batch: Batch, row: number): boolean {
    const nowMs = lineTimeMs(batch, row)
    if (!goesOn(place, batch, row)) place.begun = new Set()
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) this.#buckets.set(name, (bucket = this.#full(nowMs)))
    if (place.begun?.has(bucket) === false) {
      place.begun.add(bucket)
      Object.assign(bucket, this.#full(nowMs))
    } else this.#refill(bucket, nowMs)
    if (bucket.lines < 1) return false
    bucket.lines -= 1
    return true
  }

  #full(atMs: number): Bucket {
    return { lines: this.#rate.burst, atMs }
  }

  /** How far a stream has come here. */
  placeOf(key: string): Place {
    let place = this.#places.get(key)
    if (place === undefined)
      this.#places.set(key, (place = { seconds: Number.NEGATIVE_INFINITY, nanos: 0, ordinal: 0, begun: undefined }))
    return place
  }

  /** Two streams of a container are not in the order of their times: what lies back is no time. */
  #refill(bucket: Bucket, nowMs: number): void {
    const passedMs = nowMs - bucket.atMs
    if (passedMs <= 0) return
    bucket.lines = Math.min(this.#rate.burst, bucket.lines + (passedMs / 1000) * this.#rate.linesPerSecond)
    bucket.atMs = nowMs
  }
}

/** Whether the line comes after the stream's last. */
function goesOn(place: Place, { columns }: Batch, row: number): boolean {
  const seconds = columns.seconds[row]!
  const nanos = columns.nanos[row]!
  const ordinal = columns.ordinal[row]!
  const isLater = (seconds - place.seconds || nanos - place.nanos || ordinal - place.ordinal) > 0
  place.seconds = seconds
  place.nanos = nanos
  place.ordinal = ordinal
  return isLater
}

/** So many lines pass at once where nothing else is said: those of ten seconds, and one at least. */
export function burstOf(linesPerSecond: number): number {
  return Math.max(1, Math.ceil(linesPerSecond * 10))
}
