import { type FileHandle, mkdir, open, readFile, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Progress } from '../../batch/origin.ts'
import { replaceFile } from '../../lib/atomic-file.ts'
import { codeOf } from '../../lib/error.ts'
import { decodeRecords, encodeRecord } from '../../lib/record-log.ts'
import type { Log } from '../../telemetry/log.ts'

/** Bytes that are about to be written to a file. */
export interface Intent {
  readonly path: string
  readonly inode: number
  readonly offset: number
  readonly length: number
}

const record = z.object({
  /** Milliseconds since 1970. */
  at: z.number(),
  /** key, seconds, nanos, count */
  progress: z.array(z.tuple([z.string(), z.number(), z.number(), z.number()])),
  /** path, inode, offset, length */
  files: z.array(z.tuple([z.string(), z.number(), z.number(), z.number()])),
})
type JournalRecord = z.output<typeof record>

const compactAboveBytes = 4 * 1024 * 1024
/** The cursor store has a position within the second; an hour covers one whose disk was full for a while. */
const keptMs = 3_600_000

/**
 * What is about to be written, before it is: after a crash it tells what is in the files, byte for byte, and so which lines need not come again.
 * Without it, everything between the last write and the last cursor would come twice.
 */
export class Journal implements AsyncDisposable {
  readonly #path: string
  #file: FileHandle
  #bytes: number
  #isTorn = false
  /** The last position of every stream, and when it was written. */
  readonly #latest: Map<string, { at: number; progress: Progress }>

  private constructor(
    path: string,
    file: FileHandle,
    latest: Map<string, { at: number; progress: Progress }>,
    bytes: number,
  ) {
    this.#path = path
    this.#file = file
    this.#latest = latest
    this.#bytes = bytes
  }

  /** Reads what is there, cuts off what a crash left half written, and gives the positions that the files prove. */
  static async open(folder: string, log: Log): Promise<{ journal: Journal; recovered: Progress[] }> {
    await mkdir(folder, { recursive: true })
    const path = join(folder, 'journal')
    const records = await readRecords(path, log)
    const complete = await completeRecords(records, log)
    const latest = new Map<string, { at: number; progress: Progress }>()
    for (const { at, progress } of complete) {
      for (const [key, seconds, nanos, count] of progress)
        latest.set(key, { at, progress: { key, cursor: { seconds, nanos, count } } })
    }
    const text = encodeLatest(latest)
    await replaceFile(path, text)
    const file = await open(path, 'a')
    const journal = new Journal(path, file, latest, Buffer.byteLength(text))
    return { journal, recovered: [...latest.values()].map(({ progress }) => progress) }
  }

  /** Written when it resolves, on disk after `sync`. @throws when it cannot be written; then the batch must not be written either. */
  async append(progress: readonly Progress[], intents: readonly Intent[]): Promise<void> {
    const at = Date.now()
    if (this.#bytes > compactAboveBytes) await this.#compact()
    const text = encodeRecord({
      at,
      progress: progress.map(({ key, cursor }) => [key, cursor.seconds, cursor.nanos, cursor.count]),
      files: intents.map(({ path, inode, offset, length }) => [path, inode, offset, length]),
    } satisfies JournalRecord)
    // After a write that failed half-way the line before has no end.
    const whole = this.#isTorn ? `\n${text}` : text
    this.#isTorn = true
    await this.#file.appendFile(whole)
    this.#isTorn = false
    this.#bytes += Buffer.byteLength(whole)
  }

  /** The bytes that the last intent announced are in their files: from now on its positions outlive the intent. */
  written(progress: readonly Progress[]): void {
    const at = Date.now()
    for (const one of progress) this.#latest.set(one.key, { at, progress: one })
  }

  async sync(): Promise<void> {
    await this.#file.datasync()
  }

  async #compact(): Promise<void> {
    const oldest = Date.now() - keptMs
    for (const [key, { at }] of this.#latest) if (at < oldest) this.#latest.delete(key)
    const text = encodeLatest(this.#latest)
    await replaceFile(this.#path, text)
    await this.#file.close()
    this.#file = await open(this.#path, 'a')
    this.#bytes = Buffer.byteLength(text)
    this.#isTorn = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }
}

function encodeLatest(latest: ReadonlyMap<string, { at: number; progress: Progress }>): string {
  let text = ''
  for (const { at, progress } of latest.values()) {
    const { key, cursor } = progress
    text += encodeRecord({
      at,
      progress: [[key, cursor.seconds, cursor.nanos, cursor.count]],
      files: [],
    } satisfies JournalRecord)
  }
  return text
}

async function readRecords(path: string, log: Log): Promise<JournalRecord[]> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
  const { records, broken } = decodeRecords(bytes)
  const known = records.map((value) => record.safeParse(value)).filter((parsed) => parsed.success)
  const lost = broken + records.length - known.length
  if (lost > 0)
    log.warn(
      { path, records: lost },
      'records of the file journal are damaged and passed over, as after a crash in the middle of a write',
    )
  return known.map(({ data }) => data)
}

/** The records up to the first whose bytes are not all there; the files are cut back to where that one began. */
async function completeRecords(records: readonly JournalRecord[], log: Log): Promise<readonly JournalRecord[]> {
  for (const [i, { files }] of records.entries()) {
    const isComplete = (await Promise.all(files.map(isWhole))).every(Boolean)
    if (isComplete) continue
    const cut = await cutBack(records.slice(i))
    log.warn(
      { batches: records.length - i, files: cut },
      'the last write was cut by a crash: its files are cut back to whole batches, the lines come again',
    )
    return records.slice(0, i)
  }
  return records
}

type FileTuple = JournalRecord['files'][number]

/** A file that is gone, or another one by now, was put aside after the record's bytes were in it. */
async function isWhole([path, inode, offset, length]: FileTuple): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.ino !== inode || found.size >= offset + length
}

async function cutBack(records: readonly JournalRecord[]): Promise<number> {
  const ends = new Map<string, { inode: number; offset: number }>()
  for (const { files } of records) {
    for (const [path, inode, offset] of files) {
      const earlier = ends.get(path)
      if (!earlier || earlier.inode !== inode || offset < earlier.offset) ends.set(path, { inode, offset })
    }
  }
  for (const [path, { inode, offset }] of ends) {
    const found = await stat(path).catch(() => undefined)
    if (found?.ino === inode && found.size > offset) await truncate(path, offset)
  }
  return ends.size
}
