import type { Cursor } from '../batch/cursor.ts'
import type { LineStream } from './line-stream.ts'

/** The two streams of a container that one log carries. With a TTY everything comes as stdout. */
export interface LogStreams {
  readonly stdout: LineStream
  readonly stderr: LineStream
}

/** Whether lines, and not only a place to begin at, are behind the cursor. */
export function hasLines({ stdout, stderr }: LogStreams): boolean {
  return stdout.count > 0 || stderr.count > 0
}

/** Where a read must begin to miss nothing of either stream. A stream without lines yet began after the other's cursor, or has none. */
export function earliestCursor({ stdout, stderr }: LogStreams): Cursor | undefined {
  const cursors = [stdout, stderr].filter((stream) => stream.hasCursor).map((stream) => stream.cursor())
  return cursors.sort((a, b) => a.seconds - b.seconds || a.nanos - b.nanos)[0]
}
