// Cost: the text and the columns of the batch are copied once, 0.03 CPU seconds per million 165-byte lines.
import { Arena } from '../../batch/arena.ts'
import { Batch, type Columns, columnsBytes, columnsOver } from '../../batch/batch.ts'
import type { Fields } from '../../batch/fields/fields.ts'
import { FieldsBuilder } from '../../batch/fields/fields-builder.ts'
import { lineFlags } from '../../batch/flags.ts'
import type { Origin, Progress } from '../../batch/origin.ts'
import { BufferPool } from '../../lib/buffer-pool.ts'
import { lineFeed, noRow, ofAnyLine, type OpenEvent, type RowName, rowName } from './open-event.ts'

interface HeldPart {
  readonly text: Buffer
  readonly bytes: number
  readonly first: RowName
  readonly last: RowName
  readonly fields: Fields | undefined
}

/** An event that is more than one row of the present batch. */
interface WholeEvent {
  readonly origin: Origin
  /** In the present batch. */
  readonly lines: number
  readonly held: HeldPart | undefined
  readonly flags: number
  /** Its first line in the present batch, and its last row there; `noRow` where there is none. */
  readonly firstRow: number
  readonly lastName: number
  /** That it takes: 2 where its last row is not its first. */
  rows: number
}

/** Collects what goes on, in order, and makes a batch of it. */
export class EventWriter {
  readonly #pool = new BufferPool()
  /** Free to be used between the calls. */
  readonly fields = new FieldsBuilder()
  /** Rows of the present batch that go on as they are; or, below 0, events: -1 is the first. */
  #out = new Int32Array(1024)
  #count = 0
  readonly #events: WholeEvent[] = []
  /** The next line of the same event, by row of the present batch. */
  next = new Int32Array(1024)
  #rows = 0
  #bytes = 0
  /** Lines that became a part of another. */
  joined = 0

  /** For a batch of so many rows. */
  begin(rows: number): void {
    this.#count = this.#rows = this.#bytes = 0
    this.#events.length = 0
    if (this.next.length < rows) this.next = new Int32Array(rows)
  }

  /** A row that goes on as it is, with so many bytes of text. */
  row(row: number, bytes: number): void {
    this.#push(row)
    this.#rows += 1
    this.#bytes += bytes
  }

  /** An event that is more than a row. What it holds must stay as it is until `finish`. */
  event(event: OpenEvent): void {
    const { origin, bytes, heldLines, text, textBytes, first, last, fields, flags, firstRow, lastName } = event
    const held = heldLines === 0 ? undefined : { text, bytes: textBytes, first, last, fields }
    this.#events.push({ origin, lines: event.lines - heldLines, held, flags, firstRow, lastName, rows: 1 })
    this.#push(-this.#events.length)
    this.#rows += 2
    this.#bytes += bytes
    this.joined += event.lines - 1
  }

  /** What was collected; `from` is the present batch, where there is one. Columns of rows that were not needed stay unused. */
  finish(
    from: Batch | undefined,
    {
      origins,
      progress,
      openedAtMs,
    }: { origins: readonly Origin[]; progress: readonly Progress[]; openedAtMs: number },
  ): Batch {
    const textAt = columnsBytes(this.#rows)
    const memory = this.#pool.take(textAt + this.#bytes)
    const arena = new Arena(memory.subarray(textAt, textAt + this.#bytes), () => this.#pool.give(memory))
    const columns = columnsOver(memory, 0, this.#rows)
    const indices = new Map(origins.map((origin, index) => [origin, index]))
    const target: Target = { from, columns, arena, next: this.next, indices, count: 0 }
    for (let at = 0; at < this.#count; ) {
      const begin = at
      while (at < this.#count && this.#out[at]! >= 0) at += 1
      if (at > begin) writeRows(this.#out.subarray(begin, at), from!, target)
      else writeEvent(this.#events[-1 - this.#out[at++]!]!, target)
    }
    const { count } = target
    const fields = this.#fieldsOf(from, count)
    this.begin(0)
    return new Batch({ columns, arena, origins, progress, count, openedAtMs, fields, onFree: () => undefined })
  }

  /** Lines keep the fields that were found in them; an event has those of its first line. */
  #fieldsOf(from: Batch | undefined, count: number): Fields | undefined {
    const hasFields = from?.fields !== undefined || this.#events.some(({ held }) => held?.fields !== undefined)
    if (!hasFields) return undefined
    const made = this.fields
    made.begin(count, from?.fields)
    for (let at = 0; at < this.#count; at++) {
      const code = this.#out[at]!
      if (code >= 0) {
        made.row(code)
        continue
      }
      const { held, firstRow, rows } = this.#events[-1 - code]!
      if (held) made.take(held.fields)
      made.row(held ? 0 : firstRow)
      if (rows === 2) {
        made.take(undefined)
        made.row(0)
      }
      if (held || rows === 2) made.take(from?.fields)
    }
    return made.finish()
  }

  #push(code: number): void {
    if (this.#count === this.#out.length) {
      const larger = new Int32Array(this.#out.length * 2)
      larger.set(this.#out)
      this.#out = larger
    }
    this.#out[this.#count] = code
    this.#count += 1
  }
}

/** Where it is written to. Nothing is made for an event: it would cost more than its text. */
interface Target {
  readonly from: Batch | undefined
  readonly columns: Columns
  readonly arena: Arena
  readonly next: Int32Array
  readonly indices: ReadonlyMap<Origin, number>
  /** Rows so far. */
  count: number
}

/** Rows as they are. Text that lies in one piece is copied at once, over the ends of lines; dropped rows have none. */
function writeRows(rows: Int32Array, from: Batch, target: Target): void {
  const { columns } = from
  const { columns: to, arena } = target
  let { count } = target
  let runFrom = 0
  let runTo = 0
  for (const row of rows) {
    const flags = columns.flags[row]!
    const isDropped = (flags & lineFlags.dropped) !== 0
    const start = isDropped ? runTo : columns.start[row]!
    const end = isDropped ? runTo : columns.end[row]!
    if (start !== runTo) {
      arena.used += from.bytes.copy(arena.bytes, arena.used, runFrom, runTo)
      runFrom = start
    }
    runTo = end
    to.start[count] = arena.used + start - runFrom
    to.end[count] = arena.used + end - runFrom
    to.seconds[count] = columns.seconds[row]!
    to.nanos[count] = columns.nanos[row]!
    to.ordinal[count] = columns.ordinal[row]!
    to.origin[count] = columns.origin[row]!
    to.flags[count] = flags
    count += 1
  }
  arena.used += from.bytes.copy(arena.bytes, arena.used, runFrom, runTo)
  target.count = count
}

/** The event as one row, and behind it its last row, dropped, where it has more than one. */
function writeEvent(event: WholeEvent, target: Target): void {
  const { arena, from } = target
  const { held, firstRow, lastName } = event
  const start = arena.used
  if (held) arena.used += held.text.copy(arena.bytes, arena.used, 0, held.bytes)
  const flags = (held ? event.flags : from!.columns.flags[firstRow]!) | writeLines(event, target)
  const first = held?.first ?? rowName(from!, firstRow)
  const last = lastName === noRow ? held!.last : rowName(from!, lastName)
  const origin = target.indices.get(event.origin)!
  put(target, first, { start, origin, flags })
  if (isSame(first, last)) return
  event.rows = 2
  put(target, last, { start: arena.used, origin, flags: lineFlags.dropped })
}

/** Its lines in the present batch. @returns their flags that hold for all of it */
function writeLines({ lines, firstRow, held }: WholeEvent, { from, arena, next }: Target): number {
  if (lines === 0) return 0
  const { bytes, columns } = from!
  let flags = 0
  for (let line = 0, row = firstRow; line < lines; line++, row = next[row]!) {
    if (line > 0 || held) arena.bytes[arena.used++] = lineFeed
    arena.used += bytes.copy(arena.bytes, arena.used, columns.start[row], columns.end[row])
    flags |= columns.flags[row]!
  }
  return flags & ofAnyLine
}

/** A row of the text from `start` to the end of the arena. */
function put(
  target: Target,
  { seconds, nanos, ordinal }: RowName,
  { start, origin, flags }: { readonly start: number; readonly origin: number; readonly flags: number },
): void {
  const { columns, arena, count } = target
  columns.start[count] = start
  columns.end[count] = arena.used
  columns.flags[count] = flags
  columns.seconds[count] = seconds
  columns.nanos[count] = nanos
  columns.ordinal[count] = ordinal
  columns.origin[count] = origin
  target.count += 1
}

function isSame(a: RowName, b: RowName): boolean {
  return a.seconds === b.seconds && a.nanos === b.nanos && a.ordinal === b.ordinal
}
