// Cost: 0.02 to 0.04 µs for each value, its bytes included (node bench/fields.mjs).
import { BufferPool } from '../../lib/buffer-pool.ts'
import { copyBytes } from '../../lib/copy-bytes.ts'
import { Output } from '../../lib/output.ts'
import { FieldNames } from './field-names.ts'
import {
  Fields,
  type OwnTimes,
  ownTimesBytes,
  ownTimesOver,
  type ValueColumns,
  valueColumnsBytes,
  valueColumnsOver,
} from './fields.ts'

/** The number of a name of other fields is not known yet. */
const unknown = -2

/** Where bytes may be written; one object serves for all. */
interface Place {
  bytes: Buffer
  at: number
}

/**
 * Makes fields row by row, in order, each beginning with what the row had before. One builder makes the fields of one batch after the other, in memory that is used again.
 *
 * @example
 * builder.begin(batch.count, batch.fields)
 * builder.row()
 * builder.setText(builder.names.numberOfText('user'), 'ada')
 * const fields = builder.finish()
 */
export class FieldsBuilder {
  readonly names = new FieldNames()
  readonly #pool = new BufferPool()
  readonly #text = new Output(64 * 1024)
  readonly #place: Place = { bytes: this.#text.bytes, at: 0 }
  #columns = allocate(0, 1_024)
  #rows = 0
  #row = 0
  #count = 0
  /** Row of `#before` that the present row goes on from, and where its values begin. */
  #from = 0
  #textBefore = 0
  /** Serve for all batches that have times. */
  #times = allocateTimes(0)
  #hasTimes = false
  #before: Fields | undefined
  /** The number here of each name there. */
  #numberOf = new Int32Array(0)
  /** Of the present row; another when it begins again. */
  #mark = 0
  /** For each name the mark of the row that has it, and which value it is. */
  #markOf = new Float64Array(0)
  #valueOf = new Uint32Array(0)

  /** Begins the fields of a batch of so many rows, which had `before`, of which nothing may be released until `finish`. */
  begin(rows: number, before?: Fields): void {
    if (this.names.isHalfFull) this.names.forget()
    this.#rows = rows
    this.#row = 0
    this.#count = 0
    this.#text.length = 0
    this.#hasTimes = false
    if (this.#columns.first.length < rows + 1) this.#grow(rows, this.#columns.kind.length)
    this.#columns.first[0] = 0
    this.take(before)
  }

  /** What the rows to come had before is in these fields. */
  take(before: Fields | undefined): void {
    this.#before = before
    this.#numberOf = new Int32Array(before?.names.length ?? 0).fill(unknown)
  }

  /** The next row, with the values that the row of this number had before. */
  row(from = this.#row): void {
    this.#row += 1
    this.#from = from
    this.#textBefore = this.#text.length
    this.#beginRow()
  }

  /** Forgets what the present row was given, for whoever gives up half-way. */
  redo(): void {
    this.#count = this.#columns.first[this.#row - 1]!
    this.#text.length = this.#textBefore
    this.#beginRow()
  }

  /** Takes all values of the present row away; the time that its line says stays. */
  clearRow(): void {
    this.#count = this.#columns.first[this.#row - 1]!
    this.#text.length = this.#textBefore
    this.#mark += 1
    this.#columns.first[this.#row] = this.#count
  }

  #beginRow(): void {
    this.#mark += 1
    this.#columns.first[this.#row] = this.#count
    if (this.#hasTimes) this.#times.seconds[this.#row - 1] = Number.NaN
    if (this.#before === undefined) return
    this.#copy(this.#before, this.#from)
    this.copyTime(this.#before, this.#from)
  }

  /** Rows that have no values, up to the end. */
  #close(): void {
    while (this.#row < this.#rows) this.row()
  }

  #copy({ columns, bytes, names }: Fields, row: number): void {
    const { first, name, kind, start, end } = columns
    for (let value = first[row]!; value < first[row + 1]!; value++) {
      const there = name[value]!
      let number = this.#numberOf[there]!
      if (number === unknown) this.#numberOf[there] = number = this.names.numberOfText(names[there]!)
      this.set(number, kind[value]!, bytes, start[value]!, end[value]!)
    }
  }

  /** Gives the present row a value, in place of one of that name. A name without a number is left out, here and in what follows. */
  set(name: number, kind: number, bytes: Buffer, from: number, to: number): void {
    const { bytes: target, at } = this.open(to - from)
    this.close(name, kind, copyBytes(bytes, from, to, target, at))
  }

  /** Gives the present row the time that its line says. */
  setTime(seconds: number, nanos: number): void {
    if (!this.#hasTimes) this.#beginTimes()
    this.#times.seconds[this.#row - 1] = seconds
    this.#times.nanos[this.#row - 1] = nanos
  }

  /** Gives the present row the time of a row of other fields, if that has one. */
  copyTime({ times }: Fields, row: number): void {
    if (times !== undefined && !Number.isNaN(times.seconds[row])) this.setTime(times.seconds[row]!, times.nanos[row]!)
  }

  #beginTimes(): void {
    this.#hasTimes = true
    if (this.#times.seconds.length < this.#rows) this.#times = allocateTimes(this.#rows)
    this.#times.seconds.fill(Number.NaN)
  }

  setText(name: number, text: string, kind = 0): void {
    const { bytes, at } = this.open(text.length * 3)
    this.close(name, kind, at + bytes.write(text, at))
  }

  /** Where a value of so many bytes at the most may be written; `close` makes it one. */
  open(mostBytes: number): Place {
    this.#text.reserve(mostBytes)
    this.#place.bytes = this.#text.bytes
    this.#place.at = this.#text.length
    return this.#place
  }

  /** The value that was written where `open` said, up to `end`. */
  close(name: number, kind: number, end: number): void {
    if (name < 0) return
    const value = this.#slotFor(name)
    const { start, end: ends, name: names, kind: kinds } = this.#columns
    start[value] = this.#text.length
    ends[value] = end
    names[value] = name
    kinds[value] = kind
    this.#text.length = end
  }

  /** Takes a value of the present row away. */
  remove(name: number): void {
    if (this.#markOf[name] !== this.#mark) return
    const { start, end, name: names, kind } = this.#columns
    const last = this.#count - 1
    // The order of values is kept.
    for (let value = this.#valueOf[name]!; value < last; value++) {
      start[value] = start[value + 1]!
      end[value] = end[value + 1]!
      kind[value] = kind[value + 1]!
      names[value] = names[value + 1]!
      this.#valueOf[names[value]!] = value
    }
    this.#markOf[name] = 0
    this.#count = last
    this.#columns.first[this.#row] = last
  }

  #slotFor(name: number): number {
    if (name >= this.#markOf.length) this.#growNames(name)
    if (this.#markOf[name] === this.#mark) return this.#valueOf[name]!
    if (this.#count === this.#columns.kind.length) this.#grow(this.#columns.first.length - 1, this.#count * 2)
    const value = this.#count++
    this.#columns.first[this.#row] = this.#count
    this.#markOf[name] = this.#mark
    this.#valueOf[name] = value
    return value
  }

  #growNames(name: number): void {
    const [markOf, valueOf] = [this.#markOf, this.#valueOf]
    const length = Math.max(64, name * 2)
    this.#markOf = new Float64Array(length)
    this.#markOf.set(markOf)
    this.#valueOf = new Uint32Array(length)
    this.#valueOf.set(valueOf)
  }

  #grow(rows: number, values: number): void {
    const larger = allocate(Math.max(rows, this.#columns.first.length - 1), Math.max(values, this.#columns.kind.length))
    copyColumns(this.#columns, larger)
    this.#columns = larger
  }

  /** The fields, in memory of their own, which belong to the caller; undefined: no row has any. */
  finish(): Fields | undefined {
    this.#close()
    this.#before = undefined
    if (this.#count === 0 && !this.#hasTimes) return undefined
    const rows = this.#rows
    const timesAt = valueColumnsBytes(rows, this.#count)
    const textAt = timesAt + (this.#hasTimes ? ownTimesBytes(rows) : 0)
    const memory = this.#pool.take(textAt + this.#text.length)
    const columns = valueColumnsOver(memory, 0, rows, this.#count)
    copyColumns(this.#columns, columns)
    const times = this.#hasTimes ? ownTimesOver(memory, timesAt, rows) : undefined
    if (times !== undefined) copyTimes(this.#times, times)
    const bytes = memory.subarray(textAt, textAt + this.#text.length)
    this.#text.bytes.copy(bytes, 0, 0, this.#text.length)
    return new Fields({ columns, bytes, names: this.names.names, times }, () => this.#pool.give(memory))
  }
}

function allocate(rows: number, values: number): ValueColumns {
  return valueColumnsOver(Buffer.alloc(valueColumnsBytes(rows, values)), 0, rows, values)
}

function allocateTimes(rows: number): OwnTimes {
  return ownTimesOver(Buffer.alloc(ownTimesBytes(rows)), 0, rows)
}

function copyTimes(from: OwnTimes, to: OwnTimes): void {
  const rows = to.seconds.length
  to.seconds.set(from.seconds.subarray(0, rows))
  to.nanos.set(from.nanos.subarray(0, rows))
}

/** As much as fits. */
function copyColumns(from: ValueColumns, to: ValueColumns): void {
  const rows = Math.min(from.first.length, to.first.length)
  const values = Math.min(from.kind.length, to.kind.length)
  to.first.set(from.first.subarray(0, rows))
  to.start.set(from.start.subarray(0, values))
  to.end.set(from.end.subarray(0, values))
  to.name.set(from.name.subarray(0, values))
  to.kind.set(from.kind.subarray(0, values))
}
