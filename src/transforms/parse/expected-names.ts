import type { Target } from './target.ts'

/** Longer names are looked up each time. */
const mostBytes = 64
const mostNames = 64

/** The name at one place of a line: its bytes with quotes and colon, and its number. */
interface Known {
  readonly head: Buffer
  length: number
  number: number
}

/** Names in the order in which the line before had them: programs write their lines in one order, and comparing is cheaper than finding. */
export class ExpectedNames {
  /** Of the name that was matched. */
  number = -1
  readonly #known: Known[] = []
  #place = 0
  #names: readonly string[] | undefined

  /** At the begin of a line. */
  begin({ names }: Target): void {
    this.#place = 0
    if (names === this.#names) return
    // Numbers have begun anew.
    this.#names = names
    this.#known.length = 0
  }

  /** Whether what stands at `from` is the name that is expected there. @returns its bytes with quotes and colon, and goes on to the next place; 0: it is not */
  match(bytes: Uint8Array, from: number, to: number): number {
    const known = this.#known[this.#place]
    if (known === undefined || from + known.length > to) return 0
    const { head, length } = known
    for (let i = 1; i < length; i++) if (head[i] !== bytes[from + i]) return 0
    this.number = known.number
    if (length > 0) this.#place += 1
    return length
  }

  /** What stood there is expected there again. */
  set(number: number, bytes: Buffer, from: number, to: number): void {
    const place = this.#place++
    if (place >= mostNames) return
    while (this.#known.length <= place) this.#known.push({ head: Buffer.alloc(mostBytes), length: 0, number: -1 })
    const known = this.#known[place]!
    known.length = to - from > mostBytes ? 0 : bytes.copy(known.head, 0, from, to)
    known.number = number
  }

  /** Nothing is expected at this place. */
  skip(): void {
    this.set(-1, nothing, 0, 0)
  }
}

const nothing = Buffer.alloc(0)
