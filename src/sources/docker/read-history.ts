import type { Batch } from '../../batch/batch.ts'
import { BatchBuilder } from '../../batch/builder.ts'
import type { Engine } from '../../engine/engine.ts'
import { LineStream } from '../../engine/line-stream.ts'
import { dockerPieces, LineWriter, podmanPieces } from '../../engine/line-writer.ts'
import { LogReader } from '../../engine/log-reader.ts'
import type { ManagedStream } from '../../engine/managed-stream.ts'
import { formatEpoch } from '../../lib/timestamp.ts'
import { type Identity, originOf } from './container.ts'

/** The engine may search a long log for minutes. */
const readIdleMs = 300_000
/** As the collector cuts them, unless it is told otherwise. */
const maxLineBytes = 1024 * 1024
/** Hundreds of logs may be read at a time, a piece of each. */
const chunkBytes = 128 * 1024

/** Whoever takes batches, and may want no more for a while. */
export interface HistoryTaker {
  /** Takes over the batch. */
  take(batch: Batch): void
  readonly hasRoom: boolean
  room(signal: AbortSignal): Promise<void>
}

export interface HistoryRead {
  readonly sourceId: string
  readonly identity: Identity
  /** Undefined: both. */
  readonly stream: 'stdout' | 'stderr' | undefined
  /** Undefined: from the first line that the engine has. */
  readonly from: { readonly sinceSeconds: number } | { readonly last: number } | undefined
  /** What is done with a last line that has not ended: somebody reads on from here, or it is all there is. */
  readonly rest: 'is left' | 'is a line'
  readonly taker: HistoryTaker
}

/** Reads what an engine has now of one container's log, for people: no cursor moves. @throws what the engine answers, or the signal's reason */
export async function readHistory(engine: Engine, read: HistoryRead, signal: AbortSignal): Promise<void> {
  const { taker, stream: only, from } = read
  const builder = new BatchBuilder((batch) => taker.take(batch), chunkBytes)
  const reader = createReader(engine, read, builder)
  const open: { stream?: ManagedStream; wantsMore?: boolean } = {}
  const goOn = async () => {
    await taker.room(signal)
    open.wantsMore = true
    open.stream?.resume()
  }
  const onBody = (bytes: Buffer, start: number, end: number) => {
    reader.feed(bytes, start, end)
    builder.seal()
    if (taker.hasRoom) return true
    // It rejects only when nobody waits any more: then the read ends, too.
    goOn().catch(() => undefined)
    return false
  }
  const query = {
    ...{ follow: false, stdout: only !== 'stderr', stderr: only !== 'stdout' },
    ...(from === undefined ? {} : 'last' in from ? { tail: from.last } : { since: formatEpoch(from.sinceSeconds, 0) }),
  }
  await using stream = await engine.openLog(read.identity.id, query, { onBody, idleTimeoutMs: readIdleMs }, signal)
  open.stream = stream
  // The first piece may have come with the head, and there may be room again, before there was a stream.
  if (open.wantsMore === true) stream.resume()
  const onAbort = () => void stream.close()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const end = await stream.ended
    signal.throwIfAborted()
    if (end.kind === 'failed') throw end.error
    if (read.rest === 'is a line' && reader.isWithinLine) reader.finish()
    builder.seal()
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function createReader(engine: Engine, { sourceId, identity }: HistoryRead, builder: BatchBuilder): LogReader {
  const { isPodman = false, host = '' } = engine.facts ?? {}
  const clock = { now: () => Date.now() / 1000, isFine: false, neverRepeats: true }
  const streamOf = (stream: 'stdout' | 'stderr') =>
    new LineStream(originOf({ identity, stream, sourceId, host }), clock, undefined)
  const counts = { lines: 0, bytes: 0, repeats: 0, truncated: 0, gaps: 0 }
  return new LogReader({
    streams: { stdout: streamOf('stdout'), stderr: streamOf('stderr') },
    writer: new LineWriter({ builder, clock, counts, maxLineBytes }),
    rules: isPodman ? podmanPieces : dockerPieces,
  })
}
