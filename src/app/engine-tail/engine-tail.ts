import { compareCursors, type Cursor } from '../../batch/cursor.ts'
import type { SourceContext } from '../../component/source.ts'
import { type EngineAddress, formatAddress, parseAddress } from '../../engine/address.ts'
import { engineCandidates } from '../../engine/find-engine.ts'
import { firstAnswering } from '../../engine/probe-engine.ts'
import { Bug, LogCapturerError } from '../../lib/error.ts'
import { Owned } from '../../lib/owned.ts'
import { linkSignals } from '../../lib/wait.ts'
import { DockerSource } from '../../sources/docker/docker-source.ts'
import type { HistoryRead } from '../../sources/docker/read-history.ts'
import type { TailSelection } from '../../tail/line-selection.ts'
import { mergeByTime, type TailLines } from '../../tail/merge-by-time.ts'
import type { Log } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import type { CollectorConfig } from '../registries.ts'
import { BatchFeed } from './batch-feed.ts'
import { History } from './history.ts'

/** No engine answers. */
export class NoEngineError extends LogCapturerError {
  readonly code = 'NO_ENGINE'
}

export interface EngineTailOptions {
  /** Its sources say where the engines are; what they include and exclude does not count here. */
  readonly config: CollectorConfig
  readonly selection: TailSelection
  /** Where the lines of containers that are there begin; undefined: now, or, without following, at the first line. */
  readonly from: HistoryRead['from']
  /** False: what is there now, and no more. */
  readonly isFollowing: boolean
  readonly log: Log
}

/**
 * Lines straight from the engines of a configuration, without a collector, and kept nowhere. What is there comes in the order of its time over all containers; what
 * comes then is read as a collector reads it, containers that appear later included. Closing it closes every connection.
 */
export class EngineTail implements AsyncDisposable {
  readonly #options: EngineTailOptions
  readonly #engines: readonly FoundEngine[]
  readonly #closing = new AbortController()

  private constructor(options: EngineTailOptions, engines: readonly FoundEngine[]) {
    this.#options = options
    this.#engines = engines
  }

  /** @throws NoEngineError where one of them does not answer */
  static async open(options: EngineTailOptions, signal: AbortSignal): Promise<EngineTail> {
    const engines: FoundEngine[] = []
    for (const { id, options: source } of dockerSources(options.config))
      engines.push({ id, source, address: await findEngine(source, signal) })
    return new EngineTail(options, engines)
  }

  /** The wanted lines, some at a time. Ends when nothing more comes; rejects when `signal` aborts. */
  async *lines(signal: AbortSignal): TailLines {
    const { from, isFollowing } = this.#options
    using either = linkSignals(signal, this.#closing.signal)
    const reached = new Map<string, Reached>()
    if (!isFollowing || (from && 'last' in from)) yield* this.#history(reached, either.signal)
    if (isFollowing) yield* this.#follow(reached, either.signal)
  }

  async *#history(reached: Map<string, Reached>, signal: AbortSignal): TailLines {
    const { selection, from, isFollowing, log } = this.#options
    const options = { selection, from, rest: isFollowing ? 'is left' : 'is a line', log } as const
    await using owned = new Owned()
    const logs: TailLines[] = []
    for (const { id, address } of this.#engines) {
      const history = owned.take(await History.open({ id, address, ...options }, signal))
      logs.push(...history.logs)
      reached.set(id, history)
    }
    yield* mergeByTime(logs)
  }

  async *#follow(reached: ReadonlyMap<string, Reached>, signal: AbortSignal): TailLines {
    const { selection, from, log } = this.#options
    const sinceSeconds = from && 'sinceSeconds' in from ? from.sinceSeconds : undefined
    const feed = new BatchFeed(selection)
    const stop = new AbortController()
    using either = linkSignals(signal, stop.signal)
    await using owned = new Owned()
    const sources: DockerSource[] = []
    for (const { id, address, source } of this.#engines) {
      const context = contextOf(id, { feed, log, reached: reached.get(id) ?? nothingReached(sinceSeconds) })
      sources.push(owned.take(await openSource({ address, source, selection }, context)))
    }
    const running = Promise.all(sources.map((source) => source.run(either.signal))).then(
      () => feed.end(),
      (error: unknown) => feed.end(error as Error),
    )
    // Taken last, and so done first: what runs ends before it is closed.
    owned.defer(() => {
      stop.abort(new Error('nobody reads on'))
      return running
    })
    yield* feed.lines(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the tail is closing'))
  }
}

/** Where following goes on. */
type Reached = Pick<History, 'cursors' | 'begunAtSeconds'>

function nothingReached(sinceSeconds: number | undefined): Reached {
  return { cursors: new Map(), begunAtSeconds: sinceSeconds ?? Number.POSITIVE_INFINITY }
}

interface FoundEngine {
  readonly id: string
  readonly address: EngineAddress
  readonly source: SourceOptions
}

type DockerConfig = Extract<CollectorConfig['sources'][number], { type: 'docker' }>
type SourceOptions = DockerConfig['options']

function dockerSources({ sources }: CollectorConfig): readonly DockerConfig[] {
  const found = sources.filter((one) => one.type === 'docker')
  if (found.length > 0) return found
  throw new NoEngineError('the configuration has no source that reads from an engine', {
    hint: 'start the collector, and tail what passes through it',
  })
}

async function findEngine({ host, tls }: SourceOptions, signal: AbortSignal): Promise<EngineAddress> {
  const choice = tls && { certPath: tls.cert_path, isVerified: tls.verify }
  const candidates = host === undefined ? engineCandidates() : [{ address: parseAddress(host, choice), from: 'host' }]
  const found = await firstAnswering(candidates, signal)
  if (found) return found.address
  const places = candidates.map(({ address }) => formatAddress(address)).join(', ')
  throw new NoEngineError(`no engine answers at ${places}`, { hint: '`log-capturer doctor` says why' })
}

/** The source that a collector would open, whose lines end here. */
function openSource(
  { address, source, selection }: Omit<FoundEngine, 'id'> & Pick<EngineTailOptions, 'selection'>,
  context: SourceContext,
): Promise<DockerSource> {
  const { container: names } = selection
  const { include: _include, exclude: _exclude, ...rest } = source
  const selected = names.length > 0 ? { include: { names: [...names] } } : {}
  return DockerSource.open({ ...rest, ...selected, from: 'now' }, address, context)
}

function contextOf(
  id: string,
  { feed, log, reached }: { readonly feed: BatchFeed; readonly log: Log; readonly reached: Reached },
): SourceContext {
  const since: Cursor = { seconds: reached.begunAtSeconds, nanos: 0, count: 0 }
  return {
    id,
    log,
    metrics: createMetrics(),
    // A container that is new begins with its first line, whatever was asked for.
    cursorOf: (key, begin) => reached.cursors.get(key) ?? (begin && compareCursors(since, begin) < 0 ? since : begin),
    markPresent: () => undefined,
    markDestroyed: () => undefined,
    output: {
      emit: (batch) => feed.take(id, batch),
      deliver: () => Promise.reject(new Bug('a source that is read from an engine delivers nothing')),
      get hasRoom() {
        return feed.hasRoom
      },
      hurry: () => undefined,
      room: (signal) => feed.room(signal),
    },
  }
}
