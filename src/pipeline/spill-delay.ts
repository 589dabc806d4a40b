/** How long sources wait for a sink that takes lines, and for one that takes nothing any more. */
interface Patience {
  readonly takingMs: number
  readonly idleMs: number
}

const patiences: Readonly<Record<SinkKind, Patience>> = {
  /** Long enough for a catch-up of some million lines. */
  remote: { takingMs: 5_000, idleMs: 1_000 },
  /** What such a sink takes gains nothing by waiting on a disk before, and the disk of a busy host may take seconds to confirm. */
  local: { takingMs: Number.POSITIVE_INFINITY, idleMs: 10_000 },
  failing: { takingMs: 0, idleMs: 0 },
}

/** `local`: it writes to a disk of this host. `failing`: what was sent last did not arrive. */
export type SinkKind = 'remote' | 'local' | 'failing'

export interface SpillDelayOptions {
  readonly sinkKind: () => SinkKind
  /** Called when the delay ends, not where it is called off. */
  readonly onOver: () => void
}

/**
 * How long sources wait for a sink before lines go to disk. The disk is for a sink that cannot keep up: what it can take a moment later is cheaper where it is, in the log
 * that it is read from (the way over the disk adds half of the cost of a line). The times are short for a log to be
 * rotated away under its reader, and a source that sees it coming ends them (`hurry`).
 */
export class SpillDelay implements Disposable {
  readonly #options: SpillDelayOptions
  #fullAtMs: number | undefined
  #takenAtMs = 0
  #isHurried = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: SpillDelayOptions) {
    this.#options = options
  }

  /** Whether lines may go to disk. */
  get isOver(): boolean {
    return this.#fullAtMs !== undefined && performance.now() >= this.#endsAtMs(this.#fullAtMs)
  }

  /** Memory is full. */
  begin(): void {
    if (this.#fullAtMs !== undefined) return
    this.#fullAtMs = performance.now()
    this.#isHurried = false
    this.#wait()
  }

  /** Ends the delay, if there is one: what waits in a source may be gone soon. */
  hurry(): void {
    this.#isHurried = true
    this.#wait()
  }

  /** The sink has taken something. */
  taken(): void {
    this.#takenAtMs = performance.now()
  }

  /** There is room again, or lines go to disk already. */
  end(): void {
    this.#fullAtMs = undefined
    clearTimeout(this.#timer)
  }

  [Symbol.dispose](): void {
    this.end()
  }

  #endsAtMs(fullAtMs: number): number {
    if (this.#isHurried) return fullAtMs
    const { takingMs, idleMs } = patiences[this.#options.sinkKind()]
    return Math.min(fullAtMs + takingMs, Math.max(fullAtMs, this.#takenAtMs) + idleMs)
  }

  #wait(): void {
    clearTimeout(this.#timer)
    if (this.#fullAtMs === undefined) return
    const waitMs = this.#endsAtMs(this.#fullAtMs) - performance.now()
    if (waitMs <= 0) this.#options.onOver()
    // A timer may be some part of a millisecond early.
    else this.#timer = setTimeout(() => this.#wait(), Math.ceil(waitMs))
  }
}
