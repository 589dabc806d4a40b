import type { Cursor } from '../../batch/cursor.ts'
import type { EngineAddress } from '../../engine/address.ts'
import { Engine } from '../../engine/engine.ts'
import { EngineStatusError } from '../../engine/engine-error.ts'
import { ConnectionLedger } from '../../engine/ledger.ts'
import { Owned } from '../../lib/owned.ts'
import { matchesWildcard } from '../../lib/wildcard.ts'
import { type Identity, identityOfListed } from '../../sources/docker/container.ts'
import { type HistoryRead, readHistory } from '../../sources/docker/read-history.ts'
import type { TailSelection } from '../../tail/line-selection.ts'
import type { TailLines } from '../../tail/merge-by-time.ts'
import type { Log } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { BatchFeed } from './batch-feed.ts'

export interface HistoryOptions {
  readonly id: string
  readonly address: EngineAddress
  readonly selection: TailSelection
  readonly from: HistoryRead['from']
  readonly rest: HistoryRead['rest']
  readonly log: Log
}

/** What an engine has now of the logs of the wanted containers: one sequence of lines for each, all of them being read. */
export class History implements AsyncDisposable {
  readonly logs: readonly TailLines[]
  /** Seconds since 1970 on the engine's clock, before any was read. */
  readonly begunAtSeconds: number
  /** Where each stream ends that lines came from, when `logs` have ended. */
  readonly cursors: ReadonlyMap<string, Cursor>
  readonly #owned: Owned

  private constructor({
    logs,
    begunAtSeconds,
    cursors,
    owned,
  }: Pick<History, 'logs' | 'begunAtSeconds' | 'cursors'> & { readonly owned: Owned }) {
    this.logs = logs
    this.begunAtSeconds = begunAtSeconds
    this.cursors = cursors
    this.#owned = owned
  }

  /** `signal` aborts the reads, too. @throws where the engine goes away */
  static async open(options: HistoryOptions, signal: AbortSignal): Promise<History> {
    const { id, address, selection } = options
    await using undo = new Owned()
    const ledger = new ConnectionLedger(createMetrics(), id)
    // One connection for each log: the next line in time may be of any of them.
    const engine = undo.take(new Engine({ address, ledger, maxStreams: Number.POSITIVE_INFINITY }))
    const { clockAheadSeconds } = await engine.connect(signal)
    const begunAtSeconds = Math.floor(Date.now() / 1_000 + clockAheadSeconds)
    const wanted = (await engine.list(signal))
      .filter(({ State }) => State !== 'created')
      .map(identityOfListed)
      .filter(({ name }) => matchesAny(selection.container, name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    const cursors = new Map<string, Cursor>()
    const logs = wanted.map((identity) => linesOf({ engine, identity, cursors, ...options }, signal))
    return new History({ logs, begunAtSeconds, cursors, owned: undo.move() })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]()
  }
}

function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matchesWildcard(pattern, name))
}

interface OneLog extends HistoryOptions {
  readonly engine: Engine
  readonly identity: Identity
  readonly cursors: Map<string, Cursor>
}

/** Begun when it is first asked for. */
async function* linesOf(
  { engine, identity, cursors, id, selection, from, rest, log }: OneLog,
  signal: AbortSignal,
): TailLines {
  const feed = new BatchFeed(selection)
  const taker = {
    get hasRoom() {
      return feed.hasRoom
    },
    room: (aborted: AbortSignal) => feed.room(aborted),
    take(batch: Parameters<HistoryRead['taker']['take']>[0]) {
      for (const { key, cursor } of batch.progress) cursors.set(key, cursor)
      feed.take(id, batch)
    },
  }
  const read = { sourceId: id, identity, stream: selection.stream, from, rest, taker }
  const ended = readHistory(engine, read, signal).then(
    () => feed.end(),
    (error: unknown) => {
      // It is gone meanwhile, or its driver gives nothing: the others are read all the same.
      if (error instanceof EngineStatusError)
        log.warn({ container: identity.name, error: error.message }, 'the log of a container cannot be read')
      feed.end(error instanceof EngineStatusError ? undefined : (error as Error))
    },
  )
  yield* feed.lines(signal)
  await ended
}
