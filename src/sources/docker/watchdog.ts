import type { LogStreams } from '../../engine/log-streams.ts'
import { LogReader } from '../../engine/log-reader.ts'
import type { Shared } from './shared.ts'

const probeIdleMs = 30_000

/**
 * Whether the last line that the engine has in a container's log has been taken: a read of one line, milliseconds whatever the log's size.
 * Takes nothing itself. An empty log has been taken.
 */
export async function isLastLineTaken(
  shared: Shared,
  container: { readonly id: string; readonly streams: LogStreams },
  signal: AbortSignal,
): Promise<boolean> {
  let isTaken = true
  const reader = new LogReader({
    streams: container.streams,
    writer: shared.writer,
    rules: shared.pieceRules(),
    onFirstLine: (relation) => {
      isTaken = relation !== 'new'
      return false
    },
  })
  const onBody = (bytes: Buffer, from: number, to: number) => {
    reader.feed(bytes, from, to)
    return true
  }
  const { streams } = shared.options
  const query = { follow: false, tail: 1, stdout: streams.includes('stdout'), stderr: streams.includes('stderr') }
  await using stream = await shared.engine.openLog(container.id, query, { onBody, idleTimeoutMs: probeIdleMs }, signal)
  const onAbort = () => void stream.close()
  signal.addEventListener('abort', onAbort, { once: true })
  await stream.ended
  signal.removeEventListener('abort', onAbort)
  return isTaken
}
