// Cost: the text and the columns of the batch are copied once, 0.03 CPU seconds per million 165-byte lines.
import { Arena } from '../../batch/arena.ts'
import { Batch, type Columns, columnsBytes, columnsOver } from '../../batch/batch.ts'
import { lineFlags } from '../../batch/flags.ts'
import type { Origin, Progress } from '../../batch/origin.ts'
import { BufferPool } from '../../lib/buffer-pool.ts'
import { lineFeed, noRow, ofAnyLine, type OpenEvent, type RowName, rowName } from './open-event.ts'

/** An event that is more than one row of the present batch. */
interface WholeEvent {
  readonly origin: Origin
  /** In the present batch. */
  readonly lines: number
  readonly held:
    | { readonly text: Buffer; readonly bytes: number; readonly first: RowName; readonly last: RowName }
    | undefined
  readonly flags: number
  /** Its first line in the present batch, and its last row there; `noRow` where there is none. */
  readonly firstRow: number
  readonly lastName: number
}

/** Collects what goes on, in order, and makes a batch of it. */
export class EventWriter {
  readonly #pool = new BufferPool()
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
    const { origin, bytes, heldLines, text, textBytes, first, last, flags, firstRow, lastName } = event
    const held = heldLines === 0 ? undefined : { text, bytes: textBytes, first, last }
    this.#events.push({ origin, lines: event.lines - heldLines, held, flags, firstRow, lastName })
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
    const writing = { from, columns, arena, next: this.next }
    let count = 0
    let at = 0
    while (at < this.#count) {
      const code = this.#out[at]!
      if (code < 0) {
        count = writeEvent(this.#events[-1 - code]!, { ...writing, indices }, count)
        at += 1
        continue
      }
      const begin = at
      while (at < this.#count && this.#out[at]! >= 0) at += 1
      count = writeRows(this.#out.subarray(begin, at), { ...writing, from: from! }, count)
    }
    return new Batch({ columns, arena, origins, progress, count, openedAtMs, onFree: () => undefined })
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

interface Target {
  readonly columns: Columns
  readonly arena: Arena
}

/** Rows as they are. Text that lies in one piece is copied at once, over the ends of lines; dropped rows have none. @returns rows written, with those before */
function writeRows(
  rows: Int32Array,
  { from, columns: to, arena }: Target & { readonly from: Batch },
  before: number,
): number {
  const { columns } = from
  let count = before
  let runFrom = 0
  let runTo = 0
  for (const row of rows) {
    const flags = columns.flags[row]!
    const start = (flags & lineFlags.dropped) === 0 ? columns.start[row]! : runTo
    const end = (flags & lineFlags.dropped) === 0 ? columns.end[row]! : runTo
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
  return count
}

type EventTarget = Target & {
  readonly from: Batch | undefined
  readonly next: Int32Array
  readonly indices: ReadonlyMap<Origin, number>
}

/** The event as one row, and behind it its last row, dropped, where it has more than one. @returns rows written, with those before */
function writeEvent(event: WholeEvent, target: EventTarget, before: number): number {
  const { columns, arena, from } = target
  const { held, firstRow, lastName } = event
  const origin = target.indices.get(event.origin)!
  const start = arena.used
  let flags = held ? event.flags : from!.columns.flags[firstRow]!
  if (held) arena.used += held.text.copy(arena.bytes, arena.used, 0, held.bytes)
  for (let line = 0, row = firstRow; line < event.lines; line++, row = target.next[row]!) {
    const { columns: read, bytes } = from!
    if (line > 0 || held) arena.bytes[arena.used++] = lineFeed
    arena.used += bytes.copy(arena.bytes, arena.used, read.start[row], read.end[row])
    flags |= read.flags[row]! & ofAnyLine
  }
  const first = held?.first ?? rowName(from!, firstRow)
  const last = lastName === noRow ? held!.last : rowName(from!, lastName)
  put(columns, before, { ...first, start, end: arena.used, origin, flags })
  if (isSame(first, last)) return before + 1
  put(columns, before + 1, { ...last, start: arena.used, end: arena.used, origin, flags: lineFlags.dropped })
  return before + 2
}

interface Row extends RowName {
  readonly start: number
  readonly end: number
  readonly origin: number
  readonly flags: number
}

function put(columns: Columns, row: number, { start, end, seconds, nanos, ordinal, origin, flags }: Row): void {
  columns.start[row] = start
  columns.end[row] = end
  columns.seconds[row] = seconds
  columns.nanos[row] = nanos
  columns.ordinal[row] = ordinal
  columns.origin[row] = origin
  columns.flags[row] = flags
}

function isSame(a: RowName, b: RowName): boolean {
  return a.seconds === b.seconds && a.nanos === b.nanos && a.ordinal === b.ordinal
}
