import { BatchBuilder } from '../../batch/builder.ts'
import type { EngineAddress } from '../../engine/address.ts'
import type { ListedContainer } from '../../engine/answers.ts'
import { Engine } from '../../engine/engine.ts'
import { EngineStatusError } from '../../engine/engine-error.ts'
import { ConnectionLedger } from '../../engine/ledger.ts'
import { LineStream } from '../../engine/line-stream.ts'
import { dockerPieces, LineWriter, podmanPieces } from '../../engine/line-writer.ts'
import { LogReader } from '../../engine/log-reader.ts'
import type { ManagedStream } from '../../engine/managed-stream.ts'
import { formatEpoch } from '../../lib/timestamp.ts'
import { matchesWildcard } from '../../lib/wildcard.ts'
import { identityOfListed, originOf } from '../../sources/docker/container.ts'
import type { TailSelection } from '../../tail/line-selection.ts'
import type { Log } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import type { BatchFeed } from './batch-feed.ts'

/** The engine may search a long log for minutes. */
const readIdleMs = 300_000
/** As the collector cuts them, unless it is told otherwise. */
const maxLineBytes = 1024 * 1024

export interface HistoryOptions {
  readonly id: string
  readonly address: EngineAddress
  readonly feed: BatchFeed
  readonly selection: TailSelection
  readonly sinceSeconds: number | undefined
  readonly log: Log
}

/** Reads what an engine has now of the logs of the wanted containers, one after the other by name. Rejects when `signal` aborts, or the engine goes away. */
export async function readHistory(options: HistoryOptions, signal: AbortSignal): Promise<void> {
  const { id, address, selection, log } = options
  const ledger = new ConnectionLedger(createMetrics(), id)
  await using engine = new Engine({ address, ledger, maxStreams: 1 })
  await engine.connect(signal)
  const { container: patterns } = selection
  const wanted = (await engine.list(signal))
    .map((listed) => ({ listed, name: identityOfListed(listed).name }))
    .filter(({ listed, name }) => listed.State !== 'created' && matchesAny(patterns, name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const { listed, name } of wanted) {
    try {
      await readOne(engine, listed, options, signal)
    } catch (error) {
      // It is gone meanwhile, or its driver gives nothing: the others are read all the same.
      if (!(error instanceof EngineStatusError)) throw error
      log.warn({ container: name, error: error.message }, 'the log of a container cannot be read')
    }
  }
}

function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matchesWildcard(pattern, name))
}

async function readOne(
  engine: Engine,
  listed: ListedContainer,
  { id, feed, selection, sinceSeconds }: HistoryOptions,
  signal: AbortSignal,
): Promise<void> {
  const { isPodman = false, host = '' } = engine.facts ?? {}
  const clock = { now: () => Date.now() / 1000, isFine: false, neverRepeats: true }
  const identity = identityOfListed(listed)
  const streamOf = (stream: 'stdout' | 'stderr') =>
    new LineStream(originOf({ identity, stream, sourceId: id, host }), clock, undefined)
  const builder = new BatchBuilder((batch) => feed.take(id, batch))
  const counts = { lines: 0, bytes: 0, repeats: 0, truncated: 0, gaps: 0 }
  const reader = new LogReader({
    streams: { stdout: streamOf('stdout'), stderr: streamOf('stderr') },
    writer: new LineWriter({ builder, clock, counts, maxLineBytes }),
    rules: isPodman ? podmanPieces : dockerPieces,
  })
  const open: { stream?: ManagedStream; wantsMore?: boolean } = {}
  const goOn = async () => {
    await feed.room(signal)
    open.wantsMore = true
    open.stream?.resume()
  }
  const onBody = (bytes: Buffer, from: number, to: number) => {
    reader.feed(bytes, from, to)
    builder.seal()
    if (feed.hasRoom) return true
    // It rejects only when nobody waits any more: then the read ends, too.
    goOn().catch(() => undefined)
    return false
  }
  const query = {
    follow: false,
    stdout: selection.stream !== 'stderr',
    stderr: selection.stream !== 'stdout',
    ...(sinceSeconds === undefined ? {} : { since: formatEpoch(sinceSeconds, 0) }),
  }
  await using stream = await engine.openLog(listed.Id, query, { onBody, idleTimeoutMs: readIdleMs }, signal)
  open.stream = stream
  // The first piece may have come with the head, and there may be room again, before there was a stream.
  if (open.wantsMore === true) stream.resume()
  const onAbort = () => void stream.close()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const end = await stream.ended
    signal.throwIfAborted()
    if (end.kind === 'failed') throw end.error
    if (reader.isWithinLine) reader.finish()
    builder.seal()
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
