import { LineWriter, type LineShape, type NumberedLine } from './lines.ts'
import { NumberSet } from './number-set.ts'

export interface Counts {
  /** Different lines. */
  readonly lines: number
  /** Lines that came again. */
  readonly doubled: number
  /** Of those, what is left when lines with the same stream and time are one: the stable id at work. */
  readonly doubledByOtherId: number
  /** Lines that came for the first time after one of a greater number. */
  readonly outOfOrder: number
  /** Lines of the run whose text is not as written, and lines that are nobody's. */
  readonly altered: number
}

/** Of what is wrong, so many examples are kept. */
const mostExamples = 12

interface StreamTally {
  readonly seen: NumberSet
  greatest: number
  /** By number: a hash of the time with which it came first. */
  times: Uint32Array
}

/**
 * The oracle: told of every line that arrived, it counts what is wrong, each kind by itself. Memory: a bit for each line, and four
 * bytes where lines have times.
 */
export class Tally {
  readonly #writer: LineWriter
  readonly #streams = new Map<string, StreamTally>()
  #doubled = 0
  #doubledByOtherId = 0
  #outOfOrder = 0
  #altered = 0
  /** What was wrong first, in words, for whoever looks into a failure. */
  readonly examples: string[] = []

  constructor(shape: LineShape) {
    this.#writer = new LineWriter(shape)
  }

  /** `time`: a hash of the line's time, where the receiving end has one. */
  take(text: string, time?: number): void {
    const line = this.#writer.read(text)
    if (line === undefined || line.isAltered) {
      this.#altered++
      return
    }
    const stream = this.#stream(line)
    const { number } = line
    if (!stream.seen.add(number)) {
      this.#doubled++
      if (time === undefined || stream.times[number] !== time) {
        this.#doubledByOtherId++
        this.#keepExample(line, 'came again by another id')
      }
      return
    }
    if (number < stream.greatest) {
      this.#outOfOrder++
      this.#keepExample(line, `came for the first time after ${stream.greatest}`)
    } else stream.greatest = number
    if (time !== undefined) keepTime(stream, number, time)
  }

  get counts(): Counts {
    let lines = 0
    for (const { seen } of this.#streams.values()) lines += seen.size
    return {
      ...{ lines, doubled: this.#doubled, doubledByOtherId: this.#doubledByOtherId },
      ...{ outOfOrder: this.#outOfOrder, altered: this.#altered },
    }
  }

  /** How many lines of this tally `received` has not. */
  countLost(received: Tally): number {
    let lost = 0
    for (const [name, { seen }] of this.#streams) {
      const other = received.#streams.get(name)
      lost += other ? seen.countMissingFrom(other.seen) : seen.size
    }
    return lost
  }

  /** Adds the numbers 0 to `lines` - 1 of a stream, as if they had come. */
  takeAll(stream: Omit<NumberedLine, 'number'>, lines: number): void {
    const { seen } = this.#stream(stream)
    for (let number = 0; number < lines; number++) seen.add(number)
  }

  #keepExample({ container, stream, number }: NumberedLine, what: string): void {
    if (this.examples.length < mostExamples)
      this.examples.push(`${new Date().toISOString()} line ${number} of ${container}/${stream} ${what}`)
  }

  #stream({ container, stream }: Omit<NumberedLine, 'number'>): StreamTally {
    const name = `${container}/${stream}`
    const found = this.#streams.get(name)
    if (found) return found
    const made = { seen: new NumberSet(), greatest: -1, times: new Uint32Array(0) }
    this.#streams.set(name, made)
    return made
  }
}

function keepTime(stream: StreamTally, number: number, time: number): void {
  if (number >= stream.times.length) {
    const more = new Uint32Array(2 * number + 64)
    more.set(stream.times)
    stream.times = more
  }
  stream.times[number] = time
}
