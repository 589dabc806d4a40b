export type Stream = 'stdout' | 'stderr'

/** How the lines of one run look. */
export interface LineShape {
  /** Tells the lines of this run from those of any other; letters and digits. */
  readonly run: string
  readonly minPaddingBytes: number
  /** Padding is longer by less than this; at least 1. */
  readonly spreadBytes: number
}

export interface NumberedLine {
  readonly container: string
  readonly stream: Stream
  readonly number: number
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** How many letters precede a number's padding, and how many it has: the same arithmetic as in the container's program. */
export function paddingOf(
  number: number,
  { minPaddingBytes, spreadBytes }: LineShape,
): { from: number; length: number } {
  return { from: number % 26, length: minPaddingBytes + ((number * 7919) % spreadBytes) }
}

/**
 *     line = run "-" container "-" stream "-" number " " padding
 *
 * All of it follows from the number, so that one changed byte anywhere is seen.
 */
export class LineWriter {
  readonly #shape: LineShape
  readonly #letters: string

  constructor(shape: LineShape) {
    this.#shape = shape
    const length = shape.minPaddingBytes + shape.spreadBytes + 26
    this.#letters = alphabet.repeat(Math.ceil(length / alphabet.length))
  }

  text({ container, stream, number }: NumberedLine): string {
    const { from, length } = paddingOf(number, this.#shape)
    return `${this.#shape.run}-${container}-${stream}-${number} ${this.#letters.slice(from, from + length)}`
  }

  /** Whose line it is, and whether it is exactly as written; undefined: no line of this run. */
  read(text: string): (NumberedLine & { readonly isAltered: boolean }) | undefined {
    const match = /^([a-z0-9]+)-(.+)-(stdout|stderr)-(\d+) /.exec(text.slice(0, 200))
    if (match?.[1] !== this.#shape.run) return undefined
    const line = { container: match[2]!, stream: match[3] as Stream, number: Number(match[4]) }
    return { ...line, isAltered: this.text(line) !== text }
  }
}

/** The program of a container: awk writes a million such lines in a second, where a shell writes thirty thousand. */
export function awkProgram(
  shape: LineShape,
  options: {
    readonly container: string
    readonly lines: number
    readonly streams: readonly Stream[]
    /** Lines of each stream between two pauses. */
    readonly burst: number
    readonly pauseMs: number
  },
): string {
  const { container, lines, streams, burst, pauseMs } = options
  const prints = streams.map((stream) => {
    const target = stream === 'stderr' ? ' > "/dev/stderr"' : ''
    return `printf "%s-%s-%s-%d %s\\n", "${shape.run}", "${container}", "${stream}", i, s${target}`
  })
  const pause =
    pauseMs === 0 ? '' : `if (i % ${burst} == ${burst - 1}) { fflush(); system("usleep ${pauseMs * 1000}") }`
  return [
    `BEGIN { P = "${alphabet}"; while (length(P) < ${shape.minPaddingBytes + shape.spreadBytes + 26}) P = P P;`,
    `for (i = 0; i < ${lines}; i++) {`,
    `s = substr(P, i % 26 + 1, ${shape.minPaddingBytes} + (i * 7919) % ${shape.spreadBytes});`,
    `${prints.join('; ')}; ${pause} } }`,
  ].join(' ')
}
