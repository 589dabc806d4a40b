import { open, readdir, unlink } from 'node:fs/promises'
import { syncFolder } from '../../lib/atomic-file.ts'
import type { Progress } from '../../batch/origin.ts'
import type { Position } from './position-file.ts'
import { countKept, type FoundRecord, scanSegment } from './scan.ts'
import { numberOf, Segment } from './segment.ts'

/** Records that nobody will get. */
export interface Lost {
  /**
   * `torn`: a crash interrupted their writing, nobody was told that they are there. `damaged`: they are not what was written.
   * `dropped_oldest`: room was made.
   */
  readonly reason: 'torn' | 'damaged' | 'dropped_oldest'
  readonly records: number
  /** As far as it is known. */
  readonly lines: number
  readonly bytes: number
}

export interface OpenedSegments {
  /** Those with records that are not consumed, in order. */
  readonly segments: Segment[]
  /** The last place of each stream in them. */
  readonly recovered: readonly Progress[]
  /** The largest number that was ever given to a segment, as far as it is known. */
  readonly lastNumber: number
}

/** Finds what is in the folder after `position`; deletes what is before, and what a crash has torn. */
export async function openSegments(
  folder: string,
  position: Position | undefined,
  onLost: (lost: Lost) => void,
): Promise<OpenedSegments> {
  const numbers = (await readdir(folder)).map(numberOf).filter((number) => number !== undefined)
  numbers.sort((a, b) => a - b)
  const lastNumber = Math.max(0, position?.segment ?? 0, ...numbers.slice(-1))
  const segments: Segment[] = []
  const recovered = new Map<string, Progress>()
  let deleted = 0
  for (const number of numbers) {
    const segment = new Segment(folder, number, position?.segment === number ? position.offset : undefined)
    const isBefore = position !== undefined && number < position.segment
    if (!isBefore) await fill(segment, { isLast: number === numbers.at(-1), recovered, onLost })
    if (segment.count > 0) {
      segments.push(segment)
      continue
    }
    await unlink(segment.path)
    deleted += 1
  }
  if (deleted > 0) await syncFolder(folder)
  return { segments, recovered: [...recovered.values()], lastNumber }
}

interface Filling {
  readonly isLast: boolean
  readonly recovered: Map<string, Progress>
  readonly onLost: (lost: Lost) => void
}

async function fill(segment: Segment, { isLast, recovered, onLost }: Filling): Promise<void> {
  const found = await scanSegment(segment.path, segment.size)
  const torn = isLast && found.length > 0 ? found.splice(await countKept(segment.path, found)) : []
  for (const { end, lines, progress } of found) {
    segment.add(end, lines)
    for (const one of progress ?? []) recovered.set(one.key, one)
    if (!progress) segment.lost.add(segment.count - 1)
  }
  const damaged = found.filter(({ progress }) => !progress)
  if (damaged.length > 0) onLost({ reason: 'damaged', ...sumOf(damaged) })
  // What is whole may be so in the page cache only: what is appended behind it will say that it is on disk.
  if (isLast) await cut(segment.path, torn[0]?.start)
  if (torn.length > 0) onLost({ reason: 'torn', ...sumOf(torn) })
}

function sumOf(records: readonly FoundRecord[]): { records: number; lines: number; bytes: number } {
  return {
    records: records.length,
    lines: records.reduce((sum, { lines }) => sum + lines, 0),
    bytes: records.reduce((sum, { start, end }) => sum + end - start, 0),
  }
}

/** Cuts the file to `bytes`, where they are given, and syncs it. */
async function cut(path: string, bytes: number | undefined): Promise<void> {
  const file = await open(path, 'r+')
  try {
    if (bytes !== undefined) await file.truncate(bytes)
    await file.datasync()
  } finally {
    await file.close()
  }
}
