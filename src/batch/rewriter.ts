// Cost where something is rewritten: the text and the columns of the batch are copied once, 0.03 CPU seconds per million 165-byte lines; else nothing.
import { BufferPool } from '../lib/buffer-pool.ts'
import { Arena } from './arena.ts'
import { Batch, type Columns, columnsBytes, columnsOver } from './batch.ts'
import { lineFlags } from './flags.ts'

/** Offsets in the arena of the batch that is rewritten, and what comes to be there. */
interface Edit {
  readonly row: number
  readonly from: number
  readonly to: number
  readonly text: Buffer
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
  #edits: Edit[] = []

  /** Puts `text` in the place of the bytes from `from` to `to` of the arena, which lie within the row. Rows in ascending order, and places within a row; they do not overlap. */
  replace(row: number, from: number, to: number, text: Buffer): void {
    this.#edits.push({ row, from, to, text })
  }

  /** Forgets what was to be replaced: for whoever throws half-way. */
  reset(): void {
    this.#edits = []
  }

  /** The batch itself where nothing was replaced; else another in its place, which belongs to the caller, as the one given still does. */
  finish(batch: Batch): Batch {
    const edits = this.#edits
    if (edits.length === 0) return batch
    this.#edits = []
    const textAt = columnsBytes(batch.count)
    const bytes = textBytes(batch, edits)
    const memory = this.#pool.take(textAt + bytes)
    const arena = new Arena(memory.subarray(textAt, textAt + bytes), () => this.#pool.give(memory))
    const columns = columnsOver(memory, 0, batch.count)
    copyPlaces(batch, columns)
    copyTexts({ batch, edits }, { columns, arena })
    const { origins, progress, count, openedAtMs, fields } = batch
    fields?.retain()
    return new Batch({ columns, arena, origins, progress, count, openedAtMs, fields, onFree: () => undefined })
  }
}

function textBytes(batch: Batch, edits: readonly Edit[]): number {
  let { bytes } = batch.measure()
  for (const { row, from, to, text } of edits) if (!isDropped(batch, row)) bytes += text.length - (to - from)
  return bytes
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
  { batch, edits }: { readonly batch: Batch; readonly edits: readonly Edit[] },
  { columns, arena }: { readonly columns: Columns; readonly arena: Arena },
): void {
  const { start, end, flags } = batch.columns
  let runFrom = 0
  let runTo = 0
  const flush = () => {
    arena.used += batch.bytes.copy(arena.bytes, arena.used, runFrom, runTo)
  }
  const take = (from: number, to: number) => {
    if (from !== runTo) {
      flush()
      runFrom = from
    }
    runTo = to
  }
  let next = 0
  for (let row = 0; row < batch.count; row++) {
    columns.start[row] = arena.used + runTo - runFrom
    if ((flags[row]! & lineFlags.dropped) === 0) {
      let at = start[row]!
      for (; next < edits.length && edits[next]!.row === row; next++) {
        const { from, to, text } = edits[next]!
        take(at, from)
        flush()
        arena.used += text.copy(arena.bytes, arena.used)
        runFrom = runTo = at = to
      }
      take(at, end[row]!)
    }
    while (next < edits.length && edits[next]!.row === row) next += 1
    columns.end[row] = arena.used + runTo - runFrom
  }
  flush()
}
