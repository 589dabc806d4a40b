import type { LogStreams } from '../../engine/body-reader.ts'
import { FrameReader } from '../../engine/frame-reader.ts'
import { TtyReader } from '../../engine/tty-reader.ts'
import type { Shared } from './shared.ts'

/**
 * Whether the last line that the engine has in a container's log has been taken: a read of one line, milliseconds whatever the log's size.
 * Takes nothing itself. An empty log has been taken.
 */
export async function isLastLineTaken(
  shared: Shared,
  container: { id: string; isTty: boolean; streams: LogStreams },
  signal: AbortSignal,
): Promise<boolean> {
  let isTaken = true
  const options = {
    streams: container.streams,
    writer: shared.writer,
    rules: shared.pieceRules(),
    onFirstLine: (taken: boolean) => {
      isTaken = taken
      return false
    },
  }
  const reader = container.isTty ? new TtyReader(options) : new FrameReader(options)
  const onBody = (bytes: Buffer, from: number, to: number) => {
    reader.feed(bytes, from, to)
    return true
  }
  const { streams } = shared.options
  const which = {
    stdout: container.isTty || streams.includes('stdout'),
    stderr: !container.isTty && streams.includes('stderr'),
  }
  await using stream = await shared.engine.openLog(
    container.id,
    { follow: false, tail: 1, ...which },
    { onBody, idleTimeoutMs: 30_000 },
    signal,
  )
  const onAbort = () => void stream.close()
  signal.addEventListener('abort', onAbort, { once: true })
  await stream.ended
  signal.removeEventListener('abort', onAbort)
  return isTaken
}
