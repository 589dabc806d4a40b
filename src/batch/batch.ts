import type { Arena } from './arena.ts'
import type { Fields } from './fields/fields.ts'
import { lineFlags } from './flags.ts'
import type { Origin, Progress } from './origin.ts'

/** Lines in one batch at most; with lines of 128 bytes an arena of 1 MiB fills at the same time. */
export const maxLines = 8_192

/** One row of numbers per line; the arrays are longer than `count` lines need. */
export interface Columns {
  /** Where each line begins and ends in the arena, without its line feed. */
  readonly start: Uint32Array
  readonly end: Uint32Array
  /** The engine's time of the line: seconds since 1970 and nanoseconds within the second. */
  readonly seconds: Float64Array
  readonly nanos: Uint32Array
  /** Which line of its stream at exactly this time, from 0. With stream and time it names the line for ever. */
  readonly ordinal: Uint32Array
  /** Index into the batch's `origins`. */
  readonly origin: Uint16Array
  /** Bits of `lineFlags`. */
  readonly flags: Uint8Array
}

/** Bytes of one row of all columns. */
const rowBytes = 8 + 4 * 4 + 2 + 1

/** Memory of columns of so many lines, up to a multiple of 8. */
export function columnsBytes(lines: number): number {
  return Math.ceil((lines * rowBytes) / 8) * 8
}

/** Columns in the memory of `bytes` from `at` on, which must be a multiple of 8 in it; they take `columnsBytes` of it, and are not cleared. */
export function columnsOver(bytes: Buffer, at: number, lines: number): Columns {
  const { buffer } = bytes
  let next = bytes.byteOffset + at
  const after = (bytesEach: number) => {
    const here = next
    next += lines * bytesEach
    return here
  }
  return {
    seconds: new Float64Array(buffer, after(8), lines),
    start: new Uint32Array(buffer, after(4), lines),
    end: new Uint32Array(buffer, after(4), lines),
    nanos: new Uint32Array(buffer, after(4), lines),
    ordinal: new Uint32Array(buffer, after(4), lines),
    origin: new Uint16Array(buffer, after(2), lines),
    flags: new Uint8Array(buffer, after(1), lines),
  }
}

export function allocateColumns(lines: number): Columns {
  return columnsOver(Buffer.alloc(columnsBytes(lines)), 0, lines)
}

/** The rows between `from` and `to`, in the same memory. */
export function sliceColumns(columns: Columns, from: number, to: number): Columns {
  return {
    seconds: columns.seconds.subarray(from, to),
    start: columns.start.subarray(from, to),
    end: columns.end.subarray(from, to),
    nanos: columns.nanos.subarray(from, to),
    ordinal: columns.ordinal.subarray(from, to),
    origin: columns.origin.subarray(from, to),
    flags: columns.flags.subarray(from, to),
  }
}

/** The first `count` rows, in memory of their own. */
function copyColumns(from: Columns, count: number): Columns {
  const to = allocateColumns(count)
  to.seconds.set(from.seconds.subarray(0, count))
  to.start.set(from.start.subarray(0, count))
  to.end.set(from.end.subarray(0, count))
  to.nanos.set(from.nanos.subarray(0, count))
  to.ordinal.set(from.ordinal.subarray(0, count))
  to.origin.set(from.origin.subarray(0, count))
  to.flags.set(from.flags.subarray(0, count))
  return to
}

/**
 * Lines as columns over one arena: the only form in which lines travel. Reference counted: whoever keeps a batch
 * beyond the call that gave it calls `retain()` and later `release()`. After the last release nothing of it may be read.
 */
export class Batch {
  readonly columns: Columns
  readonly arena: Arena
  readonly origins: readonly Origin[]
  /** How far each stream that has lines in here has come with this batch. */
  readonly progress: readonly Progress[]
  readonly count: number
  /** `performance.now()` when the first line was put in: the age of the batch. */
  readonly openedAtMs: number
  /** What transforms have found in the lines; undefined: nothing. */
  readonly fields: Fields | undefined
  #references = 1
  readonly #onFree: () => void

  constructor(parts: {
    columns: Columns
    arena: Arena
    origins: readonly Origin[]
    progress: readonly Progress[]
    count: number
    openedAtMs: number
    /** Belongs to the batch from now on. */
    fields?: Fields | undefined
    /** Nobody uses the columns any more; the arena may still have other users. */
    onFree: () => void
  }) {
    this.columns = parts.columns
    this.arena = parts.arena
    this.origins = parts.origins
    this.progress = parts.progress
    this.count = parts.count
    this.openedAtMs = parts.openedAtMs
    this.fields = parts.fields
    this.#onFree = parts.onFree
  }

  get bytes(): Buffer {
    return this.arena.bytes
  }

  /** Memory that the batch holds, arena and columns. */
  get heldBytes(): number {
    return this.arena.bytes.length + this.columns.flags.length * rowBytes + (this.fields?.heldBytes ?? 0)
  }

  retain(): void {
    this.#references += 1
  }

  release(): void {
    this.#references -= 1
    if (this.#references > 0) return
    this.arena.release()
    this.fields?.release()
    this.#onFree()
  }

  /** A copy with its own columns over the same arena: what a branch gets that changes lines which another branch also has. */
  fork(): Batch {
    const columns = copyColumns(this.columns, this.count)
    this.arena.retain()
    this.fields?.retain()
    const { arena, origins, progress, count, openedAtMs, fields } = this
    return new Batch({ columns, arena, origins, progress, count, openedAtMs, fields, onFree: () => undefined })
  }

  /** The same lines with these fields, which belong to it from now on: what a transform gives that has found some. The columns are those of this batch. */
  withFields(fields: Fields | undefined): Batch {
    this.retain()
    const { columns, arena, origins, progress, count, openedAtMs } = this
    arena.retain()
    return new Batch({ columns, arena, origins, progress, count, openedAtMs, fields, onFree: () => this.release() })
  }

  /** Lines that no transform has dropped, and the bytes of their text. */
  measure(): { lines: number; bytes: number } {
    const { start, end, flags } = this.columns
    const lines = countLines(flags, this.count)
    return { lines, bytes: countBytes(start, end, flags, this.count) }
  }
}

function countLines(flags: Uint8Array, count: number): number {
  let lines = 0
  for (let i = 0; i < count; i++) if ((flags[i]! & lineFlags.dropped) === 0) lines += 1
  return lines
}

function countBytes(start: Uint32Array, end: Uint32Array, flags: Uint8Array, count: number): number {
  let bytes = 0
  for (let i = 0; i < count; i++) if ((flags[i]! & lineFlags.dropped) === 0) bytes += end[i]! - start[i]!
  return bytes
}
