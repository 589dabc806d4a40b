/** Records in JavaScript, for what WebAssembly leaves: machines without SIMD, lines that are no UTF-8, very long lines, and lines with fields. 0.4 to 0.5 CPU s per million lines of 165 bytes. */
import { maxExpansion, writeJsonText } from '../../lib/json-text.ts'
import type { Output } from '../../lib/output.ts'
import { formatTimestamp } from '../../lib/timestamp.ts'
import type { Batch } from '../batch.ts'
import type { RecordForm, Records } from './record-form.ts'
import { FieldsWriter } from './write-fields.ts'

const maxTimeBytes = 40

export class PlainRecords implements Records {
  readonly #form: RecordForm
  #batch: Batch | undefined
  #second = -1
  /** What stands before the fraction of the present second. */
  #head = ''
  readonly #tail: string
  readonly #fields: FieldsWriter | undefined

  constructor(form: RecordForm) {
    this.#form = form
    this.#fields = form.fields && new FieldsWriter(form.fields)
    this.#tail = form.time === 'rfc3339' ? `Z${form.between}` : form.between
  }

  begin(batch: Batch): void {
    this.#batch = batch
  }

  write(lines: ArrayLike<number>, output: Output, ends?: Uint32Array): void {
    for (let k = 0; k < lines.length; k++) {
      this.writeLine(lines[k]!, output)
      if (ends) ends[k] = output.length
    }
  }

  writeLine(i: number, output: Output): void {
    const batch = this.#batch!
    const { columns, bytes, origins, fields } = batch
    const { before, secondsOf, nanosOf, tailOf } = this.#form
    const [start, end] = [columns.start[i]!, columns.end[i]!]
    const tail = tailOf(origins[columns.origin[i]!]!, columns.flags[i]!)
    const frameBytes = before.length + maxTimeBytes + this.#tail.length + tail.length
    output.reserve(frameBytes + (end - start) * maxExpansion)
    const seconds = secondsOf(batch, i)
    if (seconds !== this.#second) this.#changeSecond(seconds)
    const target = output.bytes
    let at = output.length
    at += target.write(`${this.#head}${String(nanosOf(batch, i)).padStart(9, '0')}${this.#tail}`, at, 'latin1')
    output.length = writeJsonText(bytes, start, end, { target, at })
    const skipped = fields === undefined || this.#fields === undefined ? 0 : this.#fields.write(batch, i, output)
    output.reserve(tail.length)
    output.length += tail.copy(output.bytes, output.length, skipped)
  }

  end(): void {
    this.#batch = undefined
  }

  #changeSecond(seconds: number): void {
    const { before, time } = this.#form
    this.#second = seconds
    this.#head = `${before}${time === 'rfc3339' ? formatTimestamp(seconds, 0).replace(/\.?0*Z$/, '.') : seconds}`
  }
}
