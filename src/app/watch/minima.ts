/**
 * The least reading of each stretch of a sliding window, for several columns: a leak raises what is held at the quietest moments, too, and a burst
 * does not. Memory is bounded: when all stretches are full the oldest makes room.
 */
export class Minima {
  readonly #columns: number
  readonly #samplesPerStretch: number
  readonly #stretches: number
  /** Rows of: the minute at which the stretch ended, and the least of each column. */
  #rows: Float64Array[] = []
  #least: Float64Array
  #samples = 0
  #isSliding = false

  constructor(options: { readonly columns: number; readonly samplesPerStretch: number; readonly stretches: number }) {
    this.#columns = options.columns
    this.#samplesPerStretch = options.samplesPerStretch
    this.#stretches = options.stretches
    this.#least = this.#nothing()
  }

  /** Takes a reading of every column; NaN: there is none. @returns whether a stretch is complete with it */
  add(minute: number, values: readonly number[]): boolean {
    const least = this.#least
    least[0] = minute
    for (let i = 0; i < values.length; i++)
      if (values[i]! < least[i + 1]! || Number.isNaN(least[i + 1])) least[i + 1] = values[i]!
    this.#samples += 1
    if (this.#samples < this.#samplesPerStretch) return false
    this.#rows.push(least)
    this.#isSliding ||= this.#rows.length > this.#stretches
    const oldest = this.#rows.length > this.#stretches ? this.#rows.shift() : undefined
    this.#least = oldest?.fill(NaN) ?? this.#nothing()
    this.#samples = 0
    return true
  }

  /** Of whole stretches, those in which the column was read. */
  readings(column: number): { readonly at: readonly number[]; readonly values: readonly number[] } {
    const rows = this.#rows.filter((row) => !Number.isNaN(row[column + 1]))
    return { at: rows.map((row) => row[0]!), values: rows.map((row) => row[column + 1]!) }
  }

  /** Whether the first reading, with the warm-up of the process behind it, has made room already. */
  get isSliding(): boolean {
    return this.#isSliding
  }

  #nothing(): Float64Array {
    return new Float64Array(this.#columns + 1).fill(NaN)
  }
}
