// Cost where something is rewritten: the text and the columns of the batch are copied once, 0.03 CPU seconds per million 165-byte lines; else nothing.
import { BufferPool } from '../lib/buffer-pool.ts'
import { copyBytes } from '../lib/copy-bytes.ts'
import { Output } from '../lib/output.ts'
import { Arena } from './arena.ts'
import { Batch, type Columns, columnsBytes, columnsOver } from './batch.ts'
import type { Fields } from './fields/fields.ts'
import { lineFlags } from './flags.ts'

/** Columns of edits: offsets in the arena of the batch that is rewritten, and where the text that comes to be there ends in `texts`; it begins where the one before ends. */
interface Edits {
  row: Uint32Array
  from: Uint32Array
  to: Uint32Array
  textEnd: Uint32Array
  count: number
  readonly texts: Output
}

/**
 * The same rows, some with other bytes: in an arena of their own, since others may read the one they come from. One rewriter makes one batch after
 * the other, in memory that is used again.
 *
 * @example
 * rewriter.replace(row, start + 3, start + 7, Buffer.from('****'))
 * return rewriter.finish(batch)
 */
export class BatchRewriter {
  readonly #pool = new BufferPool()
  readonly #edits: Edits = { ...allocateEdits(64), count: 0, texts: new Output(16 * 1024) }

  /** Puts `text` in the place of the bytes from `from` to `to` of the arena, which lie within the row. Rows in ascending order, and places within a row; they do not overlap. */
  replace(row: number, from: number, to: number, text: Buffer): void {
    this.open(row, from, to)
    this.add(text, 0, text.length)
  }

  /** As `replace`, for a text that follows piece by piece. */
  open(row: number, from: number, to: number): void {
    const edits = this.#edits
    if (edits.count === edits.row.length) growEdits(edits)
    const edit = edits.count++
    edits.row[edit] = row
    edits.from[edit] = from
    edits.to[edit] = to
    edits.textEnd[edit] = edits.texts.length
  }

  /** Adds bytes to the text that was opened last. */
  add(bytes: Buffer, from: number, to: number): void {
    const { texts, textEnd, count } = this.#edits
    texts.reserve(to - from)
    texts.length = textEnd[count - 1] = copyBytes(bytes, from, to, texts.bytes, texts.length)
  }

  /** Forgets what was to be replaced: for whoever throws half-way. */
  reset(): void {
    this.#edits.count = 0
    this.#edits.texts.length = 0
  }

  /** The batch itself where nothing was replaced; else another in its place, which belongs to the caller, as the one given still does. */
  finish(batch: Batch): Batch {
    const edits = this.#edits
    if (edits.count === 0) return batch
    const textAt = columnsBytes(batch.count)
    const bytes = textBytes(batch, edits)
    const memory = this.#pool.take(textAt + bytes)
    const arena = new Arena(memory.subarray(textAt, textAt + bytes), () => this.#pool.give(memory))
    const columns = columnsOver(memory, 0, batch.count)
    copyPlaces(batch, columns)
    copyTexts({ batch, edits }, { columns, arena })
    this.reset()
    const { origins, progress, count, openedAtMs, fields } = batch
    fields?.retain()
    return new Batch({ columns, arena, origins, progress, count, openedAtMs, fields, onFree: () => undefined })
  }

  /** The same with these fields in place of those that the batch has; they belong to what is given. */
  finishWith(batch: Batch, fields: Fields | undefined): Batch {
    const made = this.finish(batch)
    const withFields = made.withFields(fields)
    if (made !== batch) made.release()
    return withFields
  }
}

function allocateEdits(count: number): Pick<Edits, 'row' | 'from' | 'to' | 'textEnd'> {
  const column = () => new Uint32Array(count)
  return { row: column(), from: column(), to: column(), textEnd: column() }
}

function growEdits(edits: Edits): void {
  const larger = allocateEdits(edits.row.length * 2)
  for (const name of ['row', 'from', 'to', 'textEnd'] as const) larger[name].set(edits[name])
  Object.assign(edits, larger)
}

/** At the most: dropped rows come to have no text. */
function textBytes(batch: Batch, { row, from, to, count, texts }: Edits): number {
  let { bytes } = batch.measure()
  for (let edit = 0; edit < count; edit++) if (!isDropped(batch, row[edit]!)) bytes -= to[edit]! - from[edit]!
  return bytes + texts.length
}

function isDropped({ columns }: Batch, row: number): boolean {
  return (columns.flags[row]! & lineFlags.dropped) !== 0
}

/** Everything but where the text of each row is. */
function copyPlaces({ columns: from, count }: Batch, to: Columns): void {
  to.seconds.set(from.seconds.subarray(0, count))
  to.nanos.set(from.nanos.subarray(0, count))
  to.ordinal.set(from.ordinal.subarray(0, count))
  to.origin.set(from.origin.subarray(0, count))
  to.flags.set(from.flags.subarray(0, count))
}

/** Text that lies in one piece is copied at once, over the ends of lines: a call for each line costs more than its bytes. Dropped rows have none. */
function copyTexts(
  { batch, edits }: { readonly batch: Batch; readonly edits: Edits },
  { columns, arena }: { readonly columns: Columns; readonly arena: Arena },
): void {
  const { start, end, flags } = batch.columns
  let runFrom = 0
  let runTo = 0
  const flush = () => {
    arena.used = copyBytes(batch.bytes, runFrom, runTo, arena.bytes, arena.used)
  }
  const take = (from: number, to: number) => {
    if (from !== runTo) {
      flush()
      runFrom = from
    }
    runTo = to
  }
  let [next, textAt] = [0, 0]
  for (let row = 0; row < batch.count; row++) {
    columns.start[row] = arena.used + runTo - runFrom
    const isTaken = (flags[row]! & lineFlags.dropped) === 0
    let at = start[row]!
    for (; next < edits.count && edits.row[next] === row; next++) {
      const textEnd = edits.textEnd[next]!
      if (isTaken) {
        take(at, edits.from[next]!)
        flush()
        arena.used = copyBytes(edits.texts.bytes, textAt, textEnd, arena.bytes, arena.used)
        runFrom = runTo = at = edits.to[next]!
      }
      textAt = textEnd
    }
    if (isTaken) take(at, end[row]!)
    columns.end[row] = arena.used + runTo - runFrom
  }
  flush()
}
