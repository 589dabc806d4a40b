import { isUtf8 } from 'node:buffer'
import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  type DeadLetter,
  type DeadLetterLine,
  type DeadLetterList,
  type DeadLetterOffice,
  type DeadLetterQuery,
  type DeadLetterSelection,
  type DroppedLetters,
  type OpenedDeadLetter,
  type ReplayRequest,
  ReplayRunningError,
  type ReplayState,
} from '../../api/dead-letter-office.ts'
import type { Batch } from '../../batch/batch.ts'
import { formatTimestamp } from '../../lib/timestamp.ts'
import { DeadLetters } from '../../pipeline/dead-letters/dead-letters.ts'
import type { Letter } from '../../pipeline/dead-letters/letter.ts'
import { Replayer, type ReplayerOptions } from '../../pipeline/dead-letters/replayer.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { CollectorConfig } from '../registries.ts'

export interface LocalOfficeOptions {
  readonly letters: DeadLetters
  /** How a replay sends. */
  readonly send: ReplayerOptions['send']
  readonly troubleOf?: NonNullable<ReplayerOptions['troubleOf']>
  readonly dataDir: string
  readonly log: Log
  readonly metrics: Metrics
}

interface Telling {
  readonly log: Log
  readonly metrics: Metrics
}

/** The dead letters of a configuration's data_dir; the caller holds its lock. */
export async function openDeadLetters(config: CollectorConfig, { log, metrics }: Telling): Promise<DeadLetters> {
  const folder = join(resolve(config.dataDir), 'dead-letters')
  return DeadLetters.open({ folder, maxBytes: config.deadLetters.maxBytes, log, metrics })
}

/** The dead letters that this process has open. Closing it ends a replay. */
export class LocalOffice implements DeadLetterOffice, AsyncDisposable {
  readonly #letters: DeadLetters
  readonly #replayer: Replayer
  readonly #dataDir: string

  private constructor(letters: DeadLetters, replayer: Replayer, dataDir: string) {
    this.#letters = letters
    this.#replayer = replayer
    this.#dataDir = dataDir
  }

  /** The folder of `dataDir` must be there. */
  static async open({ dataDir, ...options }: LocalOfficeOptions): Promise<LocalOffice> {
    return new LocalOffice(options.letters, new Replayer(options), await realpath(dataDir))
  }

  async list({ sink, after, limit }: DeadLetterQuery): Promise<DeadLetterList> {
    const letters = this.#letters
    const listed: DeadLetter[] = []
    let next: string | undefined
    for await (const letter of letters.list({ sink, after })) {
      if (listed.length === limit) {
        next = listed.at(-1)!.id
        break
      }
      listed.push(shown(letter))
    }
    const totals = [...letters.totals()].map(([name, total]) => ({ sink: name, ...total }))
    return { dataDir: this.#dataDir, totals, bytes: letters.bytes, letters: listed, next, replay: this.#replay() }
  }

  async read(id: string, limit: { readonly lines: number }): Promise<OpenedDeadLetter | undefined> {
    const found = await this.#letters.read(id)
    return found && { ...shown(found.letter), content: linesOf(found.batch, limit.lines) }
  }

  async drop(selection: DeadLetterSelection): Promise<DroppedLetters> {
    const letters = this.#letters
    if ('all' in selection) return { letters: await letters.removeAll({}), missing: [] }
    if ('sink' in selection) return { letters: await letters.removeAll(selection), missing: [] }
    const missing: string[] = []
    const ids = new Set(selection.ids)
    for (const id of ids) if ((await letters.remove([id])) === 0) missing.push(id)
    return { letters: ids.size - missing.length, missing }
  }

  async replay({ selection, linesPerSecond }: ReplayRequest): Promise<ReplayState> {
    if (!this.#replayer.start({ letters: selection, linesPerSecond })) throw new ReplayRunningError()
    return this.#replay()!
  }

  async replayState(): Promise<ReplayState | undefined> {
    return this.#replay()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#replayer[Symbol.asyncDispose]()
  }

  #replay(): ReplayState | undefined {
    const { state } = this.#replayer
    if (!state) return undefined
    const { startedAtMs, withoutSink, ...rest } = state
    return { ...rest, startedAt: new Date(startedAtMs).toISOString(), withoutSink: Object.fromEntries(withoutSink) }
  }
}

function shown({ rejectedAtMs, ...rest }: Letter): DeadLetter {
  return { ...rest, rejectedAt: new Date(rejectedAtMs).toISOString() }
}

function linesOf({ columns, count, bytes, origins }: Batch, limit: number): DeadLetterLine[] {
  const { start, end, seconds, nanos, origin } = columns
  return Array.from({ length: Math.min(count, limit) }, (_, i) => {
    const text = bytes.subarray(start[i], end[i])
    const { container, stream } = origins[origin[i]!]!
    return {
      time: formatTimestamp(seconds[i]!, nanos[i]!),
      container: container.name,
      stream,
      ...(isUtf8(text) ? { text: text.toString() } : { base64: text.toString('base64') }),
    }
  })
}
