// Cost: 0.06 CPU seconds per million 165-byte lines that stay alone, 0.14 where nearly all are parts of traces (node bench/shape.mjs), the copy of their text included; nothing is made for a line.
import type { Batch } from '../../batch/batch.ts'
import type { Cursor } from '../../batch/cursor.ts'
import { lineFlags } from '../../batch/flags.ts'
import { levelNames, levelOf, noLevel } from '../../batch/level.ts'
import { lineTimeMs } from '../../batch/line-time.ts'
import type { Progress } from '../../batch/origin.ts'
import { originBehind } from '../../batch/way.ts'
import type { Joining } from '../../component/transform.ts'
import { EventWriter } from './event-writer.ts'
import { heldRow, noRow, OpenEvent, rowName } from './open-event.ts'
import { begins, contextBits, type LineRule, none, unlessCalm } from './traces.ts'

/** What all streams together may hold. Beyond it what has waited longest goes on. */
export const maxHeldBytes = 64 * 1024 * 1024

export interface JoiningParts {
  readonly id: string
  readonly rule: LineRule
  readonly flushMs: number
  readonly maxLines: number
  readonly maxBytes: number
  /** Told after every change. */
  readonly tell: (told: Told) => void
}

/** Since the last time. */
export interface Told {
  /** Lines that became a part of another. */
  readonly joined: number
  /** Events that were cut, and why. */
  readonly cut: Readonly<Record<CutReason, number>>
  /** Lines that are held more than before. */
  readonly held: number
}

export type CutReason = 'lines' | 'bytes' | 'memory'

const warn = levelNames.indexOf('warn')

export class EventJoining implements Joining {
  readonly #parts: JoiningParts
  /** Streams that hold something, by the key that their source gives them; the one that has waited longest is the first. */
  readonly #streams = new Map<string, OpenEvent>()
  /** Where lines ended that sinks behind have. */
  readonly #ends = new Map<string, Cursor[]>()
  readonly #writer = new EventWriter()
  #held = { bytes: 0, lines: 0 }
  #told = { joined: 0, held: 0 }
  #cut = { lines: 0, bytes: 0, memory: 0 }

  constructor(parts: JoiningParts) {
    this.#parts = parts
  }

  get dueAtMs(): number | undefined {
    if (this.#held.bytes > maxHeldBytes) return Number.NEGATIVE_INFINITY
    const [first] = this.#streams.values()
    return first && first.touchedAtMs + this.#parts.flushMs
  }

  join(batch: Batch, nowMs: number): Batch {
    const { id } = this.#parts
    const streams = batch.origins.map((origin) => {
      const behind = originBehind(id, origin)
      let stream = this.#streams.get(origin.key)
      if (stream === undefined) this.#streams.set(origin.key, (stream = new OpenEvent(origin.key, behind)))
      stream.origin = behind
      stream.outRow = noRow
      return stream
    })
    this.#writer.begin(batch.count)
    this.#take(batch, streams)
    const progress = streams.flatMap((stream, index) => this.#progressOf(batch, index, stream))
    const origins = streams.map(({ origin }) => origin)
    const made = this.#writer.finish(batch, { origins, progress, openedAtMs: batch.openedAtMs })
    for (const stream of streams) this.#keep(stream, batch, nowMs)
    this.#tell()
    return made
  }

  flush(nowMs: number): Batch | undefined {
    const { flushMs } = this.#parts
    const due: OpenEvent[] = []
    this.#writer.begin(0)
    for (const stream of this.#streams.values()) {
      if (stream.touchedAtMs + flushMs > nowMs) {
        if (this.#held.bytes <= maxHeldBytes) break
        this.#cut.memory += 1
      }
      due.push(stream)
      this.#writer.event(stream)
      this.#forgetAmounts(stream)
    }
    if (due.length === 0) return undefined
    const made = this.#writer.finish(undefined, {
      origins: due.map(({ origin }) => origin),
      progress: due.flatMap(({ origin: { key }, tail }) => (tail === undefined ? [] : [{ key, cursor: tail }])),
      openedAtMs: due.reduce((oldest, { heldSinceMs }) => Math.min(oldest, heldSinceMs), nowMs),
    })
    for (const stream of due) this.#forget(stream)
    this.#tell()
    return made
  }

  reopen(key: string, places: readonly Cursor[]): void {
    const stream = this.#streams.get(key)
    if (stream) this.#forget(stream)
    if (places.length > 0) this.#ends.set(key, [...places])
    else this.#ends.delete(key)
    this.#tell()
  }

  #take(batch: Batch, streams: readonly OpenEvent[]): void {
    const { rule } = this.#parts
    const { start, end, origin, flags } = batch.columns
    const { bytes } = batch
    const hasEnds = this.#ends.size > 0 && batch.origins.some(({ key }) => this.#ends.has(key))
    for (let row = 0; row < batch.count; row++) {
      const stream = streams[origin[row]!]!
      if (hasEnds) this.#endBefore(batch, row, stream)
      const bits = flags[row]!
      if ((bits & lineFlags.dropped) !== 0) {
        if (stream.isOpen) stream.lastName = row
        else this.#pass(stream, row)
      } else {
        const to = end[row]!
        const from = start[row]!
        const result = rule(bytes, from, to, stream.context)
        const belongs = stream.isOpen && (result & begins) === 0
        if (belongs && this.#goesOn(batch, row, { stream, result })) {
          if (stream.lastRow !== noRow) this.#writer.next[stream.lastRow] = row
          stream.goOn(row, result & contextBits, to - from)
        } else {
          this.#end(stream, batch)
          // Nothing of an event that has ended is remembered: after a restart it would not be.
          const alone = belongs ? rule(bytes, from, to, none) : result
          stream.begin(row, alone & contextBits, to - from)
        }
        if ((bits & lineFlags.unterminated) !== 0) this.#end(stream, batch)
      }
      if (hasEnds) this.#endAfter(batch, row, stream)
    }
  }

  /** Whether a line that may belong to the event before it does. */
  #goesOn(
    batch: Batch,
    row: number,
    { stream, result }: { readonly stream: OpenEvent; readonly result: number },
  ): boolean {
    const { maxLines, maxBytes, flushMs } = this.#parts
    const { columns } = batch
    if ((columns.flags[row]! & lineFlags.gapBefore) !== 0) return false
    const beforeMs = stream.lastRow === noRow ? stream.lastLineMs : lineTimeMs(batch, stream.lastRow)
    if (lineTimeMs(batch, row) - beforeMs >= flushMs) return false
    if ((result & unlessCalm) !== 0 && isCalm(batch, stream)) return false
    if (stream.lines >= maxLines) {
      this.#cut.lines += 1
      return false
    }
    if (stream.bytes + 1 + columns.end[row]! - columns.start[row]! > maxBytes) {
      this.#cut.bytes += 1
      return false
    }
    return true
  }

  /** The event is complete. */
  #end(stream: OpenEvent, { columns }: Batch): void {
    if (!stream.isOpen) return
    const { firstRow, lastName, heldLines } = stream
    if (heldLines === 0 && firstRow === lastName) {
      this.#writer.row(firstRow, columns.end[firstRow]! - columns.start[firstRow]!)
    } else this.#writer.event(stream)
    stream.end()
  }

  /** A dropped row, of which only the name is of interest. */
  #pass(stream: OpenEvent, row: number): void {
    this.#writer.row(row, 0)
    stream.outRow = row
  }

  /** Ends the event where the row lies behind a place that a sink has come to. */
  #endBefore(batch: Batch, row: number, stream: OpenEvent): void {
    this.#endWhere(batch, stream, (place) => compareToPlace(batch, row, place) > 0)
  }

  #endAfter(batch: Batch, row: number, stream: OpenEvent): void {
    this.#endWhere(batch, stream, (place) => compareToPlace(batch, row, place) === 0)
  }

  #endWhere(batch: Batch, stream: OpenEvent, isThere: (place: Cursor) => boolean): void {
    const places = this.#ends.get(stream.key)
    if (!places?.some(isThere)) return
    this.#end(stream, batch)
    const left = places.filter((place) => !isThere(place))
    if (left.length === 0) this.#ends.delete(stream.key)
    else this.#ends.set(stream.key, left)
  }

  /** How far the stream has come with what goes on: to the end of the batch, or to before what is held. Streams whose source knows no places have none. */
  #progressOf(batch: Batch, index: number, stream: OpenEvent): readonly Progress[] {
    const { progress } = batch
    const given = progress[index]?.key === stream.key ? progress[index] : progress.find(({ key }) => key === stream.key)
    if (given) stream.tail = given.cursor
    if (stream.tail === undefined) return []
    const { outRow: row, origin } = stream
    if (!stream.isOpen) return given ? [{ key: origin.key, cursor: given.cursor }] : []
    if (row === noRow) return []
    const { seconds, nanos, ordinal } = row === heldRow ? stream.last : rowName(batch, row)
    return [{ key: origin.key, cursor: { seconds, nanos, count: ordinal + 1 } }]
  }

  /** What is left of the present batch is held until the stream goes on, or has been quiet for long enough. */
  #keep(stream: OpenEvent, batch: Batch, nowMs: number): void {
    this.#forgetAmounts(stream)
    if (!stream.isOpen) {
      this.#forget(stream)
      return
    }
    const isTouched = stream.lastRow !== noRow
    stream.hold(batch, { next: this.#writer.next, nowMs, fields: this.#writer.fields })
    this.#held.bytes += stream.countedBytes = stream.memoryBytes
    this.#held.lines += stream.countedLines = stream.heldLines
    if (!isTouched) return
    // Behind all that wait.
    this.#streams.delete(stream.key)
    this.#streams.set(stream.key, stream)
  }

  #forget(stream: OpenEvent): void {
    this.#forgetAmounts(stream)
    stream.release()
    this.#streams.delete(stream.key)
  }

  #forgetAmounts(stream: OpenEvent): void {
    this.#held.bytes -= stream.countedBytes
    this.#held.lines -= stream.countedLines
    stream.countedBytes = stream.countedLines = 0
  }

  #tell(): void {
    const { joined } = this.#writer
    this.#parts.tell({ joined: joined - this.#told.joined, cut: this.#cut, held: this.#held.lines - this.#told.held })
    this.#told = { joined, held: this.#held.lines }
    this.#cut = { lines: 0, bytes: 0, memory: 0 }
  }
}

/** Whether the first line of the event says that all is well: a trace behind it is of something else. */
function isCalm({ bytes, columns }: Batch, { heldLines, text, textBytes, firstRow }: OpenEvent): boolean {
  const level =
    heldLines > 0 ? levelOf(text, 0, textBytes) : levelOf(bytes, columns.start[firstRow]!, columns.end[firstRow]!)
  return level !== noLevel && level < warn
}

/** Negative, 0 or positive: the row is before, the last one before, or behind the place. */
function compareToPlace({ columns }: Batch, row: number, place: Cursor): number {
  const seconds = columns.seconds[row]! - place.seconds
  return seconds || columns.nanos[row]! - place.nanos || columns.ordinal[row]! + 1 - place.count
}
