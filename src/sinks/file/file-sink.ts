import type { Batch } from '../../batch/batch.ts'
import type { Records } from '../../batch/json/record-form.ts'
import type { Progress } from '../../batch/origin.ts'
import type { SendOutcome, Sink, SinkContext } from '../../component/sink.ts'
import { messageOf } from '../../lib/error.ts'
import { Owned } from '../../lib/owned.ts'
import { deferred, type Deferred } from '../../lib/wait.ts'
import { compressionOf } from './compression.ts'
import { TextRecords } from './encode-text.ts'
import { ndjsonRecords } from './encode-ndjson.ts'
import { all, fileError } from './file-error.ts'
import { Journal } from './journal.ts'
import { maxTakenFiles, OpenFiles } from './open-files.ts'
import { Output } from '../../lib/output.ts'
import { compileTemplate, type PathTemplate } from './path-template.ts'
import { encodePortions, type Portion, progressOf } from './portions.ts'
import { RotatedFiles } from './rotated-files.ts'
import { type Chunk, segmentsOf } from './segments.ts'
import type { FileOptions } from './schema.ts'

/** With so many unconfirmed bytes the disk is asked at once. */
const confirmAboveBytes = 8 * 1024 * 1024
const outputBytes = 256 * 1024
/** A file that nothing was written to for so long is closed. */
const idleMs = 60_000
const lookForIdleEveryMs = 15_000

interface Parts {
  readonly options: FileOptions
  readonly template: PathTemplate
  readonly journal: Journal
  readonly files: OpenFiles
  readonly rotated: RotatedFiles
  readonly owned: Owned
}

/**
 * Lines into files. Batches are written one after the other and confirmed by the disk in groups. After any failure everything that is not
 * confirmed is taken back, and its batches are sent again: so no line is torn, none is doubled, and the order stays.
 */
export class FileSink implements Sink {
  readonly maxInFlight = 16
  readonly isLocal = true
  readonly recovered: readonly Progress[]
  readonly #parts: Parts
  readonly #records: Records
  readonly #output = new Output(outputBytes)
  /** Lines of a batch that are in files which were put aside since: they stay when the batch has to be sent again. */
  readonly #written = new WeakMap<Batch, Uint8Array>()
  /** Batches and confirmations take turns. Never rejects. */
  #turn: Promise<void> = Promise.resolve()
  /** Counts failures: batches handed over before one was known are sent again after it. */
  #failures = 0
  /** Written, not confirmed. */
  #waiting: Deferred<SendOutcome>[] = []
  #unconfirmedBytes = 0
  #timer: NodeJS.Timeout | undefined
  readonly #idleTimer: NodeJS.Timeout

  private constructor(parts: Parts, recovered: readonly Progress[]) {
    this.#parts = parts
    this.#records = parts.options.format === 'text' ? new TextRecords() : ndjsonRecords()
    this.recovered = recovered
    this.#idleTimer = setInterval(() => this.#inTurn(() => parts.files.closeIdle(idleMs)), lookForIdleEveryMs)
  }

  static async open(options: FileOptions, { id, stateDir, log, metrics }: SinkContext): Promise<FileSink> {
    await using undo = new Owned()
    const compression = compressionOf(options.compress)
    const { journal, recovered } = await Journal.open(stateDir, log)
    undo.take(journal)
    const retention = { files: options.keep.files, ageMs: options.keep.age, totalBytes: options.keep.total_bytes }
    const rotated = undo.take(await RotatedFiles.open(stateDir, { compression, retention, log }))
    const files = undo.take(new OpenFiles((open) => metrics.sinkOpenFiles.set({ sink: id }, open)))
    const template = compileTemplate(options.path)
    return new FileSink({ options, template, journal, files, rotated, owned: undo.move() }, recovered)
  }

  send(batch: Batch): Promise<SendOutcome> {
    const waiter = deferred<SendOutcome>()
    const failures = this.#failures
    this.#inTurn(async () => {
      if (failures !== this.#failures) {
        waiter.resolve({ status: 'retry', reason: 'a batch before it could not be written' })
        return
      }
      try {
        await this.#write(batch)
      } finally {
        this.#waiting.push(waiter)
      }
      await this.#confirmSoon()
    })
    return waiter.promise
  }

  #inTurn(action: () => Promise<void>): void {
    this.#turn = this.#turn.then(action).catch((error: unknown) => this.#fail(messageOf(error)))
  }

  async #write(batch: Batch): Promise<void> {
    const { template, options, rotated } = this.#parts
    const written = this.#written.get(batch)
    const portions = encodePortions(batch, { template, records: this.#records, output: this.#output, written })
    const sizes =
      options.rotate.size === undefined && options.rotate.every === undefined ? noSizes : await this.#begin(portions)
    const segments = segmentsOf(portions, {
      sizes,
      maxBytes: options.rotate.size,
      isByTime: template.periodOf(1e9) !== 0,
    })
    for (const [number, { chunks, linesSoFar }] of segments.entries()) {
      const full = chunks.filter(({ inNewFile }) => inNewFile).map(({ path }) => path)
      if (full.length > 0) {
        await this.#confirm()
        this.#keep(batch, segments[number - 1]?.linesSoFar ?? [])
        for (const path of full) await this.#putAside(path)
      }
      const isLast = number === segments.length - 1
      await this.#writeChunks(chunks, isLast ? batch.progress : progressOf(batch, linesSoFar))
    }
    rotated.tidyIfDue()
  }

  /** Puts aside the files that are too old. @returns the sizes of those that the batch begins with. */
  async #begin(portions: readonly Portion[]): Promise<Map<string, number>> {
    const { files, options } = this.#parts
    const sizes = new Map<string, number>()
    const old: string[] = []
    for (const group of groupsOf(
      portions.map(({ path }) => path),
      maxTakenFiles,
    )) {
      for (const { path, size, bornMs } of await files.take(group)) {
        const isOld = options.rotate.every !== undefined && size > 0 && Date.now() - bornMs >= options.rotate.every
        if (isOld) old.push(path)
        sizes.set(path, isOld ? 0 : size)
      }
    }
    if (old.length > 0) await this.#confirm()
    for (const path of old) await this.#putAside(path)
    return sizes
  }

  /** For a file of which everything is confirmed: what is put aside cannot be taken back. */
  async #putAside(path: string): Promise<void> {
    await this.#parts.files.release(path)
    try {
      await this.#parts.rotated.putAside(path)
    } catch (error) {
      throw fileError(path, error)
    }
  }

  #keep(batch: Batch, lines: readonly number[]): void {
    if (lines.length === 0) return
    const written = this.#written.get(batch) ?? new Uint8Array(batch.count)
    for (const line of lines) written[line] = 1
    this.#written.set(batch, written)
  }

  /** As many files at a time as may be open; the journal knows that they belong together. */
  async #writeChunks(chunks: readonly Chunk[], progress: readonly Progress[]): Promise<void> {
    const { files, journal } = this.#parts
    const groups = groupsOf(chunks, maxTakenFiles)
    for (const [number, group] of groups.entries()) {
      const taken = await files.take(group.map(({ path }) => path))
      const intents = taken.map(({ path, inode, size }, i) => {
        const { from, to } = group[i]!
        return { path, inode, offset: size, length: to - from }
      })
      const isLast = number === groups.length - 1
      await journal.append(isLast ? progress : [], intents, isLast ? 'whole' : 'first of more')
      await all(taken.map((file, i) => files.append(file, this.#output.bytes.subarray(group[i]!.from, group[i]!.to))))
      for (const { length } of intents) this.#unconfirmedBytes += length
    }
  }

  async #confirmSoon(): Promise<void> {
    const { sync_every: delayMs } = this.#parts.options
    if (delayMs === 0 || this.#unconfirmedBytes > confirmAboveBytes || this.#waiting.length >= this.maxInFlight / 2)
      await this.#confirm()
    else this.#timer ??= setTimeout(() => this.#inTurn(() => this.#confirm()), delayMs)
  }

  /** Only in turn: a confirmation covers just what was written before it. */
  async #confirm(): Promise<void> {
    const { files, journal } = this.#parts
    if (files.hasUnconfirmed) await all([files.confirm(), journal.sync()])
    await journal.confirmed()
    this.#settle({ status: 'delivered' })
  }

  async #fail(reason: string): Promise<void> {
    this.#failures += 1
    await this.#parts.files.takeBack()
    await this.#parts.journal.takenBack()
    this.#settle({ status: 'retry', reason })
  }

  #settle(outcome: SendOutcome): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#unconfirmedBytes = 0
    for (const { resolve } of this.#waiting.splice(0)) resolve(outcome)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#idleTimer)
    this.#inTurn(() => this.#confirm())
    await this.#turn
    await this.#parts.owned[Symbol.asyncDispose]()
  }
}

const noSizes: ReadonlyMap<string, number> = new Map()

function groupsOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}
