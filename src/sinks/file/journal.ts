/**
 * What is about to be written to files, noted before it is: after a crash it tells what is in the files, byte for byte, and so which lines need
 * not come again. Without it, everything between the last write and the last cursor would come twice. Records (lib/record-log.ts), in order:
 *
 *     {at, progress, files}              these bytes are written next; when they all are there, the streams have come so far
 *     {at, progress: [], files, more}    the same, but only whole together with the records up to the next without `more`
 *     {at, mark: 'confirmed'}            everything since the last mark is on disk
 *     {at, mark: 'taken back'}           nothing since the last mark is in the files any more
 *
 * Only what follows the last mark is held against the files: what was confirmed is theirs who read it, and may be cut or moved by them.
 */
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Progress } from '../../batch/origin.ts'
import { replaceFile } from '../../lib/atomic-file.ts'
import { codeOf } from '../../lib/error.ts'
import { decodeRecords, encodeRecord } from '../../lib/record-log.ts'
import type { Log } from '../../telemetry/log.ts'
import { fileError } from './file-error.ts'
import { type Intent, keepWhole, type Unit } from './recover.ts'

const intentRecord = z.object({
  /** Milliseconds since 1970. */
  at: z.number(),
  /** key, seconds, nanos, count */
  progress: z.array(z.tuple([z.string(), z.number(), z.number(), z.number()])),
  /** path, inode, offset, length */
  files: z.array(z.tuple([z.string(), z.number(), z.number(), z.number()])),
  more: z.literal(true).optional(),
})
const markRecord = z.object({ at: z.number(), mark: z.enum(['confirmed', 'taken back']) })
const record = z.union([intentRecord, markRecord])
type JournalRecord = z.output<typeof record>
type Mark = z.output<typeof markRecord>['mark']

/** The journal is rewritten when it has grown to this, and to twice what it was after the last time. */
const compactAboveBytes = 4 * 1024 * 1024
/** The cursor store has a position within the second; an hour covers one whose disk was full for a while. */
const keptMs = 3_600_000

interface Position {
  readonly at: number
  readonly progress: Progress
}

export class Journal implements AsyncDisposable {
  readonly path: string
  #file: FileHandle
  #bytes: number
  #compactedBytes: number
  #isTorn = false
  /** The last confirmed position of every stream, and when it was written. */
  readonly #confirmed: Map<string, Position>
  /** Of the records since the last mark. */
  #unmarked: Position[] = []
  #hasUnmarked = false
  /** Marks that could not be written yet; they go before the next record. */
  #owed: Mark[] = []

  private constructor(path: string, file: FileHandle, confirmed: Map<string, Position>, bytes: number) {
    this.path = path
    this.#file = file
    this.#confirmed = confirmed
    this.#bytes = this.#compactedBytes = bytes
  }

  /** Reads what is there, cuts off what a crash left half written, and gives the positions that the files prove. */
  static async open(folder: string, log: Log): Promise<{ journal: Journal; recovered: Progress[] }> {
    const path = join(folder, 'journal')
    try {
      await mkdir(folder, { recursive: true })
      const confirmed = new Map<string, Position>()
      for (const { at, progress } of await keepWhole(await readUnits(path, log), log)) {
        for (const one of progress) confirmed.set(one.key, { at, progress: one })
      }
      const text = encodePositions(confirmed)
      await replaceFile(path, text)
      const file = await open(path, 'a', 0o640)
      const journal = new Journal(path, file, confirmed, Buffer.byteLength(text))
      return { journal, recovered: [...confirmed.values()].map(({ progress }) => progress) }
    } catch (error) {
      throw fileError(path, error)
    }
  }

  /**
   * Written when it resolves, on disk after `sync`. `part` says whether the rest of the same batch is noted after this.
   * @throws FileError when it cannot be written; then the files must not be written either.
   */
  async append(
    progress: readonly Progress[],
    intents: readonly Intent[],
    part: 'whole' | 'first of more',
  ): Promise<void> {
    const at = Date.now()
    const text = encodeRecord({
      at,
      progress: progress.map(({ key, cursor }) => [key, cursor.seconds, cursor.nanos, cursor.count]),
      files: intents.map(({ path, inode, offset, length }) => [path, inode, offset, length]),
      ...(part === 'whole' ? {} : { more: true }),
    } satisfies JournalRecord)
    try {
      if (!this.#hasUnmarked && this.#bytes > Math.max(compactAboveBytes, 2 * this.#compactedBytes))
        await this.#compact()
      this.#hasUnmarked = true
      await this.#write(text)
    } catch (error) {
      throw fileError(this.path, error)
    }
    for (const one of progress) this.#unmarked.push({ at, progress: one })
  }

  async sync(): Promise<void> {
    try {
      await this.#file.datasync()
    } catch (error) {
      throw fileError(this.path, error)
    }
  }

  /** Everything appended is in the files, on disk. */
  async confirmed(): Promise<void> {
    for (const position of this.#unmarked) this.#confirmed.set(position.progress.key, position)
    await this.#mark('confirmed')
  }

  /** Nothing of what was appended since the last confirmation is in the files. */
  async takenBack(): Promise<void> {
    await this.#mark('taken back')
  }

  async #mark(mark: Mark): Promise<void> {
    this.#unmarked = []
    if (!this.#hasUnmarked) return
    this.#hasUnmarked = false
    if (this.#owed.at(-1) !== mark) this.#owed.push(mark)
    try {
      await this.#write('')
    } catch {
      // It is owed: no record is written before it.
    }
  }

  async #write(text: string): Promise<void> {
    const marks = this.#owed.map((mark) => encodeRecord({ at: Date.now(), mark } satisfies JournalRecord)).join('')
    // After a write that failed half-way the line before has no end.
    const whole = `${this.#isTorn ? '\n' : ''}${marks}${text}`
    this.#isTorn = true
    await this.#file.appendFile(whole)
    this.#isTorn = false
    this.#owed = []
    this.#bytes += Buffer.byteLength(whole)
  }

  /** Only while everything is marked: positions alone hold then, without files to prove them. */
  async #compact(): Promise<void> {
    const oldest = Date.now() - keptMs
    for (const [key, { at }] of this.#confirmed) if (at < oldest) this.#confirmed.delete(key)
    const text = encodePositions(this.#confirmed)
    await replaceFile(this.path, text)
    const file = await open(this.path, 'a', 0o640)
    const old = this.#file
    this.#file = file
    this.#bytes = this.#compactedBytes = Buffer.byteLength(text)
    this.#isTorn = false
    this.#owed = []
    await old.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }
}

function encodePositions(positions: ReadonlyMap<string, Position>): string {
  let text = ''
  let latest = 0
  for (const { at, progress } of positions.values()) {
    const { key, cursor } = progress
    latest = Math.max(latest, at)
    text += encodeRecord({
      at,
      progress: [[key, cursor.seconds, cursor.nanos, cursor.count]],
      files: [],
    } satisfies JournalRecord)
  }
  return text === '' ? '' : text + encodeRecord({ at: latest, mark: 'confirmed' } satisfies JournalRecord)
}

/** What counts of the journal: what was confirmed, and what came after the last mark. */
async function readUnits(path: string, log: Log): Promise<Unit[]> {
  const units: Unit[] = []
  let unmarked: Unit[] = []
  let open: Unit | undefined
  for (const one of await readRecords(path, log)) {
    if ('mark' in one) {
      if (one.mark === 'confirmed') for (const unit of unmarked) units.push({ ...unit, state: 'confirmed' })
      unmarked = []
      open = undefined
      continue
    }
    if (!open) unmarked.push((open = { at: one.at, progress: [], files: [], state: 'begun' }))
    for (const [key, seconds, nanos, count] of one.progress)
      open.progress.push({ key, cursor: { seconds, nanos, count } })
    for (const [file, inode, offset, length] of one.files) open.files.push({ path: file, inode, offset, length })
    if (one.more) continue
    open.state = 'written'
    open = undefined
  }
  return [...units, ...unmarked]
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
