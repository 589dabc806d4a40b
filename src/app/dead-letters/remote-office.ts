import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
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
import { messageOf } from '../../lib/error.ts'
import { apiUrl } from '../api-url.ts'
import type { CollectorConfig } from '../registries.ts'
import { OfficeError } from './office-error.ts'

/** A collector that is stuck shall not hold whoever asks. */
const timeoutMs = 30_000

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** The dead letters that a running collector has open, over its API. */
export class RemoteOffice implements DeadLetterOffice {
  readonly #base: string

  private constructor(base: string) {
    this.#base = base
  }

  /** Asks the collector of this configuration, which process `processId` is, whether it is the one with this data_dir. */
  static async connect({ api, dataDir }: CollectorConfig, processId: number): Promise<RemoteOffice> {
    const folder = await realpath(resolve(dataDir))
    const who = `data_dir ${folder} is in use by process ${processId}`
    if (api.listen === 'off' || api.listen.port === 0)
      throw new OfficeError(`${who}, and its API cannot be asked: api.listen of this configuration names no port`, {
        hint: 'stop that process, or set api.listen, for the collector too',
      })
    const office = new RemoteOffice(`${apiUrl(api.listen)}/api/v1/dead-letters`)
    const theirs = await office.list({ limit: 1 })
    if (theirs.dataDir !== folder)
      throw new OfficeError(`${who}, but what answers at ${office.#base} has the data_dir ${theirs.dataDir}`, {
        hint: 'give the configuration that the collector runs with',
      })
    return office
  }

  async list({ sink, after, limit }: DeadLetterQuery): Promise<DeadLetterList> {
    const query = new URLSearchParams({ limit: String(limit) })
    if (sink !== undefined) query.set('sink', sink)
    if (after !== undefined) query.set('after', after)
    return (await this.#ask('GET', `?${query.toString()}`)).body as DeadLetterList
  }

  async read(id: string, limit: { readonly lines: number }): Promise<OpenedDeadLetter | undefined> {
    const { status, body } = await this.#ask('GET', `/${encodeURIComponent(id)}?limit=${limit.lines}`)
    return status === 404 ? undefined : (body as OpenedDeadLetter)
  }

  async drop(selection: DeadLetterSelection): Promise<DroppedLetters> {
    return (await this.#ask('DELETE', '', selection)).body as DroppedLetters
  }

  async replay({ selection, linesPerSecond }: ReplayRequest): Promise<ReplayState> {
    const { status, body } = await this.#ask('POST', '/replay', { ...selection, rate: linesPerSecond })
    if (status === 409) throw new ReplayRunningError()
    return body as ReplayState
  }

  async replayState(): Promise<ReplayState | undefined> {
    const { replay } = (await this.#ask('GET', '/replay')).body as { readonly replay: ReplayState | null }
    return replay ?? undefined
  }

  /** Statuses that mean something to the caller come back; others are errors. */
  async #ask(method: string, path: string, content?: unknown): Promise<Answer> {
    const { status, body } = await this.#answerTo(method, path, content)
    if (status < 300 || status === 409 || (status === 404 && method === 'GET' && /^\/[^/]+\?/.test(path)))
      return { status, body }
    const { error, hint } = body as { readonly error?: unknown; readonly hint?: unknown }
    const said = typeof error === 'string' ? error : `it answered ${status}`
    throw new OfficeError(`the collector at ${this.#base} refused: ${said}`, {
      hint: typeof hint === 'string' ? hint : 'see whether this program and the collector are of one version',
    })
  }

  async #answerTo(method: string, path: string, content: unknown): Promise<Answer> {
    try {
      const answer = await fetch(`${this.#base}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        signal: AbortSignal.timeout(timeoutMs),
        redirect: 'error',
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      })
      const body: unknown = await answer.json()
      if (typeof body !== 'object' || body === null) throw new Error('the answer is none of a collector')
      return { status: answer.status, body }
    } catch (error) {
      const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error
      throw new OfficeError(`cannot ask the collector at ${this.#base}: ${messageOf(cause)}`, {
        cause,
        hint: 'it may be starting or ending; else see whether api.listen of this configuration is where it listens',
      })
    }
  }
}
