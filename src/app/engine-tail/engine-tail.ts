import { compareCursors } from '../../batch/cursor.ts'
import type { SourceContext } from '../../component/source.ts'
import { type EngineAddress, formatAddress, parseAddress } from '../../engine/address.ts'
import { engineCandidates } from '../../engine/find-engine.ts'
import { firstAnswering } from '../../engine/probe-engine.ts'
import { Bug, LogCapturerError } from '../../lib/error.ts'
import { Owned } from '../../lib/owned.ts'
import { DockerSource } from '../../sources/docker/docker-source.ts'
import type { TailSelection } from '../../tail/line-selection.ts'
import type { TailLine } from '../../tail/tail-line.ts'
import type { Log } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import type { CollectorConfig } from '../registries.ts'
import { BatchFeed } from './batch-feed.ts'
import { readHistory } from './history.ts'

/** No engine answers. */
export class NoEngineError extends LogCapturerError {
  readonly code = 'NO_ENGINE'
}

export interface EngineTailOptions {
  /** Its sources say where the engines are; what they include and exclude does not count here. */
  readonly config: CollectorConfig
  readonly selection: TailSelection
  /** Seconds since 1970, of the first line; undefined: from now on, or, without following, from the beginning. */
  readonly sinceSeconds: number | undefined
  /** False: what is there now, one container after the other, and no more. */
  readonly isFollowing: boolean
  readonly log: Log
}

/**
 * Lines straight from the engines of a configuration, without a collector: read as a collector reads them, containers that appear later included, and kept
 * nowhere. Closing it closes every connection.
 */
export class EngineTail implements AsyncDisposable {
  readonly #feed: BatchFeed
  readonly #owned: Owned

  private constructor(feed: BatchFeed, owned: Owned) {
    this.#feed = feed
    this.#owned = owned
  }

  /** @throws NoEngineError where one of them does not answer */
  static async open(options: EngineTailOptions, signal: AbortSignal): Promise<EngineTail> {
    await using undo = new Owned()
    const feed = new BatchFeed(options.selection)
    const runs: ((stop: AbortSignal) => Promise<void>)[] = []
    for (const { id, options: source } of dockerSources(options.config)) {
      const address = await findEngine(source, signal)
      if (options.isFollowing) {
        const opened = undo.take(await openSource({ id, address, source }, { ...options, feed }))
        runs.push((stop) => opened.run(stop))
      } else runs.push((stop) => readHistory({ id, address, feed, ...options }, stop))
    }
    const stop = new AbortController()
    const running = Promise.all(runs.map((run) => run(stop.signal))).then(
      () => feed.end(),
      (error: unknown) => feed.end(error as Error),
    )
    // Taken last, and so done first: what runs ends before it is closed.
    undo.defer(async () => {
      stop.abort(new Error('the tail is closing'))
      await running
    })
    return new EngineTail(feed, undo.move())
  }

  /** The wanted lines, some at a time. Ends when nothing more comes; rejects when `signal` aborts. */
  lines(signal: AbortSignal): AsyncGenerator<readonly TailLine[]> {
    return this.#feed.lines(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]()
  }
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

interface TailedSource {
  readonly id: string
  readonly address: EngineAddress
  readonly source: SourceOptions
}

/** The source that a collector would open, whose lines end here. */
function openSource(
  { id, address, source }: TailedSource,
  tail: EngineTailOptions & { readonly feed: BatchFeed },
): Promise<DockerSource> {
  const { container: names } = tail.selection
  const { include: _include, exclude: _exclude, ...rest } = source
  const selected = names.length > 0 ? { include: { names: [...names] } } : {}
  return DockerSource.open({ ...rest, ...selected, from: 'now' }, address, contextOf(id, tail))
}

function contextOf(
  id: string,
  { feed, sinceSeconds, log }: Pick<EngineTailOptions, 'sinceSeconds' | 'log'> & { readonly feed: BatchFeed },
): SourceContext {
  const since = sinceSeconds === undefined ? undefined : { seconds: sinceSeconds, nanos: 0, count: 0 }
  return {
    id,
    log,
    metrics: createMetrics(),
    // A container that is new begins with its first line, whatever was asked for.
    cursorOf: (_key, begin) => (since && begin && compareCursors(since, begin) < 0 ? since : begin),
    markPresent: () => undefined,
    markDestroyed: () => undefined,
    output: {
      emit: (batch) => feed.take(id, batch),
      deliver: () => Promise.reject(new Bug('a source that is read from an engine delivers nothing')),
      get hasRoom() {
        return feed.hasRoom
      },
      room: (signal) => feed.room(signal),
    },
  }
}
