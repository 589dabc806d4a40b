import type { Batch } from '../batch/batch.ts'
import type { Cursor } from '../batch/cursor.ts'
import { lineFlags } from '../batch/flags.ts'
import type { Progress } from '../batch/origin.ts'

/** A batch as a sink gets it, and how far the sink's cursors move with it. */
export interface Passed {
  readonly batch: Batch
  readonly progress: readonly Progress[]
}

/**
 * The lines that a sink has already, although its source reads them again for another sink that is behind: they are flagged as dropped, and
 * the sink's cursors stay where they are, until the source has come to the sink's own place.
 */
export class PassOver {
  /** Streams of which the sink has more than the source begins with, and up to where. */
  readonly #ahead = new Map<string, Cursor>()
  /** Streams that came to the sink's place in the present emission: its other copies are still filtered. */
  readonly #arrived = new Set<string>()
  #emission = 0

  constructor(places: readonly Progress[] = []) {
    for (const { key, cursor } of places) this.add(key, cursor)
  }

  get isEmpty(): boolean {
    return this.#ahead.size === 0
  }

  add(key: string, cursor: Cursor): void {
    this.#ahead.set(key, cursor)
    this.#arrived.delete(key)
  }

  /** Takes over the reference to `batch`; what it gives back may be another batch. Copies of one batch share the `emission`. */
  pass(batch: Batch, emission: number): Passed {
    if (emission !== this.#emission) this.#forgetArrived()
    this.#emission = emission
    const cursors = batch.origins.map(({ key }) => this.#ahead.get(key))
    if (cursors.every((cursor) => cursor === undefined)) return { batch, progress: batch.progress }
    const mine = batch.fork()
    batch.release()
    const pending = dropTaken(mine, cursors)
    const behind = new Set<string>()
    for (const [i, { key }] of mine.origins.entries()) {
      if (pending[i] !== undefined) behind.add(key)
      else if (this.#ahead.has(key)) this.#arrived.add(key)
    }
    return { batch: mine, progress: mine.progress.filter(({ key }) => !behind.has(key)) }
  }

  #forgetArrived(): void {
    for (const key of this.#arrived) this.#ahead.delete(key)
    this.#arrived.clear()
  }
}

/**
 * Flags the lines before the cursors, given by origin. @returns the cursors that were not reached. A stream that has reached its cursor is
 * filtered no more, whatever its times: the engine's clock may be set back at any line.
 */
function dropTaken(batch: Batch, cursors: readonly (Cursor | undefined)[]): (Cursor | undefined)[] {
  const pending = [...cursors]
  const { seconds, nanos, ordinal, origin, flags } = batch.columns
  for (let i = 0; i < batch.count; i++) {
    const cursor = pending[origin[i]!]
    if (cursor === undefined) continue
    const isAtTime = seconds[i] === cursor.seconds && nanos[i] === cursor.nanos
    const isTaken = isAtTime
      ? ordinal[i]! < cursor.count
      : seconds[i]! < cursor.seconds || (seconds[i] === cursor.seconds && nanos[i]! < cursor.nanos)
    if (isTaken) flags[i]! |= lineFlags.dropped
    if (!isTaken || (isAtTime && ordinal[i] === cursor.count - 1)) pending[origin[i]!] = undefined
  }
  return pending
}
