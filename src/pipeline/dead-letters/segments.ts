import { type FileHandle, open, readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Log } from '../../telemetry/log.ts'
import { idOf } from './letter.ts'
import { markOf, type RecordHead, segmentHeadBytes } from './record.ts'
import { type Damage, readAll, scanRecords } from './scan.ts'

export interface Count {
  letters: number
  lines: number
}

/** A file of records: memory holds this much of it, whatever the number of its letters. */
export interface Segment {
  readonly number: number
  readonly path: string
  /** Bytes that are safe on disk. */
  bytes: number
  /** Begins each of its records; undefined where its head is damaged or missing. */
  mark: Buffer | undefined
  /** What is kept in it, by sink. */
  readonly sinks: Map<string, Count>
}

export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(8, '0')}.letters`)
}

export function count(segment: Segment, sink: string, change: Count): void {
  const before = segment.sinks.get(sink) ?? { letters: 0, lines: 0 }
  const after = { letters: before.letters + change.letters, lines: before.lines + change.lines }
  if (after.letters === 0) segment.sinks.delete(sink)
  else segment.sinks.set(sink, after)
}

export interface Loaded {
  /** By number. */
  readonly segments: Segment[]
  /** The last letter there is, with the id of the one whose place it takes. */
  readonly last: { readonly id: string; readonly replaces: string | undefined } | undefined
}

/** Reads the heads of all letters; cuts off what a crash left unfinished at the end of the last segment. */
export async function loadSegments(folder: string, log: Log): Promise<Loaded> {
  const numbers = (await readdir(folder))
    .flatMap((name) => /^(\d{8,})\.letters$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
  const segments: Segment[] = []
  let last: Loaded['last']
  for (const number of numbers) {
    const { segment, lastHead } = await load({ folder, number, isLast: number === numbers.at(-1) }, log)
    segments.push(segment)
    if (lastHead) last = { id: idOf({ segment: number, at: lastHead.at }), replaces: lastHead.meta.replaces }
  }
  return { segments, last }
}

async function load(
  { folder, number, isLast }: { readonly folder: string; readonly number: number; readonly isLast: boolean },
  log: Log,
): Promise<{ segment: Segment; lastHead: RecordHead | undefined }> {
  const path = segmentPath(folder, number)
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  const mark = markOf(await readStart(file))
  const segment: Segment = { number, path, bytes: size, mark, sinks: new Map() }
  const damages: Damage[] = []
  let lastHead: RecordHead | undefined
  for await (const head of scanRecords(file, { from: 0, to: size }, (damage) => damages.push(damage))) {
    lastHead = head
    if (head.isKept) count(segment, head.meta.sink, { letters: 1, lines: head.meta.lines })
  }
  if (isLast) {
    const torn = await tornFrom(file, damages.at(-1), { size, lastHead })
    if (torn !== undefined) {
      if (lastHead?.at === torn && lastHead.isKept)
        count(segment, lastHead.meta.sink, { letters: -1, lines: -lastHead.meta.lines })
      if (lastHead?.at === torn) lastHead = undefined
      await truncate(path, torn)
      segment.bytes = torn
      log.warn({ path, bytes: size - torn }, 'what a crash left unfinished at the end of the dead letters is cut off')
      if (damages.at(-1)?.to === size) damages.pop()
    }
  }
  if (damages.length > 0) {
    const bytes = damages.reduce((sum, { from, to }) => sum + to - from, 0)
    log.error({ path, bytes }, 'a part of the dead letters is damaged and passed over; the others are kept')
  }
  return { segment, lastHead }
}

async function readStart(file: FileHandle): Promise<Buffer> {
  const start = Buffer.alloc(segmentHeadBytes)
  return start.subarray(0, await readAll(file, start, 0))
}

/** Where what was not written to its end begins; undefined: all was. The body of the last record may be torn while its head is good. */
async function tornFrom(
  file: FileHandle,
  damage: Damage | undefined,
  { size, lastHead }: { readonly size: number; readonly lastHead: RecordHead | undefined },
): Promise<number | undefined> {
  // The head of a segment is on disk before its first record: of a longer one it is damaged, and the rest may be good.
  if (damage?.from === 0) return size <= segmentHeadBytes ? 0 : undefined
  if (damage?.to === size) return damage.from
  if (lastHead === undefined) return undefined
  const body = Buffer.allocUnsafe(lastHead.bodyBytes)
  await readAll(file, body, lastHead.bodyAt)
  return crc32(body) === lastHead.bodyCrc ? undefined : lastHead.at
}
