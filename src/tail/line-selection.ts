import type { Batch } from '../batch/batch.ts'
import { linesWith } from '../batch/lines-with.ts'
import type { Origin } from '../batch/origin.ts'
import { matchesWildcard } from '../lib/wildcard.ts'

/** Which lines are wanted. Empty lists want all. */
export interface TailSelection {
  /** Names of containers, with `*` and `?`. */
  readonly container: readonly string[]
  readonly stream?: 'stdout' | 'stderr' | undefined
  /** Texts of which a line has to contain one. */
  readonly include: readonly string[]
  /** Texts of which a line must contain none. */
  readonly exclude: readonly string[]
}

/** Tells the wanted lines of batches. */
export class LineSelection {
  readonly #selection: TailSelection
  readonly #include: readonly Buffer[]
  readonly #exclude: readonly Buffer[]
  readonly #isWanted = new WeakMap<Origin, boolean>()

  constructor(selection: TailSelection) {
    this.#selection = selection
    this.#include = selection.include.map((text) => Buffer.from(text))
    this.#exclude = selection.exclude.map((text) => Buffer.from(text))
  }

  /** For each of the batch's origins whether its lines are wanted, as far as it alone decides. */
  wantedOrigins({ origins }: Batch): readonly boolean[] {
    return origins.map((origin) => this.#wants(origin))
  }

  #wants(origin: Origin): boolean {
    const known = this.#isWanted.get(origin)
    if (known !== undefined) return known
    const { container, stream } = this.#selection
    const isWanted =
      (stream === undefined || stream === origin.stream) &&
      (container.length === 0 || container.some((pattern) => matchesWildcard(pattern, origin.container.name)))
    this.#isWanted.set(origin, isWanted)
    return isWanted
  }

  /** 1 for lines whose text is not wanted; undefined where any is. */
  leftOut(batch: Batch): Uint8Array | undefined {
    if (this.#include.length === 0 && this.#exclude.length === 0) return undefined
    const isLeftOut = this.#exclude.length === 0 ? new Uint8Array(batch.count) : linesWith(batch, this.#exclude)
    if (this.#include.length === 0) return isLeftOut
    const isIncluded = linesWith(batch, this.#include)
    for (let i = 0; i < batch.count; i++) if (isIncluded[i] === 0) isLeftOut[i] = 1
    return isLeftOut
  }
}
