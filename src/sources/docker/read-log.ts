import type { BodyReader, BodyReaderOptions } from '../../engine/body-reader.ts'
import { EngineStatusError } from '../../engine/engine-error.ts'
import type { LogQuery } from '../../engine/engine.ts'
import type { LineRelation } from '../../engine/line-stream.ts'
import { LogReader } from '../../engine/log-reader.ts'
import { earliestCursor, hasLines, type LogStreams, proofOf } from '../../engine/log-streams.ts'
import type { ManagedStream } from '../../engine/managed-stream.ts'
import { formatEpoch } from '../../lib/timestamp.ts'
import type { Shared } from './shared.ts'

/** Which part of a log a read begins with. */
export type ReadFrom =
  /** The first line that the engine has. */
  | { readonly kind: 'beginning' }
  /**
   * The last so many lines. The engine finds them in milliseconds, however long the log is; whether they reach back to the cursor shows at
   * the first line, and the read stops there when they do not.
   */
  | { readonly kind: 'window'; readonly lines: number }
  /** The cursor. The engine searches the whole log for it: seconds of its processor for some hundred megabytes. */
  | { readonly kind: 'cursor' }

export interface LogRead {
  readonly id: string
  readonly streams: LogStreams
  readonly follow: boolean
  readonly from: ReadFrom
  /** The stream is open: to close it early, or to know that it is. */
  onOpen?(stream: ManagedStream): void
  onActivity?(): void
  /** Whether lines beyond the first piece may be taken; until it is known the read waits. */
  readonly isTrusted?: Promise<boolean>
  /** The read was held back so long. Whether it may go on. */
  mayResume?(heldBackMs: number): boolean
}

export type ReadEnd =
  /** The engine has sent all it has. `reader` can make a line of what has no line feed. */
  | { readonly kind: 'complete'; readonly reader: BodyReader }
  /** The window did not reach back to the cursor; nothing was taken. */
  | { readonly kind: 'not_covered' }
  /** The engine no longer gives this container's log. */
  | { readonly kind: 'gone' }
  /** The container's log driver cannot be read, ever. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: Error; readonly reader: BodyReader }
  | { readonly kind: 'closed' }

/** A bounded read may be silent while the engine searches (20 s for 500 MB were measured on two cores), not for ever. */
const boundedReadIdleMs = 300_000
/** A follow that is held back for longer than a second is of no use any more (see ApiReading), and reading all of it again costs the engine more than a disk costs us. */
const hurryAfterMs = 500

/** Reads one log response into the container's streams. @throws EngineUnreachable and its like when the engine did not answer. */
export async function readLog(shared: Shared, read: LogRead, signal: AbortSignal): Promise<ReadEnd> {
  const { streams } = read
  const window = { isCovered: true, hasBegun: false }
  const proof = read.from.kind === 'window' ? proofOf(streams, read.from.lines) : undefined
  const isCovered = () => window.isCovered
  let isBegun = false
  const reader = createReader(shared, read, (covered) => {
    window.hasBegun = true
    window.isCovered = covered
  })
  const open: { stream?: ManagedStream; wantsMore?: boolean } = {}
  // The first piece may come with the head, before there is a stream to resume.
  const goOn = () => {
    open.wantsMore = true
    open.stream?.resume()
  }
  const begin = () => {
    if (isBegun) return
    isBegun = true
    streams.stdout.beginRead(proof)
    streams.stderr.beginRead(proof)
  }
  const doubt = () => {
    window.isCovered = false
    streams.stdout.doubt()
    streams.stderr.doubt()
  }
  const trust = { isAwaited: read.isTrusted !== undefined, isRefused: false }
  let hurry: NodeJS.Timeout | undefined
  const resume = (sinceMs: number) => {
    clearTimeout(hurry)
    if (trust.isAwaited) return
    if (read.mayResume?.(performance.now() - sinceMs) === false) void open.stream?.close()
    else goOn()
  }
  void read.isTrusted?.then((isTrusted) => {
    trust.isAwaited = false
    trust.isRefused = !isTrusted
    if (isTrusted) goOn()
    else void open.stream?.close()
  })
  const onBody = (bytes: Buffer, from: number, to: number): boolean => {
    begin()
    if (!isCovered() || trust.isRefused) return true
    reader.feed(bytes, from, to)
    if (proof?.isRefuted === true) doubt()
    read.onActivity?.()
    if (!isCovered()) void open.stream?.close()
    const now = performance.now()
    if (shared.linesRead(() => resume(now))) return !trust.isAwaited
    clearTimeout(hurry)
    if (read.follow) hurry = setTimeout(() => shared.context.output.hurry(), hurryAfterMs)
    return false
  }
  try {
    const idleTimeoutMs = read.follow ? 0 : boundedReadIdleMs
    await using stream = await shared.engine.openLog(read.id, query(shared, read), { onBody, idleTimeoutMs }, signal)
    open.stream = stream
    if (open.wantsMore === true) stream.resume()
    begin()
    if (!isCovered()) return { kind: 'not_covered' }
    read.onOpen?.(stream)
    if (trust.isRefused) void stream.close()
    const onAbort = () => void stream.close()
    signal.addEventListener('abort', onAbort, { once: true })
    const end = await stream.ended
    signal.removeEventListener('abort', onAbort)
    const isWhole = end.kind === 'complete' && !read.follow
    if (isWhole && window.hasBegun && isCovered() && proof?.latest.hasShownCursor === false) doubt()
    if (!isCovered()) return { kind: 'not_covered' }
    switch (end.kind) {
      case 'complete':
        return { kind: 'complete', reader }
      case 'failed':
        return { kind: 'failed', error: end.error, reader }
      case 'closed':
        return { kind: 'closed' }
    }
  } catch (error) {
    return refusal(error)
  } finally {
    clearTimeout(hurry)
  }
}

function createReader(shared: Shared, read: LogRead, onCoverage: (isCovered: boolean) => void): BodyReader {
  const { streams, from } = read
  const { writer } = shared
  const options: BodyReaderOptions = {
    streams,
    writer,
    rules: shared.pieceRules(),
    ...(from.kind === 'beginning'
      ? {}
      : {
          onFirstLine: (relation: LineRelation) => {
            if (from.kind === 'window') {
              onCoverage(relation === 'taken')
              return relation === 'taken'
            }
            // The cursor's own line was there when it was taken; if it is not now, the lines after it may be missing, too.
            if (relation === 'new' && hasLines(streams)) writer.suspectGap()
            return true
          },
        }),
  }
  return new LogReader(options)
}

function query(shared: Shared, read: LogRead): LogQuery {
  const { streams } = shared.options
  const base = { follow: read.follow, stdout: streams.includes('stdout'), stderr: streams.includes('stderr') }
  switch (read.from.kind) {
    case 'beginning':
      return base
    case 'window':
      return { ...base, tail: read.from.lines }
    case 'cursor': {
      const cursor = earliestCursor(read.streams)
      return cursor === undefined ? base : { ...base, since: formatEpoch(cursor.seconds, cursor.nanos) }
    }
  }
}

/** What a refused read says of the container. @throws what is no such refusal */
export function refusal(error: unknown): ReadEnd {
  if (!(error instanceof EngineStatusError)) throw error
  switch (error.status) {
    // 409: "dead or marked for removal" (20.10): it will never be readable again.
    case 404:
    case 409:
      return { kind: 'gone' }
    case 501:
      return { kind: 'unreadable', reason: error.message }
    default:
      throw error
  }
}
