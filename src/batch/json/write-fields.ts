/** Fields of a row as members of a JSON object. */
import { isUtf8 } from 'node:buffer'
import { maxExpansion, writeJsonText } from '../../lib/json-text.ts'
import type { Output } from '../../lib/output.ts'
import { type Fields, valueKinds } from '../fields/fields.ts'

export interface FieldForm {
  /** Stands before the first member, and behind the last. */
  readonly before: string
  readonly after: string
  /** Every value is a string: `"1.5"`, `"{\"a\":1}"`. */
  readonly asText: boolean
  /** The name that a field goes by. */
  readonly nameOf: (name: string) => string
  /** So many bytes of the record's tail `after` stands for; where the row has no fields they stay. */
  readonly skipped: number
  /** Of a row; what is beyond is left out. */
  readonly most?: { readonly values: number; readonly bytes: number }
}

/** Writes fields of rows; `"name":` of each is made once. */
export class FieldsWriter {
  readonly #form: FieldForm
  readonly #before: Buffer
  readonly #after: Buffer
  readonly #heads = new Map<string, Buffer>()
  #names: readonly string[] = []
  /** The heads of `#names`. */
  #headOf: (Buffer | undefined)[] = []

  constructor(form: FieldForm) {
    this.#form = form
    this.#before = Buffer.from(form.before)
    this.#after = Buffer.from(form.after)
  }

  /** Appends the members of the row. @returns how many bytes of the tail they stand for: none where the row has no fields */
  write(fields: Fields, row: number, output: Output): number {
    const { first, start, end, name, kind } = fields.columns
    const [from, to] = [first[row]!, first[row + 1]!]
    if (from === to) return 0
    if (fields.names !== this.#names) {
      this.#names = fields.names
      this.#headOf = []
    }
    const { most } = this.#form
    append(output, this.#before)
    let isFirst = true
    let bytes = 0
    for (let value = from; value < Math.min(to, from + (most?.values ?? Infinity)); value++) {
      if (most !== undefined) {
        const more = fields.names[name[value]!]!.length + end[value]! - start[value]!
        if (bytes + more > most.bytes) continue
        bytes += more
      }
      if (!isFirst) append(output, comma)
      isFirst = false
      append(output, (this.#headOf[name[value]!] ??= this.#headFor(fields.names[name[value]!]!)))
      this.#writeValue(fields.bytes, start[value]!, end[value]!, kind[value]!, output)
    }
    if (isFirst) {
      output.length -= this.#before.length
      return 0
    }
    append(output, this.#after)
    return this.#form.skipped
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
