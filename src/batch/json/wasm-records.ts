/**
 * Records by wasm/json.ts. The text of a batch is copied to its memory once, lines are handed over as rows, a thousand at a time, and the records copied out in one piece:
 * nothing is allocated for a line.
 */
import type { Output } from '../../lib/output.ts'
import type { Batch } from '../batch.ts'
import { PlainRecords } from './plain-records.ts'
import type { RecordForm, Records } from './record-form.ts'

/** What wasm/json.ts exports. */
export interface JsonExports {
  readonly memory: WebAssembly.Memory
  inputAt(): number
  inputSize(): number
  outputAt(): number
  rowsAt(): number
  mostRows(): number
  tailsAt(): number
  tailsSize(): number
  beforeAt(): number
  betweenAt(): number
  endsAt(): number
  form(beforeLength: number, betweenLength: number, hasNanoseconds: number): void
  encode(first: number, last: number): number
}

/** A row of wasm/json.ts, in words of four bytes. */
const rowWords = 8
const noTail = -1

export class WasmRecords implements Records {
  readonly #exports: JsonExports
  readonly #form: RecordForm
  readonly #plain: PlainRecords
  readonly #memory: Uint8Array
  readonly #words: Uint32Array
  readonly #numbers: Float64Array
  readonly #ends: Uint32Array
  readonly #places: {
    readonly input: number
    readonly inputSize: number
    readonly output: number
    readonly rows: number
    readonly mostRows: number
    readonly tails: number
    readonly tailsSize: number
  }
  #batch: Batch | undefined
  /** What of the batch's bytes is in the input. */
  #from = 0
  #to = 0
  /** Where each tail lies among the tails. */
  readonly #tailPlaces = new Map<Buffer, number>()
  #tailsLength = 0

  constructor(exports: JsonExports, form: RecordForm) {
    const { buffer } = exports.memory
    this.#exports = exports
    this.#form = form
    this.#plain = new PlainRecords(form)
    this.#memory = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
    this.#numbers = new Float64Array(buffer)
    this.#ends = new Uint32Array(buffer, exports.endsAt(), exports.mostRows())
    this.#places = {
      input: exports.inputAt(),
      inputSize: exports.inputSize(),
      output: exports.outputAt(),
      rows: exports.rowsAt(),
      mostRows: exports.mostRows(),
      tails: exports.tailsAt(),
      tailsSize: exports.tailsSize(),
    }
    this.#memory.set(Buffer.from(form.before), exports.beforeAt())
    this.#memory.set(Buffer.from(form.between), exports.betweenAt())
    exports.form(form.before.length, form.between.length, form.time === 'nanoseconds' ? 1 : 0)
  }

  begin(batch: Batch): void {
    this.#batch = batch
    this.#plain.begin(batch)
    this.#from = this.#to = 0
  }

  write(lines: ArrayLike<number>, output: Output, ends?: Uint32Array): void {
    const { fields } = this.#batch!
    if (fields !== undefined && (this.#form.fields !== undefined || fields.times !== undefined)) {
      this.#plain.write(lines, output, ends)
      return
    }
    for (let k = 0; k < lines.length; ) {
      const count = this.#fillRows(lines, k)
      for (let row = 0; row < count; ) {
        const next = this.#exports.encode(row, count)
        if (next > row) this.#take(row, next, { output, ends, at: k })
        else this.#writePlain(lines[k + next]!, k + next, { output, ends })
        row = Math.max(next, row + 1)
      }
      if (count === 0) this.#writePlain(lines[k]!, k, { output, ends })
      k += Math.max(1, count)
    }
  }

  end(): void {
    this.#batch = undefined
    this.#plain.end()
  }

  /** Copies text to the input: that of all of the batch, where it lies close together and has room; else from the line at `from` on, as much as there is room for. */
  #load(from: number, to: number): void {
    const { bytes, arena, columns, count } = this.#batch!
    const { input, inputSize } = this.#places
    const [first, last] = [columns.start[0]!, columns.end[count - 1]!]
    const isAll = first <= from && to <= last && last - first <= inputSize
    this.#from = isAll ? first : from
    this.#to = isAll ? last : Math.min(arena.used, from + inputSize)
    this.#memory.set(bytes.subarray(this.#from, this.#to), input)
  }

  /** @returns how many lines from the `k`th on are in rows now; 0: the first is too long */
  #fillRows(lines: ArrayLike<number>, k: number): number {
    const batch = this.#batch!
    const { columns, origins } = batch
    const { start, end, origin, flags } = columns
    const { secondsOf, nanosOf } = this.#form
    const { rows, mostRows } = this.#places
    const count = Math.min(mostRows, lines.length - k)
    let [lastOrigin, lastFlags, tail, tailBytes] = [-1, 0, noTail, 0]
    for (let row = 0; row < count; row++) {
      const i = lines[k + row]!
      const [from, to] = [start[i]!, end[i]!]
      if (from < this.#from || to > this.#to) {
        if (row > 0) return row
        this.#load(from, to)
        if (to > this.#to) return 0
      }
      if (origin[i] !== lastOrigin || flags[i] !== lastFlags) {
        lastOrigin = origin[i]!
        lastFlags = flags[i]!
        const bytes = this.#form.tailOf(origins[lastOrigin]!, lastFlags)
        tail = this.#placeOf(bytes, row === 0)
        tailBytes = bytes.length
        if (tail === noTail) return row
      }
      const word = rows / 4 + row * rowWords
      this.#words[word] = from - this.#from
      this.#words[word + 1] = to - this.#from
      this.#words[word + 2] = nanosOf(batch, i)
      this.#words[word + 3] = tail
      this.#words[word + 4] = tailBytes
      this.#numbers[word / 2 + 3] = secondsOf(batch, i)
    }
    return count
  }

  /** `mayForget`: no row has a tail yet. */
  #placeOf(tail: Buffer, mayForget: boolean): number {
    const known = this.#tailPlaces.get(tail)
    if (known !== undefined) return known
    const { tails, tailsSize } = this.#places
    if (this.#tailsLength + tail.length > tailsSize) {
      if (!mayForget || tail.length > tailsSize) return noTail
      this.#tailPlaces.clear()
      this.#tailsLength = 0
    }
    const place = this.#tailsLength
    this.#memory.set(tail, tails + place)
    this.#tailPlaces.set(tail, place)
    this.#tailsLength += tail.length
    return place
  }

  /** Takes the records of these rows over from the beginning of the output. */
  #take(row: number, next: number, to: { output: Output; ends: Uint32Array | undefined; at: number }): void {
    const { output, ends, at } = to
    const bytes = this.#ends[next - 1]!
    const from = this.#places.output
    output.reserve(bytes)
    output.bytes.set(this.#memory.subarray(from, from + bytes), output.length)
    if (ends) for (let one = row; one < next; one++) ends[at + one] = output.length + this.#ends[one]!
    output.length += bytes
  }

  #writePlain(line: number, k: number, { output, ends }: { output: Output; ends: Uint32Array | undefined }): void {
    this.#plain.writeLine(line, output)
    if (ends) ends[k] = output.length
  }
}
