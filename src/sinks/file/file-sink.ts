import type { Batch } from '../../batch/batch.ts'
import type { Cursor } from '../../batch/cursor.ts'
import type { Progress } from '../../batch/origin.ts'
import type { SendOutcome, Sink, SinkContext } from '../../component/sink.ts'
import { codeOf, messageOf } from '../../lib/error.ts'
import { Owned } from '../../lib/owned.ts'
import { deferred, type Deferred } from '../../lib/wait.ts'
import { compressionOf } from './compression.ts'
import { encodeText } from './encode-text.ts'
import { NdjsonEncoder } from './encode-ndjson.ts'
import { type Intent, Journal } from './journal.ts'
import { type OpenFile, OpenFiles } from './open-files.ts'
import { Output } from './output.ts'
import { compileTemplate, type PathTemplate } from './path-template.ts'
import { encodePortions, progressOf } from './portions.ts'
import { RotatedFiles } from './rotated-files.ts'
import { type Segment, segmentsOf } from './segments.ts'
import type { FileOptions } from './schema.ts'

/** With so many unconfirmed bytes the disk is asked at once. */
const syncAboveBytes = 8 * 1024 * 1024
const outputBytes = 256 * 1024

interface Parts {
  readonly options: FileOptions
  readonly template: PathTemplate
  readonly journal: Journal
  readonly files: OpenFiles
  readonly rotated: RotatedFiles
  readonly owned: Owned
}

/** Bytes on their way into a file. */
interface Write {
  readonly file: OpenFile
  readonly offset: number
  readonly from: number
  readonly to: number
}

/** The writing of one batch: what a failure has to take back, and which lines stay all the same. */
interface Writing {
  undo: Write[]
  kept: readonly number[]
  /** Of those kept, the ones that the disk has confirmed. */
  confirmed: readonly number[]
}

/**
 * Lines into files. Batches are written one after the other and confirmed by the disk in groups; a batch that cannot be written whole leaves
 * no byte behind, and those handed over after it wait for it to be sent again.
 */
export class FileSink implements Sink {
  readonly maxInFlight = 16
  readonly recovered: readonly Progress[]
  readonly #parts: Parts
  readonly #ndjson = new NdjsonEncoder()
  readonly #encodeNdjson = (batch: Batch, i: number, output: Output) => this.#ndjson.encode(batch, i, output)
  /** Streams of which a batch that failed has left lines in files that were put aside, and how far. */
  readonly #ahead = new Map<string, Cursor>()
  readonly #output = new Output(outputBytes)
  /** The writing of the batch before: batches take turns. */
  #turn: Promise<unknown> = Promise.resolve()
  /** Counts failures: batches handed over before one was known are sent again after it. */
  #failures = 0
  #unsynced = 0
  #waiting: Deferred<SendOutcome>[] = []
  #timer: NodeJS.Timeout | undefined

  private constructor(parts: Parts, recovered: readonly Progress[]) {
    this.#parts = parts
    this.recovered = recovered
  }

  static async open(options: FileOptions, { stateDir, log }: SinkContext): Promise<FileSink> {
    await using undo = new Owned()
    const compression = compressionOf(options.compress)
    const { journal, recovered } = await Journal.open(stateDir, log)
    undo.take(journal)
    const retention = { files: options.keep.files, ageMs: options.keep.age, totalBytes: options.keep.total_bytes }
    const rotated = undo.take(await RotatedFiles.open(stateDir, { compression, retention, log }))
    const files = undo.take(new OpenFiles())
    const template = compileTemplate(options.path)
    return new FileSink({ options, template, journal, files, rotated, owned: undo.move() }, recovered)
  }

  send(batch: Batch): Promise<SendOutcome> {
    const failures = this.#failures
    const written = this.#turn.then(() =>
      failures === this.#failures
        ? this.#write(batch)
        : { status: 'retry' as const, reason: 'a batch before it could not be written' },
    )
    this.#turn = written
    return written.then((failure) => failure ?? this.#confirmed())
  }

  /** @returns why it could not be written; undefined: it is, and waits for the disk to confirm it. */
  async #write(batch: Batch): Promise<SendOutcome | undefined> {
    const { template, options } = this.#parts
    const encode = options.format === 'text' ? encodeText : this.#encodeNdjson
    const portions = encodePortions(batch, { template, encode, output: this.#output, ahead: this.#ahead })
    const writing: Writing = { undo: [], kept: [], confirmed: [] }
    try {
      const sizes = new Map<string, number>()
      for (const { path } of portions) sizes.set(path, (await this.#fileFor(path, writing)).size)
      const segments = segmentsOf(portions, {
        sizes,
        maxBytes: options.rotate.size,
        isByTime: template.periodOf(1e9) !== 0,
      })
      for (const [number, segment] of segments.entries()) {
        const isLast = number === segments.length - 1
        await this.#writeSegment(segment, isLast ? batch.progress : progressOf(batch, segment.linesSoFar), writing)
        writing.undo.length = 0
        writing.kept = segment.linesSoFar
      }
      this.#ahead.clear()
      return undefined
    } catch (error) {
      this.#failures += 1
      await takeBack(writing.undo)
      // What stays in files that were put aside meanwhile must not be written again.
      for (const { key, cursor } of progressOf(batch, writing.kept)) this.#ahead.set(key, cursor)
      return { status: 'retry', reason: explain(error, portions[0]?.path) }
    }
  }

  async #writeSegment(segment: Segment, progress: readonly Progress[], writing: Writing): Promise<void> {
    const writes: Write[] = []
    for (const { path, from, to, inNewFile } of segment.chunks) {
      if (inNewFile) await this.#putAside(await this.#parts.files.get(path), writing)
      const file = await this.#parts.files.get(path)
      writes.push({ file, offset: file.size, from, to })
    }
    const intents: Intent[] = writes.map(({ file: { path, inode }, offset, from, to }) => ({
      path,
      inode,
      offset,
      length: to - from,
    }))
    await this.#parts.journal.append(progress, intents)
    writing.undo = writes
    await Promise.all(writes.map((write) => writeFully(this.#output.bytes, write)))
    this.#parts.journal.written(progress)
    for (const { file, from, to } of writes) {
      file.size += to - from
      this.#unsynced += to - from
    }
  }

  /** The file to write to now: a new one where the old is too old. */
  async #fileFor(path: string, writing: Writing): Promise<OpenFile> {
    const { files, options } = this.#parts
    const file = await files.get(path)
    if (options.rotate.every === undefined || file.size === 0 || Date.now() - file.bornMs < options.rotate.every)
      return file
    await this.#putAside(file, writing)
    return files.get(path)
  }

  /** What is put aside cannot be taken back: so everything written up to now is confirmed first. */
  async #putAside(file: OpenFile, writing: Writing): Promise<void> {
    const outcome = await this.#confirm(this.#takeWaiting())
    if (outcome.status !== 'delivered') {
      writing.kept = writing.confirmed
      throw new Error(outcome.reason)
    }
    writing.confirmed = writing.kept
    await this.#parts.files.close(file)
    await this.#parts.rotated.putAside(file.path)
  }

  /** Resolves when the disk has confirmed what is written up to now. */
  #confirmed(): Promise<SendOutcome> {
    const { sync_every: delayMs } = this.#parts.options
    const waiter = deferred<SendOutcome>()
    this.#waiting.push(waiter)
    if (delayMs === 0 || this.#unsynced > syncAboveBytes || this.#waiting.length >= this.maxInFlight / 2) this.#sync()
    else this.#timer ??= setTimeout(() => this.#sync(), delayMs)
    return waiter.promise
  }

  /** In turn with the batches: what a sync covers is then what was written before it. */
  #sync(): void {
    const waiting = this.#takeWaiting()
    this.#turn = this.#turn.then(() => this.#confirm(waiting))
  }

  #takeWaiting(): Deferred<SendOutcome>[] {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const waiting = this.#waiting
    this.#waiting = []
    this.#unsynced = 0
    return waiting
  }

  async #confirm(waiting: readonly Deferred<SendOutcome>[]) {
    const outcome = await this.#syncFiles()
    for (const { resolve } of waiting) resolve(outcome)
    return outcome
  }

  async #syncFiles(): Promise<Extract<SendOutcome, { status: 'delivered' | 'retry' }>> {
    const { files, journal } = this.#parts
    const dirty = [...files.all].filter(({ size, synced }) => size !== synced)
    try {
      await Promise.all([journal.sync(), ...dirty.map(({ handle }) => handle.datasync())])
    } catch (error) {
      this.#failures += 1
      await takeBack(dirty.map((file) => ({ file, offset: file.synced, from: 0, to: 0 })))
      return { status: 'retry', reason: explain(error, dirty[0]?.path) }
    }
    for (const file of dirty) file.synced = file.size
    for (const file of dirty) if (!(await files.isInPlace(file))) await files.close(file)
    for (const file of files.surplus()) await files.close(file)
    return { status: 'delivered' }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn
    this.#sync()
    await this.#turn
    await this.#parts.owned[Symbol.asyncDispose]()
  }
}

async function writeFully(bytes: Buffer, { file, offset, from, to }: Write): Promise<void> {
  if (file.hasRubbish) {
    await file.handle.truncate(file.size)
    file.hasRubbish = false
  }
  for (let done = 0; done < to - from; ) {
    const { bytesWritten } = await file.handle.write(bytes, from + done, to - from - done, offset + done)
    done += bytesWritten
  }
}

/** Cuts the files back to where the writes began. What cannot be cut now is cut before the next write. */
async function takeBack(writes: readonly Write[]): Promise<void> {
  for (const { file, offset } of writes) {
    file.size = offset
    file.synced = Math.min(file.synced, offset)
    file.hasRubbish = true
    try {
      await file.handle.truncate(offset)
      file.hasRubbish = false
    } catch {
      // The next write to this file tries again, before it writes anything.
    }
  }
}

const explanations: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'no permission to write',
  EPERM: 'no permission to write',
  EISDIR: 'a folder stands where the file should be',
  ENOTDIR: 'a file stands where a folder should be',
  EMFILE: 'too many open files',
  EIO: 'the disk reports an error',
}

function explain(error: unknown, path: string | undefined): string {
  const code = codeOf(error) ?? ''
  const known = explanations[code]
  return known === undefined
    ? `cannot write ${path ?? 'the journal'}: ${messageOf(error)}`
    : `${known} (${code}): ${path ?? 'the journal'}`
}
