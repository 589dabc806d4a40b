import { idDigits, idPrefix } from '../input/lines.ts'

export interface Arrived {
  readonly missing: number
  readonly doubled: number
  /** When each line came, in milliseconds since 1970; NaN: it did not. */
  readonly atMs: Float64Array
}

/** Which lines have come, by their numbers. */
export class Ids {
  readonly #times: Uint16Array
  readonly #atMs: Float64Array
  /** Numbers that no line has. */
  #unknown = 0

  constructor(lines: number) {
    this.#times = new Uint16Array(lines)
    this.#atMs = new Float64Array(lines).fill(Number.NaN)
  }

  /** Every number in `bytes`, whichever format they are in. */
  take(bytes: Buffer, atMs: number): void {
    for (let at = bytes.indexOf(idPrefix); at >= 0; at = bytes.indexOf(idPrefix, at + idPrefix.length)) {
      const first = at + idPrefix.length
      const number = Number(bytes.toString('latin1', first, first + idDigits))
      if (!(number < this.#times.length)) {
        this.#unknown += 1
        continue
      }
      this.#times[number]! += 1
      this.#atMs[number] = atMs
    }
  }

  count(): Arrived {
    let [missing, doubled] = [0, this.#unknown]
    for (const times of this.#times) {
      if (times === 0) missing += 1
      else doubled += times - 1
    }
    return { missing, doubled, atMs: this.#atMs }
  }
}
