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
import { Owned } from '../../lib/owned.ts'
import { CollectorClient } from '../client/collector-client.ts'
import { type CollectorTarget, targetOf } from '../client/target.ts'
import type { CollectorConfig } from '../registries.ts'
import { OfficeError } from './office-error.ts'

const path = '/api/v1/dead-letters'
/** The client has limits of its own for how long an answer may take. */
const forever = new AbortController().signal

/** The dead letters that a running collector has open, over its API. */
export class RemoteOffice implements DeadLetterOffice, AsyncDisposable {
  readonly #client: CollectorClient

  private constructor(client: CollectorClient) {
    this.#client = client
  }

  /** Asks the collector of this configuration, which process `processId` is, whether it is the one with this data_dir. @throws OfficeError, ClientError */
  static async connect({ config, target, processId }: RemoteOptions): Promise<RemoteOffice> {
    const folder = await realpath(resolve(config.dataDir))
    const who = `data_dir ${folder} is in use by process ${processId}`
    await using undo = new Owned()
    const client = undo.take(new CollectorClient(targetFor(config, target, who)))
    const office = new RemoteOffice(client)
    const theirs = await office.list({ limit: 1 })
    if (theirs.dataDir !== folder)
      throw new OfficeError(`${who}, but what answers at ${client.url} has the data_dir ${theirs.dataDir}`, {
        hint: 'give the configuration that the collector runs with',
      })
    undo.move()
    return office
  }

  async list({ sink, after, limit }: DeadLetterQuery): Promise<DeadLetterList> {
    const query = new URLSearchParams({ limit: String(limit) })
    if (sink !== undefined) query.set('sink', sink)
    if (after !== undefined) query.set('after', after)
    return (await this.#client.get(`${path}?${query.toString()}`, forever)) as DeadLetterList
  }

  async read(id: string, limit: { readonly lines: number }): Promise<OpenedDeadLetter | undefined> {
    const asked = { expected: [404] }
    const { status, body } = await this.#client.ask(
      `${path}/${encodeURIComponent(id)}?limit=${limit.lines}`,
      asked,
      forever,
    )
    return status === 404 ? undefined : (body as OpenedDeadLetter)
  }

  async drop(selection: DeadLetterSelection): Promise<DroppedLetters> {
    const { body } = await this.#client.ask(path, { method: 'DELETE', content: selection }, forever)
    return body as DroppedLetters
  }

  async replay({ selection, linesPerSecond }: ReplayRequest): Promise<ReplayState> {
    const content = { ...selection, rate: linesPerSecond }
    const { status, body } = await this.#client.ask(
      `${path}/replay`,
      { method: 'POST', content, expected: [409] },
      forever,
    )
    if (status === 409) throw new ReplayRunningError()
    return body as ReplayState
  }

  async replayState(): Promise<ReplayState | undefined> {
    const { replay } = (await this.#client.get(`${path}/replay`, forever)) as { readonly replay: ReplayState | null }
    return replay ?? undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
  }
}

interface RemoteOptions {
  readonly config: CollectorConfig
  /** Where it is asked, and as whom, made from what the configuration says. */
  readonly target: (configured: CollectorTarget) => CollectorTarget
  readonly processId: number
}

function targetFor(config: CollectorConfig, target: RemoteOptions['target'], who: string): CollectorTarget {
  const { listen } = config.api
  if (listen === 'off' || listen.port === 0)
    throw new OfficeError(`${who}, and its API cannot be asked: api.listen of this configuration names no port`, {
      hint: 'stop that process, or set api.listen, for the collector too',
    })
  return target(targetOf(config))
}
