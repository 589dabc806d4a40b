import type { LabelSet } from './labels.ts'
import type { Entry } from './push.ts'
import { hash32 } from './hash.ts'

/** `lines`: everything. `ids`: time and hash of each line, 16 bytes whatever its length. `counts`: nothing but how many. */
export type Keep = 'lines' | 'ids' | 'counts'

/**
 * What one stream has received, in the order of arrival, repeats included. (A real Loki drops a repeat of the same time and text when both
 * are in one block; a stand-in that did so would hide what tests look for.)
 */
export class StoredStream {
  readonly labels: LabelSet
  readonly #keep: Keep
  #count = 0
  #bytes = 0
  #newest: { seconds: number; nanos: number } | undefined
  #seconds = new Float64Array(64)
  #nanosAndHash = new Uint32Array(128)
  #arena = Buffer.alloc(0)
  #ends = new Float64Array(0)
  readonly #metadata: Entry['metadata'][] = []

  constructor(labels: LabelSet, keep: Keep) {
    this.labels = labels
    this.#keep = keep
  }

  /** Lines stored. */
  get count(): number {
    return this.#count
  }

  /** Of the lines stored. */
  get bytes(): number {
    return this.#bytes
  }

  /** The greatest time stored. */
  get newest(): { readonly seconds: number; readonly nanos: number } | undefined {
    return this.#newest
  }

  add(entry: Entry): void {
    const { seconds, nanos, line } = entry
    const newest = this.#newest
    if (!newest || seconds > newest.seconds || (seconds === newest.seconds && nanos > newest.nanos))
      this.#newest = { seconds, nanos }
    if (this.#keep !== 'counts') this.#addId(entry)
    if (this.#keep === 'lines') this.#addLine(entry)
    this.#count++
    this.#bytes += line.length
  }

  seconds(index: number): number {
    return this.#seconds[this.#checked(index)]!
  }

  nanos(index: number): number {
    return this.#nanosAndHash[2 * this.#checked(index)]!
  }

  /** Of the line's bytes: the same for the same line. */
  hash(index: number): number {
    return this.#nanosAndHash[2 * this.#checked(index) + 1]!
  }

  /** The line's bytes, as sent; valid until more is stored. Only with `keep: 'lines'`. */
  line(index: number): Buffer {
    const end = this.#ends[this.#checked(index)]
    if (end === undefined || this.#keep !== 'lines') throw new Error('this receiver does not keep lines')
    return this.#arena.subarray(index === 0 ? 0 : this.#ends[index - 1], end)
  }

  text(index: number): string {
    return this.line(index).toString()
  }

  /** All lines as text: for tests of few. */
  texts(): string[] {
    return Array.from({ length: this.#count }, (_, index) => this.text(index))
  }

  metadata(index: number): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#metadata[this.#checked(index)] ?? [])
  }

  /** Nanoseconds since 1970 in decimal: more than a number holds. */
  time(index: number): string {
    return `${this.seconds(index)}${String(this.nanos(index)).padStart(9, '0')}`
  }

  #checked(index: number): number {
    if (index < 0 || index >= this.#count) throw new RangeError(`no entry ${index} among ${this.#count}`)
    return index
  }

  #addId({ seconds, nanos, line }: Entry): void {
    if (this.#count === this.#seconds.length) {
      this.#seconds = grown(this.#seconds, new Float64Array(2 * this.#count))
      this.#nanosAndHash = grown(this.#nanosAndHash, new Uint32Array(4 * this.#count))
    }
    this.#seconds[this.#count] = seconds
    this.#nanosAndHash[2 * this.#count] = nanos
    this.#nanosAndHash[2 * this.#count + 1] = hash32(line)
  }

  #addLine({ line, metadata }: Entry): void {
    if (this.#count >= this.#ends.length) this.#ends = grown(this.#ends, new Float64Array(2 * this.#count + 64))
    const end = this.#bytes + line.length
    if (end > this.#arena.length) this.#arena = grown(this.#arena, Buffer.allocUnsafe(2 * end + 1024))
    this.#arena.set(line, this.#bytes)
    this.#ends[this.#count] = end
    if (metadata.length > 0) this.#metadata[this.#count] = metadata
  }
}

function grown<T extends Float64Array | Uint32Array | Buffer>(from: T, into: T): T {
  into.set(from)
  return into
}
