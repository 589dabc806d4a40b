import type { Batch } from '../../batch/batch.ts'
import type { Cursor } from '../../batch/cursor.ts'
import type { Fields } from '../../batch/fields/fields.ts'
import type { FieldsBuilder } from '../../batch/fields/fields-builder.ts'
import { lineFlags } from '../../batch/flags.ts'
import { lineTimeMs } from '../../batch/line-time.ts'
import type { Origin } from '../../batch/origin.ts'
import { none } from './traces.ts'

/** What names a row: its time, and its number at that time. */
export interface RowName {
  readonly seconds: number
  readonly nanos: number
  readonly ordinal: number
}

export function rowName({ columns }: Batch, row: number): RowName {
  return { seconds: columns.seconds[row]!, nanos: columns.nanos[row]!, ordinal: columns.ordinal[row]! }
}

/** No row of the present batch. */
export const noRow = -1
/** The last one of those that were held. */
export const heldRow = -2

/** Flags of a line that hold for the event which it is a part of. */
export const ofAnyLine = lineFlags.truncated | lineFlags.unterminated

export const lineFeed = 0x0a
const smallestText = 256
/** Memory for more text than this is not kept for the next event. */
const largestText = 16 * 1024
const noText = Buffer.alloc(0)
const noName: RowName = { seconds: 0, nanos: 0, ordinal: 0 }
/** Of a stream that holds something, besides its text. */
const ownBytes = 512

interface Holding {
  /** The next line of the same event, by row. */
  readonly next: Int32Array
  readonly nowMs: number
  /** Free to be used. */
  readonly fields: FieldsBuilder
}

/**
 * A stream, and the event in it that further lines may belong to. Lines of it that came with earlier batches are in `text`, the others are rows of the present one. There is one
 * for each stream that holds something; it is written to for every line.
 */
export class OpenEvent {
  /** As the source names the stream. */
  readonly key: string
  /** What lines of it have when they go on. */
  origin: Origin
  /** What the event has come to; `none`: there is none. */
  context = none
  lines = 0
  /** Of the text, with line feeds between the lines. */
  bytes = 0

  /** Of what earlier batches had. */
  heldLines = 0
  text = noText
  textBytes = 0
  flags = 0
  /** Of the first line. */
  fields: Fields | undefined
  first = noName
  last = noName
  lastLineMs = 0

  /** In the present batch: its first and last line, and its last row, which may be a dropped one. */
  firstRow = noRow
  lastRow = noRow
  lastName = noRow
  /** The last row of the stream that goes on with the present batch. */
  outRow = noRow

  /** Where the stream has come to. */
  tail: Cursor | undefined
  /** `performance.now()` at its last line, and at its first. */
  touchedAtMs = 0
  heldSinceMs = 0
  /** What it counts for in the sums of all streams. */
  countedBytes = 0
  countedLines = 0

  constructor(key: string, origin: Origin) {
    this.key = key
    this.origin = origin
  }

  get isOpen(): boolean {
    return this.context !== none
  }

  /** Memory that it takes. */
  get memoryBytes(): number {
    return this.text.length + ownBytes + (this.fields?.heldBytes ?? 0)
  }

  /** Begins with a row of the present batch. */
  begin(row: number, context: number, bytes: number): void {
    this.context = context
    this.lines = 1
    this.bytes = bytes
    this.firstRow = this.lastRow = this.lastName = row
  }

  /** A row of the present batch belongs to it. */
  goOn(row: number, context: number, bytes: number): void {
    this.context = context
    this.lines += 1
    this.bytes += 1 + bytes
    if (this.firstRow === noRow) this.firstRow = row
    this.lastRow = this.lastName = row
  }

  /** There is no event any more: it goes on. */
  end(): void {
    this.outRow = this.lastName === noRow ? heldRow : this.lastName
    this.context = none
    this.heldLines = 0
    this.firstRow = this.lastRow = this.lastName = noRow
  }

  /** Takes its rows of the present batch into memory of its own. */
  hold(batch: Batch, { next, nowMs, fields }: Holding): void {
    const { columns, bytes } = batch
    if (this.heldLines === 0) {
      this.#forgetHeld()
      this.first = rowName(batch, this.firstRow)
      this.flags = columns.flags[this.firstRow]!
      this.heldSinceMs = nowMs
      if (batch.fields !== undefined) {
        fields.begin(1, batch.fields)
        fields.row(this.firstRow)
        this.fields = fields.finish()
      }
    }
    for (let line = this.heldLines, row = this.firstRow; line < this.lines; line++, row = next[row]!) {
      const from = columns.start[row]!
      const to = columns.end[row]!
      this.#reserve(1 + to - from)
      if (line > 0) this.text[this.textBytes++] = lineFeed
      this.textBytes += bytes.copy(this.text, this.textBytes, from, to)
      this.flags |= columns.flags[row]! & ofAnyLine
    }
    if (this.lastRow !== noRow) {
      this.lastLineMs = lineTimeMs(batch, this.lastRow)
      this.touchedAtMs = nowMs
    }
    if (this.lastName !== noRow) this.last = rowName(batch, this.lastName)
    this.heldLines = this.lines
    this.firstRow = this.lastRow = this.lastName = noRow
  }

  /** It is needed no more. */
  release(): void {
    this.fields?.release()
    this.fields = undefined
  }

  #forgetHeld(): void {
    this.release()
    this.textBytes = 0
    if (this.text.length > largestText) this.text = noText
  }

  #reserve(bytes: number): void {
    const needed = this.textBytes + bytes
    if (needed <= this.text.length) return
    let size = smallestText
    while (size < needed) size *= 2
    const larger = Buffer.allocUnsafeSlow(size)
    this.text.copy(larger, 0, 0, this.textBytes)
    this.text = larger
  }
}
