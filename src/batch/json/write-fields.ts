/** What transforms have found in a line, as members of a JSON object: its fields, and the engine's time where the line goes by its own. */
import { isUtf8 } from 'node:buffer'
import { maxExpansion, writeJsonText } from '../../lib/json-text.ts'
import type { Output } from '../../lib/output.ts'
import { formatTimestamp } from '../../lib/timestamp.ts'
import type { Batch } from '../batch.ts'
import { type Fields, valueKinds } from '../fields/fields.ts'
import { hasOwnTime } from '../line-time.ts'

/** The member, and the field of other forms, that says the engine's time of a line that goes by its own: `verify` knows the line by it. */
export const engineTimeName = 'engine_time'

export interface FieldForm {
  /** The bytes that end the line's text and stand before the first member; the record's tail begins with the same. */
  readonly before: string
  /** What fields stand in, by themselves: `"fields":{` and `}`; empty where they are members among others. */
  readonly open: string
  readonly close: string
  /** Every value is a string: `"1.5"`, `"{\"a\":1}"`. */
  readonly asText: boolean
  /** The name that a field goes by. */
  readonly nameOf: (name: string) => string
  /** Of a row; what is beyond is left out. */
  readonly most?: { readonly values: number; readonly bytes: number }
}

/** Writes what rows have; `"name":` of each field is made once. */
export class FieldsWriter {
  readonly #form: FieldForm
  readonly #before: Buffer
  readonly #open: Buffer
  readonly #close: Buffer
  readonly #heads = new Map<string, Buffer>()
  #names: readonly string[] = []
  /** The heads of `#names`. */
  #headOf: (Buffer | undefined)[] = []

  constructor(form: FieldForm) {
    this.#form = form
    this.#before = Buffer.from(form.before)
    this.#open = Buffer.from(form.open)
    this.#close = Buffer.from(form.close)
  }

  /** Appends the row's members, with a comma behind the last. @returns how many bytes of the tail are written with them: none where the row has no members */
  write(batch: Batch, row: number, output: Output): number {
    const begin = output.length
    append(output, this.#before)
    let isFirst = !this.#writeFields(batch.fields!, row, output)
    if (hasOwnTime(batch, row)) {
      if (!isFirst) append(output, comma)
      isFirst = false
      const time = formatTimestamp(batch.columns.seconds[row]!, batch.columns.nanos[row]!)
      append(output, Buffer.from(`"${engineTimeName}":"${time}"`))
    }
    if (isFirst) {
      output.length = begin
      return 0
    }
    append(output, comma)
    return this.#before.length
  }

  /** @returns whether there were any */
  #writeFields(fields: Fields, row: number, output: Output): boolean {
    const { first, start, end, name, kind } = fields.columns
    const { values = Infinity, bytes: mostBytes = Infinity } = this.#form.most ?? {}
    if (fields.names !== this.#names) {
      this.#names = fields.names
      this.#headOf = []
    }
    const to = Math.min(first[row + 1]!, first[row]! + values)
    let isFirst = true
    let bytes = 0
    for (let value = first[row]!; value < to; value++) {
      const head = (this.#headOf[name[value]!] ??= this.#headFor(fields.names[name[value]!]!))
      const more = head.length + end[value]! - start[value]!
      if (bytes + more > mostBytes) continue
      bytes += more
      append(output, isFirst ? this.#open : comma)
      isFirst = false
      append(output, head)
      this.#writeValue(fields.bytes, start[value]!, end[value]!, kind[value]!, output)
    }
    if (!isFirst) append(output, this.#close)
    return !isFirst
  }

  #writeValue(bytes: Buffer, start: number, end: number, kind: number, output: Output): void {
    output.reserve((end - start) * maxExpansion + 2)
    const isText = this.#form.asText || kind === valueKinds.text
    if (!isText) {
      output.length = kind === valueKinds.json ? writeJson(bytes, start, end, output) : copy(bytes, start, end, output)
      return
    }
    output.bytes[output.length] = quote
    const at = writeJsonText(bytes, start, end, { target: output.bytes, at: output.length + 1 })
    output.bytes[at] = quote
    output.length = at + 1
  }

  #headFor(name: string): Buffer {
    let head = this.#heads.get(name)
    if (head !== undefined) return head
    // Names that are data would fill the memory.
    if (this.#heads.size === mostHeads) this.#heads.clear()
    head = Buffer.from(`${JSON.stringify(this.#form.nameOf(name))}:`)
    this.#heads.set(name, head)
    return head
  }
}

const quote = 0x22
const comma = Buffer.from(',')
const mostHeads = 8_192

function append(output: Output, bytes: Buffer): void {
  output.reserve(bytes.length)
  output.length += bytes.copy(output.bytes, output.length)
}

function copy(bytes: Buffer, start: number, end: number, output: Output): number {
  return output.length + bytes.copy(output.bytes, output.length, start, end)
}

/** JSON as it was written, on one line: a line feed in it can only stand between its parts. */
function writeJson(bytes: Buffer, start: number, end: number, output: Output): number {
  const json = bytes.subarray(start, end)
  const text = isUtf8(json) ? json : Buffer.from(json.toString('utf8'))
  let at = output.length
  for (const byte of text) output.bytes[at++] = byte < 0x20 ? 0x20 : byte
  return at
}
