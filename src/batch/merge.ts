import type { BufferPool } from '../lib/buffer-pool.ts'
import { Arena } from './arena.ts'
import { Batch, type Columns, columnsBytes, columnsOver } from './batch.ts'
import { FieldsBuilder } from './fields/fields-builder.ts'
import { lineFlags } from './flags.ts'
import type { Origin, Progress } from './origin.ts'

/**
 * One batch with the lines of several, in order, in memory of its own; dropped lines, and those of origins that are not wanted, are left behind.
 * Progress is the last of each wanted stream. For small batches, and for those of which little is left: it copies every byte.
 */
export function mergeBatches(
  batches: readonly Batch[],
  { isWanted = () => true }: { readonly isWanted?: (origin: Origin) => boolean } = {},
): Batch {
  const [size] = measure(batches, { parts: 1, partOf: () => 0 }, isWanted)
  const memory = Buffer.allocUnsafeSlow(bytesOf(size!))
  return copyLines(batches, isWanted, { size: size!, memory, onFree: () => undefined })
}

/** Which lines go together: those of an origin are in the part of this index. */
export interface Parts {
  readonly parts: number
  readonly partOf: (origin: Origin) => number
}

/** Where the memory of merged batches comes from. */
export interface MergeMemory {
  readonly pool: BufferPool
  /** So much is taken at least: merges that differ in size use the same memory, of which only what was written to is resident. */
  readonly leastBytes: number
}

/** The same in several batches, some lines in each; those without lines are left out. They share one piece of memory. */
export function mergeInParts(batches: readonly Batch[], parts: Parts, { pool, leastBytes }: MergeMemory): Batch[] {
  const sizes = measure(batches, parts, () => true)
  const bytes = sizes.reduce((sum, size) => sum + bytesOf(size), 0)
  const whole = pool.take(Math.max(bytes, leastBytes))
  let users = sizes.filter(({ lines }) => lines > 0).length
  const onFree = () => {
    users -= 1
    if (users === 0) pool.give(whole)
  }
  const made: Batch[] = []
  let at = 0
  for (const [part, size] of sizes.entries()) {
    if (size.lines === 0) continue
    const memory = whole.subarray(at, (at += bytesOf(size)))
    made.push(copyLines(batches, (origin) => parts.partOf(origin) === part, { size, memory, onFree }))
  }
  return made
}

/** Fields are merged one batch after the other. */
const mergedFields = new FieldsBuilder()

interface Size {
  readonly lines: number
  readonly bytes: number
}

/** Memory of a merged batch, up to a multiple of 8: its columns, then its text. */
function bytesOf({ lines, bytes }: Size): number {
  return columnsBytes(lines) + Math.ceil(bytes / 8) * 8
}

/** Lines of each part that are wanted and not dropped, and the bytes of their text. */
function measure(
  batches: readonly Batch[],
  { parts, partOf }: Parts,
  isWanted: (origin: Origin) => boolean,
): readonly Size[] {
  // The last is of lines that are not wanted.
  const lines = new Float64Array(parts + 1)
  const bytes = new Float64Array(parts + 1)
  for (const { columns, count, origins } of batches) {
    const partOfOrigin = Uint32Array.from(origins, (origin) => (isWanted(origin) ? partOf(origin) : parts))
    measureRows(columns, count, { partOfOrigin, lines, bytes })
  }
  return Array.from({ length: parts }, (_, part) => ({ lines: lines[part]!, bytes: bytes[part]! }))
}

// Loops over rows are functions of their own: what is around them runs seldom, and would be compiled with them again and again.
function measureRows(
  { start, end, origin, flags }: Columns,
  count: number,
  {
    partOfOrigin,
    lines,
    bytes,
  }: { readonly partOfOrigin: Uint32Array; readonly lines: Float64Array; readonly bytes: Float64Array },
): void {
  for (let i = 0; i < count; i++) {
    if ((flags[i]! & lineFlags.dropped) !== 0) continue
    const part = partOfOrigin[origin[i]!]!
    lines[part]! += 1
    bytes[part]! += end[i]! - start[i]!
  }
}

function copyLines(
  batches: readonly Batch[],
  isWanted: (origin: Origin) => boolean,
  { size, memory, onFree }: { readonly size: Size; readonly memory: Buffer; readonly onFree: () => void },
): Batch {
  const columns = columnsOver(memory, 0, size.lines)
  const arena = new Arena(memory.subarray(columnsBytes(size.lines)), onFree)
  const origins = new Map<Origin, number>()
  const progress = new Map<string, Progress>()
  const fields = batches.some((batch) => batch.fields !== undefined) ? mergedFields : undefined
  fields?.begin(size.lines)
  let count = 0
  for (const batch of batches) {
    const indices = Int32Array.from(batch.origins, (origin) => (isWanted(origin) ? indexOf(origins, origin) : unwanted))
    const next = copyRows(batch, indices, { columns, arena }, count)
    if (fields !== undefined) {
      fields.take(batch.fields)
      takeFields(batch, indices, fields)
    }
    count = next
    const wantedKeys = new Set(batch.origins.filter((origin) => isWanted(origin)).map(({ key }) => key))
    for (const one of batch.progress) if (wantedKeys.has(one.key)) progress.set(one.key, one)
  }
  return new Batch({
    columns,
    arena,
    origins: [...origins.keys()],
    progress: [...progress.values()],
    count,
    fields: fields?.finish(),
    openedAtMs: Math.min(...batches.map(({ openedAtMs }) => openedAtMs)),
    onFree: () => undefined,
  })
}

/** Copies wanted rows behind the first `count`. Lines that lie one behind the other are copied at once: a call for each costs more than its bytes. @returns how many rows there are now */
function copyRows(
  { columns: from, bytes, count: rows }: Batch,
  indices: Int32Array,
  { columns: to, arena }: { readonly columns: Columns; readonly arena: Arena },
  count: number,
): number {
  let next = count
  let runFrom = 0
  let runTo = 0
  for (let i = 0; i < rows; i++) {
    const index = indices[from.origin[i]!]!
    if (index < 0 || (from.flags[i]! & lineFlags.dropped) !== 0) continue
    const start = from.start[i]!
    if (start !== runTo) {
      arena.used += bytes.copy(arena.bytes, arena.used, runFrom, runTo)
      runFrom = start
    }
    runTo = from.end[i]!
    to.start[next] = arena.used + start - runFrom
    to.end[next] = arena.used + runTo - runFrom
    to.seconds[next] = from.seconds[i]!
    to.nanos[next] = from.nanos[i]!
    to.ordinal[next] = from.ordinal[i]!
    to.origin[next] = index
    to.flags[next] = from.flags[i]!
    next += 1
  }
  arena.used += bytes.copy(arena.bytes, arena.used, runFrom, runTo)
  return next
}

function takeFields({ columns, count }: Batch, indices: Int32Array, fields: FieldsBuilder): void {
  for (let i = 0; i < count; i++)
    if (indices[columns.origin[i]!]! >= 0 && (columns.flags[i]! & lineFlags.dropped) === 0) fields.row(i)
}

const unwanted = -1

function indexOf(origins: Map<Origin, number>, origin: Origin): number {
  let index = origins.get(origin)
  if (index === undefined) origins.set(origin, (index = origins.size))
  return index
}
