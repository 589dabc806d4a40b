/** As much of a terminal as is used here. */
export interface Terminal {
  readonly columns: number
  write(text: string): unknown
}

/** Lines at the end of the terminal's output that are drawn again in their place; other lines go above them. */
export class LiveText {
  readonly #terminal: Terminal
  #lines: readonly string[] = []

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  draw(lines: readonly string[]): void {
    const erase = this.#erase()
    // A line that wraps would take two rows, and the next drawing would begin in the wrong one.
    // A terminal that does not know its width says 0.
    const columns = this.#terminal.columns > 1 ? this.#terminal.columns : 80
    this.#lines = lines.map((line) => line.slice(0, columns - 1))
    this.#terminal.write(`${erase}${this.#text()}`)
  }

  above(line: string): void {
    this.#terminal.write(`${this.#erase()}${line}\n${this.#text()}`)
  }

  #text(): string {
    return this.#lines.map((line) => `${line}\n`).join('')
  }

  /** Up to the first line and away with everything below. */
  #erase(): string {
    return this.#lines.length === 0 ? '' : `\x1b[${this.#lines.length}A\x1b[J`
  }
}
